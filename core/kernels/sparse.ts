/** Twin of assembly/sparse.ts: the dense layer, forward, over the listed inputs only. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function sparseKernels(memory: ArrayBuffer): Pick<Kernels, 'denseForwardSparse'> {
  const f = new Float32Array(memory)
  const integers = new Int32Array(memory)
  return {
    denseForwardSparse(y, x, index, w, b, N, I, O) {
      for (let n = 0; n < N; n++) {
        const list = (index >> 2) + n * (I + 1)
        const end = list + integers[list]
        const inputs = (x >> 2) + n * I
        const row = (y >> 2) + n * O
        for (let o = 0; o < O; o++) f[row + o] = f[(b >> 2) + o]
        for (let at = list + 1; at <= end; at++) {
          const i = integers[at]
          const v = f[inputs + i]
          const weights = (w >> 2) + i * O
          for (let o = 0; o < O; o++) f[row + o] = fround(f[row + o] + fround(v * f[weights + o]))
        }
        for (let o = 0; o < O; o++) f[row + o] = snap(f[row + o])
      }
    },
  }
}
