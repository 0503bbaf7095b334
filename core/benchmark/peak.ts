/** The peak of a machine: multiplications and additions in registers, without loads or stores between them. */

import type { Backend } from '../backend/backend.ts'

const ROUNDS = 10_000
const ELEMENTS = 16

/** Multiply-adds of one call of what `placePeak` returns. */
export const PEAK_WORK = 2 * ROUNDS * ELEMENTS

/** Bytes of arena that `placePeak` takes. */
export const PEAK_MEMORY = 65_536

/** Places the operands of the kernel that only multiplies and adds, and returns a call of it. */
export function placePeak({ kernels, arena }: Backend): () => void {
  const [s, t, x] = [0, 0, 0].map(() => arena.allocate(ELEMENTS * 4))
  arena.f32(x, ELEMENTS).fill(1.5)
  // the rounds multiply x by 0.37 in all: nothing overflows or vanishes
  return () => kernels.geometric(s, t, x, 0.9999, ROUNDS, ELEMENTS)
}
