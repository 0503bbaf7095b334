/** The most a machine can do: multiplications and additions in registers, without a load or store between. */

import type { Backend } from '../backend/backend.ts'

const ROUNDS = 10_000
const ELEMENTS = 16

/** Multiply-adds of one call of what `placePeak` returns. */
export const PEAK_WORK = 2 * ROUNDS * ELEMENTS

/** Bytes of memory that it takes. */
export const PEAK_MEMORY = 65_536

/** A call of the kernel that does nothing but multiply and add. */
export function placePeak({ kernels, arena }: Backend): () => void {
  const [s, t, x] = [0, 0, 0].map(() => arena.allocate(ELEMENTS * 4))
  arena.f32(x, ELEMENTS).fill(1.5)
  // over the rounds x falls to 0.37 of what it was: nothing overflows or vanishes
  return () => kernels.geometric(s, t, x, 0.9999, ROUNDS, ELEMENTS)
}
