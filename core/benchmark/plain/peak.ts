/** The peak of plain JavaScript: multiplications and additions of doubles in variables, of eight elements at a time. */

import type { Kernels } from '../../kernels.ts'

export function plainPeak(memory: ArrayBuffer): Pick<Kernels, 'geometric'> {
  const f = new Float32Array(memory)

  // L is a multiple of 4
  function geometric(s: number, t: number, x: number, a: number, R: number, L: number): void {
    const [sums, squares, from] = [s >> 2, t >> 2, x >> 2]
    for (let i = 0; i < L; i += 4) {
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
        t0 += x0 * x0
        t1 += x1 * x1
        x0 *= a
        s0 += x0
        x1 *= a
        s1 += x1
        t2 += x2 * x2
        t3 += x3 * x3
        x2 *= a
        s2 += x2
        x3 *= a
        s3 += x3
      }
      f[sums + i] = s0
      f[sums + i + 1] = s1
      f[sums + i + 2] = s2
      f[sums + i + 3] = s3
      f[squares + i] = t0
      f[squares + i + 1] = t1
      f[squares + i + 2] = t2
      f[squares + i + 3] = t3
    }
  }

  return { geometric }
}
