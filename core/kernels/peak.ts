/** Twin of assembly/peak.ts: multiplications and additions in registers. One dependent chain: its speed is not the peak of TypeScript. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function peakKernels(memory: ArrayBuffer): Pick<Kernels, 'geometric'> {
  const f = new Float32Array(memory)
  return {
    geometric(s, t, x, a, R, L) {
      const [sums, squares, from, factor] = [s >> 2, t >> 2, x >> 2, fround(a)]
      for (let i = 0; i < L; i++) {
        let value = f[from + i]
        let sum = fround(0)
        let square = fround(0)
        for (let r = 0; r < R; r++) {
          square = fround(square + fround(value * value))
          value = fround(value * factor)
          sum = fround(sum + value)
        }
        f[sums + i] = snap(sum)
        f[squares + i] = snap(square)
      }
    },
  }
}
