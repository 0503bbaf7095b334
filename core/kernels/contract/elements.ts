/** The contract of the kernels over arrays of L elements: elementary functions, whole buffers, and the peak of a machine. */

export interface ElementKernels {
  /**
   * y = e^x; 0 for x < -87.3, +Inf for x > 88.7228.
   * y[L], x[L]. y may be x.
   * Relative error < 1.2e-7.
   */
  exp(y: number, x: number, L: number): void

  /**
   * y = ln x; -Inf for |x| < 2^-126, NaN for x < 0.
   * y[L], x[L]. y may be x.
   * Error < 1.2e-7 of max(|y|, 0.5).
   */
  log(y: number, x: number, L: number): void

  /**
   * y = y + x.
   * y[L], x[L]. Accumulates; y may be x. Not snapped: both are sums of products, and so is the result.
   */
  add(y: number, x: number, L: number): void

  /**
   * y = snap(snap(x) * factor).
   * y[L], x[L]; factor 0 or at least 2^-50. y may be x.
   */
  scale(y: number, x: number, factor: number, L: number): void

  /**
   * sum = the sum of g g, g = snap(x).
   * sum[1], x[L].
   * Strided sum (see core/kernels.ts) over L.
   * Relative error <= (L/4 + 3) 2^-24.
   */
  sumOfSquares(sum: number, x: number, L: number): void

  /**
   * Geometric series, to measure what a machine can do: R times t = t + x x, x = x a, s = s + x, from s = t = +0; both are
   * snapped at the end.
   * s[L], t[L], x[L]; 0 < a <= 1, x a^R 0 or at least 2^-60. x is left as it is.
   * Relative error of s <= 2 R 2^-24, of t <= 3 R 2^-24.
   */
  geometric(s: number, t: number, x: number, a: number, R: number, L: number): void
}

export const ELEMENT_KERNELS: Readonly<Record<keyof ElementKernels, true>> = {
  exp: true,
  log: true,
  add: true,
  scale: true,
  sumOfSquares: true,
  geometric: true,
}
