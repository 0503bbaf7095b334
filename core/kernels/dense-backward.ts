/** Twin of assembly/dense-backward.ts: the dense layer, backward to inputs and to weights. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function denseBackwardKernels(memory: ArrayBuffer): Pick<Kernels, 'denseBackwardInput' | 'denseBackwardWeight'> {
  const f = new Float32Array(memory)
  return {
    denseBackwardInput(dx, dy, w, N, I, O) {
      for (let n = 0; n < N; n++) {
        const gradients = (dy >> 2) + n * O
        for (let i = 0; i < I; i++) {
          const weights = (w >> 2) + i * O
          let sum = 0
          for (let o = 0; o < O; o++) sum = fround(sum + fround(f[gradients + o] * f[weights + o]))
          f[(dx >> 2) + n * I + i] = snap(sum)
        }
      }
    },

    denseBackwardWeight(dw, db, x, dy, N, I, O) {
      for (let n = 0; n < N; n++) {
        const inputs = (x >> 2) + n * I
        const gradients = (dy >> 2) + n * O
        for (let o = 0; o < O; o++) f[(db >> 2) + o] = fround(f[(db >> 2) + o] + f[gradients + o])
        for (let i = 0; i < I; i++) {
          const v = f[inputs + i]
          const to = (dw >> 2) + i * O
          for (let o = 0; o < O; o++) f[to + o] = fround(f[to + o] + fround(v * f[gradients + o]))
        }
      }
    },
  }
}
