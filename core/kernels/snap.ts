/** Twin of assembly/snap.ts: snapping to zero. */

import { SNAP } from '../kernels.ts'

/** +0 if |x| < 2^-50, else x, also if x is NaN. */
export function snap(x: number): number {
  return x < SNAP && x > -SNAP ? 0 : x
}
