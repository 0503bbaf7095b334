/** Twin of assembly/dense.ts: the dense layer, forward. Four sums at a time stay in variables. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function denseKernels(memory: ArrayBuffer): Pick<Kernels, 'denseForward'> {
  const f = new Float32Array(memory)
  return {
    denseForward(y, x, w, b, N, I, O) {
      const biases = b >> 2
      for (let n = 0; n < N; n++) {
        const row = (y >> 2) + n * O
        const inputs = (x >> 2) + n * I
        let o = 0
        for (; o < O - 3; o += 4) {
          let s0 = f[biases + o]
          let s1 = f[biases + o + 1]
          let s2 = f[biases + o + 2]
          let s3 = f[biases + o + 3]
          for (let i = 0, at = (w >> 2) + o; i < I; i++, at += O) {
            const v = f[inputs + i]
            s0 = fround(s0 + fround(v * f[at]))
            s1 = fround(s1 + fround(v * f[at + 1]))
            s2 = fround(s2 + fround(v * f[at + 2]))
            s3 = fround(s3 + fround(v * f[at + 3]))
          }
          f[row + o] = snap(s0)
          f[row + o + 1] = snap(s1)
          f[row + o + 2] = snap(s2)
          f[row + o + 3] = snap(s3)
        }
        for (; o < O; o++) {
          let sum = f[biases + o]
          for (let i = 0, at = (w >> 2) + o; i < I; i++, at += O) sum = fround(sum + fround(f[inputs + i] * f[at]))
          f[row + o] = snap(sum)
        }
      }
    },
  }
}
