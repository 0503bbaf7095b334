/** The slow lane, on a work queue whose event loop the test drives. */

import { describe, expect, it } from 'vitest'
import { InputError } from '../../../../core/errors.ts'
import { createLane } from '../../../../server/http/limits/lane.ts'
import { createQueue } from '../../../../server/http/limits/queue.ts'

const [ANNA, BEN] = ['192.168.1.20', '192.168.1.21']

describe('the slow lane', () => {
  const turns: (() => void)[] = []
  const queue = createQueue(
    16,
    () => 0,
    (task) => turns.push(task),
  )
  const lane = (capacity: number) => createLane((work) => queue('slow lane', work), capacity)
  /** Turns the event loop until nothing is left to do. */
  async function settle() {
    for (let idle = 0; idle < 20; idle++) {
      await Promise.resolve()
      if (turns.length > 0) idle = 0
      for (const task of turns.splice(0)) task()
    }
  }

  it('lets slow requests take turns, and others in between after one piece of theirs at most', async () => {
    const done: string[] = []
    const slowly = lane(2)
    const slow = (name: string) =>
      slowly(ANNA, async (turn) => {
        for (let k = 0; k < 3; k++) await turn(() => done.push(name))
      })
    const both = [slow('a'), slow('b')]
    for (const name of ['x', 'y', 'z']) void queue(ANNA, () => done.push(name))
    await settle()
    await Promise.all(both)
    expect(done.filter((name) => 'ab'.includes(name)).join('')).toBe('ababab')
    const pieces = (name: string) => done.slice(0, done.indexOf(name)).filter((other) => 'ab'.includes(other)).length
    expect(['x', 'y', 'z'].map((name, k) => pieces(name) - k).every((more) => more <= 1)).toBe(true)
  })

  it('refuses the third of two with 503, goes on after one that fails, and has room again when one has ended', async () => {
    const slowly = lane(2)
    const failing = slowly(ANNA, (turn) =>
      turn(() => {
        throw new InputError(422, 'no_dropout', 'none')
      }),
    ).catch((error: InputError) => error.code)
    const second = slowly(ANNA, (turn) => turn(() => 'done'))
    await expect(slowly(ANNA, (turn) => turn(() => 'never'))).rejects.toMatchObject({ status: 503, code: 'busy' })
    await settle()
    expect([await failing, await second]).toEqual(['no_dropout', 'done'])
    const third = slowly(ANNA, (turn) => turn(() => 'again'))
    await settle()
    expect(await third).toBe('again')
  })

  it('ends the newest request of the network with most of them for one of another network', async () => {
    const slowly = lane(3)
    const three = (name: string) =>
      slowly(name === 'ben' ? BEN : ANNA, async (turn) => {
        for (let k = 0; k < 3; k++) await turn(() => {})
        return name
      }).catch(({ code }: InputError) => `${name} ${code}`)
    const all = ['1', '2', '3', 'ben', '4'].map(three)
    await settle()
    expect(await Promise.all(all)).toEqual(['1', '2', '3 busy', 'ben', '4 busy'])
  })
})
