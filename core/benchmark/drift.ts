/** Tells a machine that becomes slower while it is measured, as phones do when they get warm, from one that is merely noisy. */

import type { BenchmarkDrift } from '../protocol.ts'

/** Share of its speed that a machine may lose before it counts: the fastest of many samples varies by some per cent. */
export const DRIFT_LIMIT = 0.1

/** Judges checks of one piece of work, in order: each against the best before it, since some machines start slowly. */
export function judgeDrift(checks: BenchmarkDrift['checks']): BenchmarkDrift {
  let [best, loss] = [0, 0]
  for (const { gflops } of checks) {
    if (gflops > best) best = gflops
    else loss = Math.max(loss, 1 - gflops / best)
  }
  return { checks, loss, throttled: loss > DRIFT_LIMIT }
}
