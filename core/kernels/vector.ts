/** Twin of assembly/vector.ts: whole gradient buffers. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function vectorKernels(memory: ArrayBuffer): Pick<Kernels, 'add' | 'scale' | 'sumOfSquares'> {
  const f = new Float32Array(memory)
  return {
    add(y, x, L) {
      const [to, from] = [y >> 2, x >> 2]
      for (let i = 0; i < L; i++) f[to + i] = fround(f[to + i] + f[from + i])
    },

    scale(y, x, factor, L) {
      const [to, from, k] = [y >> 2, x >> 2, fround(factor)]
      for (let i = 0; i < L; i++) f[to + i] = snap(fround(snap(f[from + i]) * k))
    },

    sumOfSquares(sum, x, L) {
      const from = x >> 2
      const square = (i: number) => {
        const g = snap(f[from + i])
        return fround(g * g)
      }
      const whole = L & ~3
      const sums = [0, 0, 0, 0]
      for (let i = 0; i < whole; i++) sums[i & 3] = fround(sums[i & 3] + square(i))
      let total = fround(fround(sums[0] + sums[1]) + fround(sums[2] + sums[3]))
      for (let i = whole; i < L; i++) total = fround(total + square(i))
      f[sum >> 2] = total
    },
  }
}
