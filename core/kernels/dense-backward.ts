/** Twin of assembly/dense-backward.ts: the dense layer, backward to inputs and to weights. Four sums at a time stay in variables. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function denseBackwardKernels(memory: ArrayBuffer): Pick<Kernels, 'denseBackwardInput' | 'denseBackwardWeight'> {
  const f = new Float32Array(memory)
  return {
    denseBackwardInput(dx, dy, w, N, I, O) {
      for (let n = 0; n < N; n++) {
        const gradients = (dy >> 2) + n * O
        const to = (dx >> 2) + n * I
        let i = 0
        for (; i < I - 3; i += 4) {
          const w0 = (w >> 2) + i * O
          const w1 = w0 + O
          const w2 = w1 + O
          const w3 = w2 + O
          let s0 = 0
          let s1 = 0
          let s2 = 0
          let s3 = 0
          for (let o = 0; o < O; o++) {
            const g = f[gradients + o]
            s0 = fround(s0 + fround(g * f[w0 + o]))
            s1 = fround(s1 + fround(g * f[w1 + o]))
            s2 = fround(s2 + fround(g * f[w2 + o]))
            s3 = fround(s3 + fround(g * f[w3 + o]))
          }
          f[to + i] = snap(s0)
          f[to + i + 1] = snap(s1)
          f[to + i + 2] = snap(s2)
          f[to + i + 3] = snap(s3)
        }
        for (; i < I; i++) {
          const weights = (w >> 2) + i * O
          let sum = 0
          for (let o = 0; o < O; o++) sum = fround(sum + fround(f[gradients + o] * f[weights + o]))
          f[to + i] = snap(sum)
        }
      }
    },

    denseBackwardWeight(dw, db, x, dy, N, I, O) {
      const [inputs, gradients] = [x >> 2, dy >> 2]
      for (let n = 0; n < N; n++) {
        for (let o = 0; o < O; o++) f[(db >> 2) + o] = fround(f[(db >> 2) + o] + f[gradients + n * O + o])
      }
      for (let i = 0; i < I; i++) {
        const row = (dw >> 2) + i * O
        let o = 0
        for (; o < O - 3; o += 4) {
          let s0 = f[row + o]
          let s1 = f[row + o + 1]
          let s2 = f[row + o + 2]
          let s3 = f[row + o + 3]
          for (let n = 0, at = gradients + o; n < N; n++, at += O) {
            const v = f[inputs + n * I + i]
            s0 = fround(s0 + fround(v * f[at]))
            s1 = fround(s1 + fround(v * f[at + 1]))
            s2 = fround(s2 + fround(v * f[at + 2]))
            s3 = fround(s3 + fround(v * f[at + 3]))
          }
          f[row + o] = s0
          f[row + o + 1] = s1
          f[row + o + 2] = s2
          f[row + o + 3] = s3
        }
        for (; o < O; o++) {
          let sum = f[row + o]
          for (let n = 0; n < N; n++) sum = fround(sum + fround(f[inputs + n * I + i] * f[gradients + n * O + o]))
          f[row + o] = sum
        }
      }
    },
  }
}
