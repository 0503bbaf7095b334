/** The peak of plain JavaScript: multiplications and additions of doubles in variables, of two elements at a time. */

import type { Kernels } from '../../kernels.ts'

export function plainPeak(memory: ArrayBuffer): Pick<Kernels, 'geometric'> {
  const f = new Float32Array(memory)

  // L is even. Four elements at a time are twelve sums and factors, of which V8 keeps some in memory: half as fast on x86-64.
  function geometric(s: number, t: number, x: number, a: number, R: number, L: number): void {
    const [sums, squares, from] = [s >> 2, t >> 2, x >> 2]
    for (let i = 0; i < L; i += 2) {
      let x0 = f[from + i]
      let x1 = f[from + i + 1]
      let s0 = 0
      let s1 = 0
      let t0 = 0
      let t1 = 0
      for (let r = 0; r < R; r++) {
        t0 += x0 * x0
        t1 += x1 * x1
        x0 *= a
        x1 *= a
        s0 += x0
        s1 += x1
      }
      f[sums + i] = s0
      f[sums + i + 1] = s1
      f[squares + i] = t0
      f[squares + i + 1] = t1
    }
  }

  return { geometric }
}
