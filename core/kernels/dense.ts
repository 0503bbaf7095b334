/** Twin of assembly/dense.ts: the dense layer, forward. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function denseKernels(memory: ArrayBuffer): Pick<Kernels, 'denseForward'> {
  const f = new Float32Array(memory)
  return {
    denseForward(y, x, w, b, N, I, O) {
      for (let n = 0; n < N; n++) {
        const row = (y >> 2) + n * O
        const inputs = (x >> 2) + n * I
        for (let o = 0; o < O; o++) f[row + o] = f[(b >> 2) + o]
        for (let i = 0; i < I; i++) {
          const v = f[inputs + i]
          const weights = (w >> 2) + i * O
          for (let o = 0; o < O; o++) f[row + o] = fround(f[row + o] + fround(v * f[weights + o]))
        }
        for (let o = 0; o < O; o++) f[row + o] = snap(f[row + o])
      }
    },
  }
}
