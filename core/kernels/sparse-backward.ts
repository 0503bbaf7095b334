/** Twin of assembly/sparse-backward.ts: the dense layer, backward to inputs and to weights, over the listed inputs only. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function sparseBackwardKernels(
  memory: ArrayBuffer,
): Pick<Kernels, 'denseBackwardInputSparse' | 'denseBackwardWeightSparse'> {
  const f = new Float32Array(memory)
  const integers = new Int32Array(memory)
  return {
    denseBackwardInputSparse(dx, index, dy, w, N, I, O) {
      f.fill(0, dx >> 2, (dx >> 2) + N * I)
      for (let n = 0; n < N; n++) {
        const list = (index >> 2) + n * (I + 1)
        const end = list + integers[list]
        const gradients = (dy >> 2) + n * O
        for (let at = list + 1; at <= end; at++) {
          const i = integers[at]
          const weights = (w >> 2) + i * O
          let sum = 0
          for (let o = 0; o < O; o++) sum = fround(sum + fround(f[gradients + o] * f[weights + o]))
          f[(dx >> 2) + n * I + i] = snap(sum)
        }
      }
    },

    denseBackwardWeightSparse(dw, db, x, index, dy, N, I, O) {
      for (let n = 0; n < N; n++) {
        const list = (index >> 2) + n * (I + 1)
        const end = list + integers[list]
        const inputs = (x >> 2) + n * I
        const gradients = (dy >> 2) + n * O
        for (let o = 0; o < O; o++) f[(db >> 2) + o] = fround(f[(db >> 2) + o] + f[gradients + o])
        for (let at = list + 1; at <= end; at++) {
          const i = integers[at]
          const v = f[inputs + i]
          const to = (dw >> 2) + i * O
          for (let o = 0; o < O; o++) f[to + o] = fround(f[to + o] + fround(v * f[gradients + o]))
        }
      }
    },
  }
}
