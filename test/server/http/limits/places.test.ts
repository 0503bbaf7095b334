/** Places for what takes much memory, and the pieces of work of those who have one. */

import { describe, expect, it, vi } from 'vitest'
import { createLane } from '../../../../server/http/limits/lane.ts'
import { createPieces } from '../../../../server/http/limits/pieces.ts'
import { createPlaces } from '../../../../server/http/limits/places.ts'
import { createQueue } from '../../../../server/http/limits/queue.ts'

const [ANNA, BEN, CARL, DORA] = ['192.168.1.20', '192.168.1.21', '192.168.1.22', '192.168.1.23']

/** What became of a promise so far. */
function watch(promise: Promise<unknown>): { state: string } {
  const watched = { state: 'waits' }
  promise.then(
    () => (watched.state = 'in'),
    ({ status, code }) => (watched.state = `${status} ${code}`),
  )
  return watched
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('places', () => {
  it('are taken by as many as there are, the next waits until one is left, and in the order of coming', async () => {
    const enter = createPlaces(2, Infinity)
    const first = await enter(ANNA)
    await enter(ANNA)
    const [third, fourth] = [watch(enter(BEN)), watch(enter(CARL))]
    await settle()
    expect([third.state, fourth.state]).toEqual(['waits', 'waits'])
    first()
    first() // leaving twice leaves once
    await settle()
    expect([third.state, fourth.state]).toEqual(['in', 'waits'])
  })

  it('of one network are fewer: others pass those of it that wait', async () => {
    const enter = createPlaces(3, 1)
    const leave = await enter(ANNA)
    const second = watch(enter(ANNA))
    const other = watch(enter(BEN))
    await settle()
    expect([second.state, other.state]).toEqual(['waits', 'in'])
    leave()
    await settle()
    expect(second.state).toBe('in')
  })

  it('of those that wait, the last of the network with most of them is refused for another network', async () => {
    const enter = createPlaces(1, 1)
    const leave = await enter(ANNA)
    const waiting = Array.from({ length: 16 }, () => watch(enter(BEN)))
    const [carl, dora] = [watch(enter(CARL)), watch(enter(DORA))]
    await settle()
    expect(waiting.map(({ state }) => state)).toEqual([...Array(14).fill('waits'), '503 busy', '503 busy'])
    expect([carl.state, dora.state]).toEqual(['waits', 'waits'])
    leave()
  })

  it('are short where one waits whose network has some left', async () => {
    const enter = createPlaces(2, 1)
    const leave = await enter(ANNA)
    const second = watch(enter(ANNA))
    expect(enter.short()).toBe(false)
    await enter(BEN)
    expect(enter.short()).toBe(false)
    const third = watch(enter(CARL))
    expect(enter.short()).toBe(true)
    leave()
    await settle()
    expect([second.state, third.state, enter.short()]).toEqual(['in', 'waits', true])
  })

  it('count a /48 of IPv6 as one network', async () => {
    const enter = createPlaces(3, 1)
    await enter('2001:db8:1:1::1')
    const second = watch(enter('2001:db8:1:2::1'))
    await settle()
    expect(second.state).toBe('waits')
  })

  it('are refused with 503 after 3 s, and at once where 16 wait', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const enter = createPlaces(1, 1)
      const leave = await enter(ANNA)
      const waiting = Array.from({ length: 16 }, () => watch(enter(BEN)))
      const late = watch(enter(BEN))
      await settle()
      expect(late.state).toBe('503 busy')
      vi.advanceTimersByTime(2999)
      await settle()
      expect(waiting.every(({ state }) => state === 'waits')).toBe(true)
      vi.advanceTimersByTime(1)
      await settle()
      expect(waiting.every(({ state }) => state === '503 busy')).toBe(true)
      leave()
      expect(watch(enter(DORA))).toEqual({ state: 'waits' }) // and is in at the next turn
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('work in pieces', () => {
  const queue = createQueue(16, () => performance.now(), setImmediate)
  const inPieces = createPieces(
    queue,
    createLane((work) => queue('slow lane', work), 8),
    createPlaces(2, 1),
  )
  const never = () => false

  it('that is one piece is done like any other work, and takes no place', async () => {
    // biome-ignore lint/correctness/useYield: one piece
    function* one(k: number) {
      return k
    }
    const all = Array.from({ length: 16 }, (_, k) => inPieces(ANNA, one(k), never))
    expect(await Promise.all(all)).toEqual(all.map((_, k) => k))
  })

  it('that is many leaves others a turn after each', async () => {
    const done: string[] = []
    function* many() {
      for (let k = 0; k < 5; k++) {
        done.push('piece')
        yield
      }
      return 'whole'
    }
    const whole = inPieces(ANNA, many(), never)
    const others: Promise<unknown>[] = []
    while (done.length < 9) {
      others.push(queue(BEN, () => done.push('other')))
      await settle()
    }
    expect(await whole).toBe('whole')
    await Promise.all(others)
    expect(done.join(' ')).not.toContain('piece piece piece')
  })

  it('ends when the client has left, and its place is free', async () => {
    let [left, pieces] = [false, 0]
    function* endless(): Generator<void, never> {
      for (;;) {
        pieces++
        yield
      }
    }
    const gone = watch(inPieces(ANNA, endless(), () => left))
    for (let k = 0; k < 10; k++) await settle()
    left = true
    for (let k = 0; k < 5; k++) await settle()
    const until = pieces
    for (let k = 0; k < 10; k++) await settle()
    expect([gone.state, pieces]).toEqual(['400 client_gone', until])
    function* two() {
      yield
      return 2
    }
    expect(await inPieces(ANNA, two(), never)).toBe(2)
  })

  it('that fails in any piece rejects with its error', async () => {
    function* failing() {
      yield
      throw new RangeError('bad')
    }
    await expect(inPieces(ANNA, failing(), never)).rejects.toThrow('bad')
  })
})
