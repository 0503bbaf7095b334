/**
 * Twin of assembly/sparse-backward.ts: the dense layer, backward to inputs and to weights, over the listed inputs only. Four listed
 * inputs share each gradient.
 */

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
      const weights = w >> 2
      for (let n = 0; n < N; n++) {
        const list = (index >> 2) + n * (I + 1)
        const end = list + integers[list]
        const gradients = (dy >> 2) + n * O
        const to = (dx >> 2) + n * I
        let k = list + 1
        for (; k <= end - 3; k += 4) {
          const i0 = integers[k]
          const i1 = integers[k + 1]
          const i2 = integers[k + 2]
          const i3 = integers[k + 3]
          const w0 = weights + i0 * O
          const w1 = weights + i1 * O
          const w2 = weights + i2 * O
          const w3 = weights + i3 * O
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
          f[to + i0] = snap(s0)
          f[to + i1] = snap(s1)
          f[to + i2] = snap(s2)
          f[to + i3] = snap(s3)
        }
        for (; k <= end; k++) {
          const row = weights + integers[k] * O
          let sum = 0
          for (let o = 0; o < O; o++) sum = fround(sum + fround(f[gradients + o] * f[row + o]))
          f[to + integers[k]] = snap(sum)
        }
      }
    },

    denseBackwardWeightSparse(dw, db, x, index, dy, N, I, O) {
      const weights = dw >> 2
      for (let n = 0; n < N; n++) {
        const list = (index >> 2) + n * (I + 1)
        const end = list + integers[list]
        const inputs = (x >> 2) + n * I
        const gradients = (dy >> 2) + n * O
        for (let o = 0; o < O; o++) f[(db >> 2) + o] = fround(f[(db >> 2) + o] + f[gradients + o])
        let k = list + 1
        for (; k <= end - 3; k += 4) {
          const v0 = f[inputs + integers[k]]
          const v1 = f[inputs + integers[k + 1]]
          const v2 = f[inputs + integers[k + 2]]
          const v3 = f[inputs + integers[k + 3]]
          const t0 = weights + integers[k] * O
          const t1 = weights + integers[k + 1] * O
          const t2 = weights + integers[k + 2] * O
          const t3 = weights + integers[k + 3] * O
          for (let o = 0; o < O; o++) {
            const g = f[gradients + o]
            f[t0 + o] = fround(f[t0 + o] + fround(v0 * g))
            f[t1 + o] = fround(f[t1 + o] + fround(v1 * g))
            f[t2 + o] = fround(f[t2 + o] + fround(v2 * g))
            f[t3 + o] = fround(f[t3 + o] + fround(v3 * g))
          }
        }
        for (; k <= end; k++) {
          const v = f[inputs + integers[k]]
          const to = weights + integers[k] * O
          for (let o = 0; o < O; o++) f[to + o] = fround(f[to + o] + fround(v * f[gradients + o]))
        }
      }
    },
  }
}
