/** Twin of assembly/normalization.ts: batch normalisation. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function normalizationKernels(
  memory: ArrayBuffer,
): Pick<Kernels, 'batchStatistics' | 'normalizeForward' | 'normalizeBackward'> {
  const f = new Float32Array(memory)
  const deviation = (variance: number, epsilon: number) => fround(Math.sqrt(fround(variance + fround(epsilon))))
  return {
    batchStatistics(mean, variance, x, N, C) {
      for (let c = 0; c < C; c++) {
        const [from, end] = [(x >> 2) + c, (x >> 2) + N * C]
        let sum = 0
        for (let i = from; i < end; i += C) sum = fround(sum + f[i])
        const middle = snap(fround(sum / N))
        sum = 0
        for (let i = from; i < end; i += C) {
          const d = snap(fround(f[i] - middle))
          sum = fround(sum + fround(d * d))
        }
        f[(mean >> 2) + c] = middle
        f[(variance >> 2) + c] = snap(fround(sum / N))
      }
    },

    normalizeForward(y, x, mean, variance, gamma, beta, epsilon, N, C) {
      for (let c = 0; c < C; c++) {
        const middle = f[(mean >> 2) + c]
        const k = snap(fround(f[(gamma >> 2) + c] / deviation(f[(variance >> 2) + c], epsilon)))
        const offset = f[(beta >> 2) + c]
        for (let i = c; i < N * C; i += C) {
          const d = snap(fround(f[(x >> 2) + i] - middle))
          f[(y >> 2) + i] = snap(fround(fround(d * k) + offset))
        }
      }
    },

    normalizeBackward(dx, dgamma, dbeta, dy, x, mean, variance, gamma, epsilon, N, C) {
      for (let c = 0; c < C; c++) {
        const middle = f[(mean >> 2) + c]
        const r = snap(fround(1 / deviation(f[(variance >> 2) + c], epsilon)))
        const normalized = (i: number) => snap(fround(snap(fround(f[(x >> 2) + i] - middle)) * r))
        let s = 0
        let t = 0
        for (let i = c; i < N * C; i += C) {
          const g = f[(dy >> 2) + i]
          s = fround(s + g)
          t = fround(t + fround(g * normalized(i)))
        }
        f[(dbeta >> 2) + c] = fround(f[(dbeta >> 2) + c] + s)
        f[(dgamma >> 2) + c] = fround(f[(dgamma >> 2) + c] + t)
        const a = snap(fround(s / N))
        const b = snap(fround(t / N))
        const k = snap(fround(f[(gamma >> 2) + c] * r))
        for (let i = c; i < N * C; i += C) {
          const g = snap(fround(f[(dy >> 2) + i] - a))
          f[(dx >> 2) + i] = snap(fround(k * snap(fround(g - fround(normalized(i) * b)))))
        }
      }
    },
  }
}
