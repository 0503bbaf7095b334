/** Twin of assembly/peak.ts: multiplications and additions in variables, of four elements at a time, so that none waits for another. */

import type { Kernels } from '../kernels.ts'
import { snap } from './snap.ts'

const { fround } = Math

export function peakKernels(memory: ArrayBuffer): Pick<Kernels, 'geometric'> {
  const f = new Float32Array(memory)
  return {
    geometric(s, t, x, a, R, L) {
      const [sums, squares, from, factor] = [s >> 2, t >> 2, x >> 2, fround(a)]
      let i = 0
      for (; i < L - 3; i += 4) {
        let x0 = f[from + i]
        let x1 = f[from + i + 1]
        let x2 = f[from + i + 2]
        let x3 = f[from + i + 3]
        let s0 = 0
        let s1 = 0
        let s2 = 0
        let s3 = 0
        let t0 = 0
        let t1 = 0
        let t2 = 0
        let t3 = 0
        for (let r = 0; r < R; r++) {
          t0 = fround(t0 + fround(x0 * x0))
          t1 = fround(t1 + fround(x1 * x1))
          t2 = fround(t2 + fround(x2 * x2))
          t3 = fround(t3 + fround(x3 * x3))
          x0 = fround(x0 * factor)
          x1 = fround(x1 * factor)
          x2 = fround(x2 * factor)
          x3 = fround(x3 * factor)
          s0 = fround(s0 + x0)
          s1 = fround(s1 + x1)
          s2 = fround(s2 + x2)
          s3 = fround(s3 + x3)
        }
        f[sums + i] = snap(s0)
        f[sums + i + 1] = snap(s1)
        f[sums + i + 2] = snap(s2)
        f[sums + i + 3] = snap(s3)
        f[squares + i] = snap(t0)
        f[squares + i + 1] = snap(t1)
        f[squares + i + 2] = snap(t2)
        f[squares + i + 3] = snap(t3)
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
