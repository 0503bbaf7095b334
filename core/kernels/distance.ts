/** Twin of assembly/distance.ts: distances between byte vectors and the nearest of them, for nearest neighbours. */

import type { Kernels } from '../kernels.ts'

export function distanceKernels(memory: ArrayBuffer): Pick<Kernels, 'distances' | 'nearest'> {
  const bytes = new Uint8Array(memory)
  const integers = new Int32Array(memory)
  return {
    distances(d, q, references, R, L) {
      for (let r = 0; r < R; r++) {
        const row = references + r * L
        let sum = 0
        for (let l = 0; l < L; l++) {
          const difference = bytes[q + l] - bytes[row + l]
          sum += difference * difference
        }
        integers[(d >> 2) + r] = sum
      }
    },

    nearest(index, d, R, k) {
      const [found, values] = [index >> 2, d >> 2]
      let count = 0
      let worst = 0
      for (let r = 0; r < R; r++) {
        const value = integers[values + r]
        if (count === k && value >= worst) continue
        let place = count < k ? count++ : k - 1
        while (place > 0 && integers[values + integers[found + place - 1]] > value) {
          integers[found + place] = integers[found + place - 1]
          place--
        }
        integers[found + place] = r
        worst = integers[values + integers[found + count - 1]]
      }
    },
  }
}
