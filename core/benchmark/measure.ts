/**
 * Times a call on a noisy machine with a coarse clock: warms it up, then takes samples of as many calls as the clock needs,
 * for a given time. Works in slices, so that a page stays responsive meanwhile.
 */

import type { BenchmarkTime } from '../protocol.ts'

/** Milliseconds since any moment. Must advance. */
export type Clock = () => number

export interface SamplingPlan {
  readonly warmUp: number // ms at least without a call becoming faster; PATIENCE times that in all, or one call
  readonly budget: number // ms of samples at least, or one sample
  readonly sample: number // ms of a sample at least
  readonly slice: number // ms after which a pause is offered; a single call may take longer
  readonly processor?: Clock | undefined // of a core that this thread has had, ms, however coarse
}

/** Below this share of a core, other work on the machine slows what is measured. */
export const UNDISTURBED = 0.9

const STEPS = 20 // of the clock: a sample lasts so many, and is known to a twentieth
const SHORTEST = 0.2 // ms

// A compiler works on another thread, for longer on a phone: calls become faster at once when it is done.
const FASTER = 0.95
const PATIENCE = 8

// A sample so short, ms, is mostly not interrupted where a system gives a thread some ms in turn; a longer one mostly is.
const UNINTERRUPTED = 1

// Times as long as the fastest that a sample counts for: what is more, others had. And the most budgets it all may take.
const OWN = 3
const WAITED = 4

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
 * Where this thread had no core for a part of the time, long calls take the time it had one, on average, in place of the median.
 */
export function* measure(call: () => void, clock: Clock, pace: SamplingPlan): Generator<void, BenchmarkTime> {
  const { warmUp, budget, sample, slice, processor: meter = clock } = pace
  let since = 0 // ms of work since the last pause
  let fastest = Infinity // ms of a call, of samples long enough

  function run(calls: number): number {
    const started = clock()
    for (let i = 0; i < calls; i++) call()
    const time = clock() - started
    since += time
    if (time >= sample) fastest = Math.min(fastest, time / calls)
    return time
  }

  // Others may have the core for longer than a whole budget: their part must not count, or a single sample would be left.
  const own = (time: number, calls: number) => Math.min(time, OWN * fastest * calls)

  function* pause(): Generator<void, void> {
    if (since < slice) return
    since = 0
    yield
  }

  let calls = 1
  let [warm, improved, best, time] = [0, 0, Infinity, 0]
  do {
    time = run(calls)
    warm += own(time, calls)
    if (time / calls < best * FASTER) {
      best = time / calls
      improved = warm
    }
    if (time < sample) calls *= 2
    yield* pause()
  } while (time < sample || (warm - improved < warmUp && warm < PATIENCE * warmUp))

  const times: number[] = []
  let [spent, took, had, mark] = [0, 0, 0, meter()]
  while (times.length === 0 || (Math.min(spent, had) < budget && took < WAITED * budget)) {
    const time = run(calls)
    times.push((time / calls) * 1000)
    spent += own(time, calls)
    took += time
    had += meter() - mark
    yield* pause()
    mark = meter()
  }
  times.sort((a, b) => a - b)
  const rank = (share: number) => times[Math.ceil(times.length * share) - 1]
  const busy = had < UNDISTURBED * took && (rank(0.5) * calls) / 1000 > UNINTERRUPTED
  const median = busy ? Math.min(rank(0.5), (had / (times.length * calls)) * 1000) : rank(0.5)
  return { median, p99: rank(0.99), fastest: Math.min(times[0], median), samples: times.length }
}

/** 10^9 operations a second: two for each multiply-add of a call that takes so many µs. */
export function gflops(multiplyAdds: number, us: number): number {
  return (2 * multiplyAdds) / us / 1000
}
