/**
 * Times a call on a noisy machine with a coarse clock: warms it up, then takes samples of as many calls as the clock needs,
 * for a given time. Works in slices, so that a page stays responsive meanwhile.
 */

import type { BenchmarkTime } from '../protocol.ts'

/** Milliseconds since any moment. Must advance. */
export type Clock = () => number

export interface Pace {
  readonly warmUp: number // ms at least without a call becoming faster; PATIENCE times that in all, or one call
  readonly budget: number // ms of samples at least, or one sample
  readonly sample: number // ms of a sample at least
  readonly slice: number // ms after which a pause is offered; a single call may take longer
}

const STEPS = 20 // of the clock: a sample lasts so many, and is known to a twentieth
const SHORTEST = 0.2 // ms

// A compiler works on another thread, for longer on a phone: calls become faster at once when it is done.
const FASTER = 0.95
const PATIENCE = 8

/** How long samples must be for this clock, ms: browsers round theirs, some to a whole millisecond. */
export function sampleLength(clock: Clock): number {
  let step = Infinity
  let last = clock()
  for (let seen = 0; seen < 5; ) {
    const now = clock()
    if (now === last) continue
    step = Math.min(step, now - last)
    last = now
    seen++
  }
  return Math.max(SHORTEST, STEPS * step)
}

/**
 * Measures one call; yields whenever a slice is over, and returns the time of a call, µs. What passes during a pause is not
 * counted. A call that takes longer than warm-up and budget is made twice: so the time it all takes has a bound.
 */
export function* measure(call: () => void, clock: Clock, pace: Pace): Generator<void, BenchmarkTime> {
  const { warmUp, budget, sample, slice } = pace
  let since = 0 // ms of work since the last pause

  function run(calls: number): number {
    const started = clock()
    for (let i = 0; i < calls; i++) call()
    const time = clock() - started
    since += time
    return time
  }

  function* pause(): Generator<void, void> {
    if (since < slice) return
    since = 0
    yield
  }

  let calls = 1
  let [warm, improved, best, time] = [0, 0, Infinity, 0]
  do {
    time = run(calls)
    warm += time
    if (time / calls < best * FASTER) {
      best = time / calls
      improved = warm
    }
    if (time < sample) calls *= 2
    yield* pause()
  } while (time < sample || (warm - improved < warmUp && warm < PATIENCE * warmUp))

  const times: number[] = []
  for (let spent = 0; spent < budget || times.length === 0; ) {
    const time = run(calls)
    times.push((time / calls) * 1000)
    spent += time
    yield* pause()
  }
  times.sort((a, b) => a - b)
  const rank = (share: number) => times[Math.ceil(times.length * share) - 1]
  return { median: rank(0.5), p99: rank(0.99), fastest: times[0], samples: times.length }
}

/** 10^9 operations a second: two for each multiply-add of a call that takes so many µs. */
export function gflops(multiplyAdds: number, us: number): number {
  return (2 * multiplyAdds) / us / 1000
}
