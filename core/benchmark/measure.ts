/**
 * Times a call on a noisy machine with a coarse clock: warms it up, then takes samples of as many calls as the clock needs, for a
 * given time. It works in slices, so that a page stays responsive.
 */

import type { BenchmarkTime } from '../protocol.ts'

/** Milliseconds since any moment. It must advance. */
export type Clock = () => number

export interface SamplingPlan {
  readonly warmUp: number // ms without a call becoming faster, at least; at most PATIENCE times that in all, or one call
  readonly budget: number // ms of samples at least, or one sample
  readonly sample: number // ms of a sample at least
  readonly slice: number // ms after which it yields; a single call may take longer
  readonly processor?: Clock | undefined // processor time of this thread, ms, however coarse
}

/** With a smaller share of a core than this, other work on the machine slows the measured calls. */
export const UNDISTURBED = 0.9

const STEPS = 20 // of the clock in a sample, which is thus known to a twentieth
const SHORTEST = 0.2 // ms

// The engine optimises on another thread, for longer on a phone; when it is done, calls become faster at once.
const FASTER = 0.95
const PATIENCE = 8

// Where threads take turns of some ms, a sample up to this length, ms, is mostly not interrupted, and a longer one mostly is.
const UNINTERRUPTED = 1

// A sample counts as at most SAMPLE_CAP times the fastest, since other work had the rest. All samples take at most BUDGET_CAP budgets.
const SAMPLE_CAP = 3
const BUDGET_CAP = 4

/** How long samples must be for this clock, ms. Browsers round their clock, some to a whole millisecond. */
export function sampleLength(clock: Clock): number {
  let step = Infinity
  let last = clock()
  for (let steps = 0; steps < 5; ) {
    const now = clock()
    if (now === last) continue
    step = Math.min(step, now - last)
    last = now
    steps++
  }
  return Math.max(SHORTEST, STEPS * step)
}

/**
 * Measures one call; yields whenever a slice is over, and returns the time of a call, µs. Time during a pause does not count.
 * A call that takes longer than warm-up and budget is made twice, so that the total time is bounded.
 * Where this thread had no core for part of the time, the mean processor time of long calls replaces the median.
 */
export function* measure(call: () => void, clock: Clock, plan: SamplingPlan): Generator<void, BenchmarkTime> {
  const { warmUp, budget, sample, slice, processor: meter = clock } = plan
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

  // other work may have the core for longer than a whole budget; without this cap there would be a single sample
  const capped = (time: number, calls: number) => Math.min(time, SAMPLE_CAP * fastest * calls)

  function* pause(): Generator<void, void> {
    if (since < slice) return
    since = 0
    yield
  }

  let calls = 1
  let [warm, improved, best, time] = [0, 0, Infinity, 0]
  do {
    time = run(calls)
    warm += capped(time, calls)
    if (time / calls < best * FASTER) {
      best = time / calls
      improved = warm
    }
    if (time < sample) calls *= 2
    yield* pause()
  } while (time < sample || (warm - improved < warmUp && warm < PATIENCE * warmUp))

  const times: number[] = []
  let [spent, took, had, mark] = [0, 0, 0, meter()]
  while (times.length === 0 || (Math.min(spent, had) < budget && took < BUDGET_CAP * budget)) {
    const time = run(calls)
    times.push((time / calls) * 1000)
    spent += capped(time, calls)
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

/** 10^9 operations per second, with two operations for each multiply-add. */
export function gflops(multiplyAdds: number, us: number): number {
  return (2 * multiplyAdds) / us / 1000
}
