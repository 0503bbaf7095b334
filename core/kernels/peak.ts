/** Twin of assembly/peak.ts: multiplications and additions in variables, of two elements at a time: V8 keeps all of these in registers. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function peakKernels(memory: ArrayBuffer): Pick<Kernels, 'geometric'> {
  const f = new Float32Array(memory)
  return {
    geometric(s, t, x, a, R, L) {
      const [sums, squares, from, factor] = [s >> 2, t >> 2, x >> 2, fround(a)]
      let i = 0
      for (; i < L - 1; i += 2) {
        let x0 = f[from + i]
        let x1 = f[from + i + 1]
        let s0 = 0
        let s1 = 0
        let t0 = 0
        let t1 = 0
        for (let r = 0; r < R; r++) {
          t0 = fround(t0 + fround(x0 * x0))
          t1 = fround(t1 + fround(x1 * x1))
          x0 = fround(x0 * factor)
          x1 = fround(x1 * factor)
          s0 = fround(s0 + x0)
          s1 = fround(s1 + x1)
        }
        f[sums + i] = snap(s0)
        f[sums + i + 1] = snap(s1)
        f[squares + i] = snap(t0)
        f[squares + i + 1] = snap(t1)
      }
      for (; i < L; i++) {
        let value = f[from + i]
        let sum = 0
        let square = 0
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
