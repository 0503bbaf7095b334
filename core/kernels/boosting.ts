/** Twin of assembly/boosting.ts: sums of gradients while a boosted tree grows, and the sums of the trees' leaves. */

import type { Kernels } from '../kernels.ts'

const BINS = 64 // of a feature: the high six bits of its byte
const LEAF = 128 // references from this on are to a leaf

export function boostingKernels(memory: ArrayBuffer): Pick<Kernels, 'gradientHistogram' | 'boostedScores'> {
  const bytes = new Uint8Array(memory)
  const shorts = new Int16Array(memory)
  const integers = new Int32Array(memory)

  return {
    gradientHistogram(histogram, rows, candidates, samples, gradients, F, K, n) {
      const [sums, list] = [histogram >> 2, candidates >> 2]
      integers.fill(0, sums, sums + K * BINS * 2)
      for (let s = 0; s < n; s++) {
        const row = rows + integers[(samples >> 2) + s] * F
        const hessian = integers[(gradients >> 2) + 2 * s]
        const gradient = integers[(gradients >> 2) + 2 * s + 1]
        for (let k = 0; k < K; k++) {
          const at = sums + 2 * (k * BINS + (bytes[row + integers[list + k]] >> 2))
          integers[at] += hessian
          integers[at + 1] += gradient
        }
      }
    },

    boostedScores(scores, f, splits, roots, leaves, N, F, T, C) {
      for (let t = 0; t < T; t++) {
        const first = integers[(roots >> 2) + t]
        const root = splits + first * 4
        const values = (leaves >> 1) + first + t // a tree has one leaf more than splits
        const column = (scores >> 2) + (t % C)
        for (let n = 0; n < N; n++) {
          const row = f + n * F
          let reference = 0
          do {
            const split = root + reference * 4
            reference = bytes[split + (bytes[row + bytes[split]] > bytes[split + 1] ? 3 : 2)]
          } while (reference < LEAF)
          integers[column + n * C] += shorts[values + reference - LEAF]
        }
      }
    },
  }
}
