/** Twin of assembly/sparse.ts: the dense layer, forward, over the listed inputs only. Four sums at a time stay in variables. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function sparseKernels(memory: ArrayBuffer): Pick<Kernels, 'denseForwardSparse'> {
  const f = new Float32Array(memory)
  const integers = new Int32Array(memory)
  return {
    denseForwardSparse(y, x, index, w, b, N, I, O) {
      const [weights, biases] = [w >> 2, b >> 2]
      for (let n = 0; n < N; n++) {
        const list = (index >> 2) + n * (I + 1)
        const end = list + integers[list]
        const inputs = (x >> 2) + n * I
        const row = (y >> 2) + n * O
        let o = 0
        for (; o < O - 3; o += 4) {
          let s0 = f[biases + o]
          let s1 = f[biases + o + 1]
          let s2 = f[biases + o + 2]
          let s3 = f[biases + o + 3]
          for (let k = list + 1; k <= end; k++) {
            const i = integers[k]
            const v = f[inputs + i]
            const at = weights + i * O + o
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
          for (let k = list + 1; k <= end; k++) {
            const i = integers[k]
            sum = fround(sum + fround(f[inputs + i] * f[weights + i * O + o]))
          }
          f[row + o] = snap(sum)
        }
      }
    },
  }
}
