/** The stopwatch with a simulated clock. */

import { describe, expect, test } from 'vitest'
import { measureDrift } from '../../../core/benchmark/drift.ts'
import { measure, type SamplingPlan, sampleLength } from '../../../core/benchmark/measure.ts'

const PACE: SamplingPlan = { warmUp: 10, budget: 100, sample: 1, slice: 40 }

/** Calls take the times given, ms, in turn; each pause takes a whole second. */
function measured(times: readonly number[], pace: Partial<SamplingPlan> = {}) {
  let [now, calls, pauses] = [0, 0, 0]
  const call = () => {
    now += times[calls++ % times.length]
  }
  const steps = measure(call, () => now, { ...PACE, ...pace })
  for (;;) {
    const { done, value } = steps.next()
    if (done) return { ...value, calls, pauses, took: now - pauses * 1000 }
    pauses++
    now += 1000
  }
}

describe('measure', () => {
  test('samples calls of 4 ms 25 times in 100 ms, after 4 of warm-up: one, and 10 ms in which none was faster', () => {
    const { median, p99, fastest, samples, calls } = measured([4])
    expect([median, p99, fastest, samples, calls]).toEqual([4000, 4000, 4000, 25, 29])
  })

  test('makes a sample of 1 ms from many calls of 1/64 ms', () => {
    const { median, samples, took } = measured([1 / 64])
    expect([median, samples]).toEqual([1000 / 64, 100])
    expect(took).toBeLessThan(PACE.warmUp + PACE.budget + 2 * PACE.sample)
  })

  test('3 slow samples of 100 show in the 99th percentile, not in the median', () => {
    const times = Array.from({ length: 100 }, (_, i) => (i % 40 === 39 ? 50 : 2))
    const { median, p99, fastest } = measured([...times, 50], { budget: 346, warmUp: 0 })
    expect([median, p99, fastest]).toEqual([2000, 50_000, 2000])
  })

  test('warms up as long as calls become faster, as they do when they are optimised', () => {
    let [now, made] = [0, 0]
    const call = () => {
      now += made++ < 7 ? 8 : made < 9 ? 4 : 1
    }
    const steps = measure(call, () => now, { ...PACE, warmUp: 50, slice: 1000 })
    const { done, value } = steps.next()
    expect(done).toBe(true)
    expect(value).toMatchObject({ median: 1000, p99: 1000, samples: 100 })
  })

  test('warms up for at most 8 times as long when calls become ever faster', () => {
    let [now, made] = [0, 0]
    const call = () => {
      now += 8 * 0.9 ** made++
    }
    // 8 (1 - 0.9^n) / 0.1 approaches 80 ms: eight times 5 ms have passed after seven calls
    const steps = measure(call, () => now, { ...PACE, warmUp: 5, budget: 1, sample: 0.01, slice: 1000 })
    expect(steps.next().done).toBe(true)
    expect(made).toBe(7 + 1)
  })

  test('a call of 5 s is made twice, once to warm up', () => {
    const { calls, samples, median } = measured([5000])
    expect([calls, samples, median]).toEqual([2, 1, 5_000_000])
  })

  test('yields after every 40 ms of work, and does not count the time of the pause', () => {
    const { pauses, median, p99, samples } = measured([4])
    expect(pauses).toBe(2) // 116 ms
    expect([median, p99, samples]).toEqual([4000, 4000, 25])
    expect(measured([4], { slice: 8 }).pauses).toBe(14)
  })
})

describe('on a busy machine', () => {
  /** This thread has the core for 3 ms of every 12; its processor time is known in steps of 4 ms. */
  function disturbed(length: number) {
    let [now, had] = [0, 0]
    const call = () => {
      for (let left = length; left > 0; ) {
        const slice = Math.min(left, 3 - (had % 3))
        had += slice
        now += slice
        left -= slice
        if (had % 3 === 0) now += 9
      }
    }
    const steps = measure(call, () => now, { ...PACE, slice: 1e9, processor: () => Math.floor(had / 4) * 4 })
    const { done, value } = steps.next()
    if (!done) throw new Error('a pause within an hour of work')
    return { ...value, took: now }
  }

  test.each([
    1.25, 2.5, 15,
  ])('a call of %d ms that has a core for a quarter of the time takes so long, within 6 %%', (ms) => {
    const { median, p99 } = disturbed(ms)
    expect(Math.abs(median - ms * 1000) / ms / 1000).toBeLessThan(0.06)
    expect(p99).toBeGreaterThan(ms * 1000 + 8999)
  })

  test('short calls have the median of those that are not interrupted: half a millisecond', () => {
    expect(disturbed(0.5)).toMatchObject({ median: 500, fastest: 500 })
  })

  test('takes at most four budgets for it, and the warm-up', () => {
    expect(disturbed(15).took).toBeLessThanOrEqual(4 * PACE.budget + 8 * PACE.warmUp + 2 * 60)
  })
})

describe('a sample', () => {
  const ticking = (step: number) => {
    let reads = 0
    return () => Math.floor(reads++ / 10) * step
  }

  test('lasts 20 steps of a clock that is rounded to 1 ms', () => {
    expect(sampleLength(ticking(1))).toBe(20)
  })

  test('lasts 0.2 ms where the clock is finer than 10 µs', () => {
    expect(sampleLength(ticking(0.001))).toBe(0.2)
  })
})

describe('a machine', () => {
  const judged = (...speeds: number[]) => measureDrift(speeds.map((gflops, i) => ({ seconds: i, gflops })))

  test('that falls from 60 to 50 GFLOP/s has lost a sixth of its speed, also where it recovers', () => {
    for (const speeds of [
      [60, 59, 50, 50],
      [60, 48, 50, 61],
      [40, 60, 50, 45, 45, 60],
    ]) {
      expect(judged(...speeds).throttled).toBe(true)
      expect(judged(...speeds).loss).toBeGreaterThan(1 / 6 - 1e-9)
    }
    expect(judged(60, 59, 50, 50).loss).toBeCloseTo(1 / 6, 12)
    expect(judged(40, 60, 50, 45, 45, 60).loss).toBeCloseTo(1 / 4, 12)
  })

  test('that varies by 5 %, begins slowly, or is slow once keeps its speed', () => {
    expect(judged(60, 57, 57, 60)).toMatchObject({ throttled: false })
    expect(judged(60, 57, 57, 60).loss).toBeCloseTo(0.05, 12)
    expect(judged(20, 40, 60)).toMatchObject({ loss: 0, throttled: false })
    expect(judged(60, 20, 60, 60)).toMatchObject({ loss: 0, throttled: false })
  })
})
