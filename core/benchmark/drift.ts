/** Tells a machine that becomes slower while it is measured, as phones do when they get warm, from one that is merely noisy. */

import type { BenchmarkDrift } from '../protocol.ts'

/** Share of its speed that a machine may lose before it counts: the fastest of many samples varies by some per cent. */
export const DRIFT_LIMIT = 0.1

/**
 * Judges checks of one piece of work, in order: each against the best before it, since some machines start slowly, and together
 * with the next one, since heat stays and other work mostly passes.
 */
export function measureDrift(checks: BenchmarkDrift['checks']): BenchmarkDrift {
  let [best, loss] = [0, 0]
  for (const [i, { gflops }] of checks.entries()) {
    if (i + 1 < checks.length && best > 0) loss = Math.max(loss, 1 - Math.max(gflops, checks[i + 1].gflops) / best)
    best = Math.max(best, gflops)
  }
  return { checks, loss, throttled: loss > DRIFT_LIMIT }
}
