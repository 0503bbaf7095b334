/** The work queue alone, with a clock and an event loop that the test drives. */

import { describe, expect, it } from 'vitest'
import { InputError } from '../../../../core/errors.ts'
import { createQueue } from '../../../../server/http/limits/queue.ts'
import type { BusyError } from '../../../../server/http/problem.ts'

const ANNA = '192.168.1.20'

/** A queue for 16 pieces, in which those of the addresses in `early` came back too early. */
function queue(capacity = 16, early: readonly string[] = []) {
  const state = { time: 0, deferred: [] as (() => void)[] }
  const enqueue = createQueue(
    capacity,
    () => state.time,
    (task) => state.deferred.push(task),
    (address) => early.includes(address),
  )
  const turn = () => {
    for (const task of state.deferred.splice(0)) task()
  }
  const done: string[] = []
  /** Puts in a piece that takes `ms`. The text ends up in `done`. */
  const put = (address: string, text: string, ms = 0) =>
    enqueue(address, () => {
      state.time += ms
      done.push(text)
    }).catch(({ code }: BusyError) => done.push(`${text} ${code}`))
  return { state, enqueue, turn, done, put }
}

describe('the work queue', () => {
  it('does the first piece at once and one more per turn of the event loop, in order', async () => {
    const { put, done, turn } = queue()
    const all = ['1', '2', '3'].map((text) => put(ANNA, text))
    expect(done).toEqual(['1'])
    turn()
    expect(done).toEqual(['1', '2'])
    turn()
    expect(done).toEqual(['1', '2', '3'])
    await Promise.all(all)
    turn()
    await put(ANNA, '4')
    expect(done).toEqual(['1', '2', '3', '4'])
  })

  it('does pieces for as long as the time since the last turn was, for 20 ms at most', () => {
    const { state, put, done, turn } = queue()
    for (let k = 0; k < 17; k++) void put(ANNA, 'piece', 3)
    state.time += 7 // which were needed for requests
    turn()
    expect(done).toHaveLength(1 + 3)
    state.time += 500
    turn()
    expect(done).toHaveLength(1 + 3 + 7)
  })

  it('refuses the 17th that would wait with 503', async () => {
    const { enqueue, turn } = queue()
    const all = Array.from({ length: 18 }, (_, k) => enqueue(ANNA, () => k).catch((error: BusyError) => error))
    for (let k = 0; k < 18; k++) turn()
    const results = await Promise.all(all)
    expect(results.slice(0, 17)).toEqual(Array.from({ length: 17 }, (_, k) => k))
    expect(results[17]).toMatchObject({ status: 503, code: 'busy', retryAfter: 1 })
  })

  it('refuses what has waited for more than 1 s with 503, without doing it', async () => {
    const { state, put, done, turn } = queue()
    const all = ['1', '2'].map((text) => put(ANNA, text))
    state.time = 1001
    turn()
    await Promise.all(all)
    expect(done).toEqual(['1', '2 busy'])
  })

  it('has room for 16 and says at once that it has none', () => {
    const { enqueue, turn } = queue(Infinity)
    for (let k = 0; k < 17; k++) void enqueue(ANNA, () => {})
    expect(() => enqueue.room(ANNA)).toThrow(expect.objectContaining({ status: 503, code: 'busy', retryAfter: 1 }))
    turn()
    enqueue.room(ANNA)
  })

  it('goes on after a piece of work that throws', async () => {
    const { enqueue, turn } = queue()
    const failing = enqueue(ANNA, () => {
      throw new InputError(422, 'blank_image', 'nothing drawn')
    })
    const next = enqueue(ANNA, () => 'done')
    await expect(failing).rejects.toMatchObject({ code: 'blank_image' })
    turn()
    expect(await next).toBe('done')
  })
})

describe('networks in the work queue', () => {
  it('take turns: a newcomer waits for one piece of each that is waiting', () => {
    const { put, done, turn } = queue()
    for (const text of ['a1', 'a2', 'a3', 'a4']) void put('10.0.0.1', text)
    for (const text of ['b1', 'b2']) void put('10.0.0.2', text)
    void put(ANNA, 'anna')
    for (let k = 0; k < 7; k++) turn()
    expect(done).toEqual(['a1', 'a2', 'b1', 'anna', 'a3', 'b2', 'a4'])
  })

  it('lose their newest piece to a network that has fewer, the one with most first; its own are never shed for it', async () => {
    const { put, done, turn, enqueue } = queue(4)
    for (const text of ['a1', 'a2', 'a3', 'a4']) void put('10.0.0.1', text)
    void put('10.0.0.2', 'b1')
    enqueue.room(ANNA)
    void put(ANNA, 'anna1') // in place of a4
    void put(ANNA, 'anna2') // none has more than two
    expect(() => enqueue.room('10.0.0.1')).toThrow()
    void put('10.0.0.1', 'a5')
    for (let k = 0; k < 5; k++) turn()
    await Promise.resolve()
    expect(done.filter((text) => text.includes('busy')).sort()).toEqual(['a4 busy', 'a5 busy', 'anna2 busy'])
    expect(done.filter((text) => !text.includes('busy'))).toEqual(['a1', 'a2', 'b1', 'anna1', 'a3'])
  })

  it('that came back too early lose their pieces to one that did not, where all have equally many', async () => {
    const { put, done } = queue(2, ['10.0.0.2', '10.0.0.3'])
    for (const k of [1, 2, 3]) void put(`10.0.0.${k}`, `${k}`)
    void put(ANNA, 'anna')
    void put('10.0.0.4', 'other')
    void put('10.0.0.5', 'another')
    await Promise.resolve()
    expect(done).toEqual(['1', '2 busy', '3 busy', 'another busy'])
  })

  it('are whole /48s of IPv6', async () => {
    const { put, done } = queue(2)
    for (const k of [1, 2, 3]) void put(`2001:db8:7:${k}::1`, `${k}`)
    void put('2001:db8:8::1', 'other')
    await Promise.resolve()
    expect(done).toEqual(['1', '3 busy'])
  })
})

describe('the work queue of a server with other threads', () => {
  /** A queue with two seats. `finish` ends the piece that has been elsewhere for longest. */
  function seats() {
    const deferred: (() => void)[] = []
    const enqueue = createQueue(16, () => 0, (task) => deferred.push(task), undefined, 2) // biome-ignore format: one line
    const begun: string[] = []
    const ends: (() => void)[] = []
    const away = (name: string) => () => {
      begun.push(`${name} away`)
      return new Promise<string>((resolve) => ends.push(() => resolve(name)))
    }
    const here = (name: string) => () => {
      begun.push(`${name} here`)
      return name
    }
    const finish = async () => {
      ends.shift()?.()
      await new Promise(setImmediate)
    }
    const turn = () => {
      for (const task of deferred.splice(0)) task()
    }
    return { enqueue, begun, away, here, finish, turn }
  }

  it('hands over as many pieces as there are seats, the next in order when one is free, and is not busy itself', async () => {
    const { enqueue, begun, away, finish } = seats()
    const all = ['1', '2', '3', '4'].map((name) => enqueue(ANNA, { away: away(name) }))
    expect(begun).toEqual(['1 away', '2 away'])
    expect(enqueue.isBusy()).toBe(false)
    await finish()
    expect(begun).toEqual(['1 away', '2 away', '3 away'])
    for (let k = 0; k < 3; k++) await finish()
    expect(await Promise.all(all)).toEqual(['1', '2', '3', '4'])
  })

  it('does a piece that can be done anywhere here where it comes alone, elsewhere where this thread is busy, and else where there is room first', async () => {
    const { enqueue, begun, away, here, finish, turn } = seats()
    const all = ['1', '2', '3', '4', '5'].map((name) => enqueue(ANNA, { away: away(name), here: here(name) }))
    expect(begun).toEqual(['1 here', '2 away', '3 away'])
    turn()
    expect(begun.slice(3)).toEqual(['4 here'])
    await finish()
    expect(begun.slice(4)).toEqual(['5 away'])
    for (let k = 0; k < 2; k++) await finish()
    expect(await Promise.all(all)).toEqual(['1', '2', '3', '4', '5'])
  })

  it('lets networks take turns on the seats, and a piece for this thread pass those that wait for another', async () => {
    const { enqueue, begun, away, here, finish, turn } = seats()
    for (const name of ['1', '2', '3', '4']) void enqueue(ANNA, { away: away(name) })
    void enqueue('192.168.1.21', { away: away('other') })
    void enqueue(ANNA, here('first'))
    void enqueue(ANNA, here('second'))
    turn()
    expect(begun).toEqual(['1 away', '2 away', 'first here', 'second here'])
    await finish()
    await finish()
    expect(begun.slice(4).sort()).toEqual(['3 away', 'other away'])
  })

  it('gives a seat on when its piece failed', async () => {
    const { enqueue, begun, away } = seats()
    const failing = { away: () => Promise.reject(new Error('no')) }
    await Promise.all([1, 2, 3].map(() => expect(enqueue(ANNA, failing)).rejects.toThrow('no')))
    void enqueue(ANNA, { away: away('1') })
    expect(begun).toEqual(['1 away'])
  })
})
