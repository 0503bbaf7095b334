/** Twin of assembly/math.ts: elementary functions over arrays. */

import type { Kernels } from '../kernels.ts'
import { exp1, log1 } from './polynomial.ts'

export function mathKernels(memory: ArrayBuffer): Pick<Kernels, 'exp' | 'log'> {
  const f = new Float32Array(memory)
  return {
    exp(y, x, L) {
      for (let i = 0; i < L; i++) f[(y >> 2) + i] = exp1(f[(x >> 2) + i])
    },

    log(y, x, L) {
      for (let i = 0; i < L; i++) f[(y >> 2) + i] = log1(f[(x >> 2) + i])
    },
  }
}
