/** Distinguishes a machine that slows down while it is measured, as warm phones do, from a noisy one. */

import type { BenchmarkDrift } from '../protocol.ts'

/** Loss of speed, as a share, that counts as throttling: the fastest of many samples varies by some per cent. */
export const DRIFT_LIMIT = 0.1

/**
 * Compares the checks of the machine's speed, in order. Each is compared with the best before it, since some machines start slowly,
 * and counts only together with the next one, since heat stays while other work mostly passes.
 */
export function measureDrift(checks: BenchmarkDrift['checks']): BenchmarkDrift {
  let [best, loss] = [0, 0]
  for (const [i, { gflops }] of checks.entries()) {
    if (i + 1 < checks.length && best > 0) loss = Math.max(loss, 1 - Math.max(gflops, checks[i + 1].gflops) / best)
    best = Math.max(best, gflops)
  }
  return { checks, loss, throttled: loss > DRIFT_LIMIT }
}
