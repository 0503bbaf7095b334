/** Twin of assembly/snap.ts: what every family needs at its outputs. */

import { SNAP } from '../kernels.ts'

/** +0 if |x| < 2^-50, else x. NaN stays. */
export function snap(x: number): number {
  return x < SNAP && x > -SNAP ? 0 : x
}
