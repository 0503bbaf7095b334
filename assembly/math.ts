// Elementary functions over arrays. Twin: core/kernels/math.ts.

import { exponentiate, log1, log4 } from './polynomial'

/**
 * y = e^x.
 * y[L], x[L].
 * Element by element; rounds at every operation.
 * y may be x; overwrites.
 * Relative error < 1.2e-7; 0 for x < -87.3.
 */
export function exp(y: usize, x: usize, L: i32): void {
  exponentiate(y, x, 1, L)
}

/**
 * y = ln x.
 * y[L], x[L].
 * Element by element; rounds at every operation.
 * y may be x; overwrites.
 * Error < 1.2e-7 of max(|y|, 0.5); -Inf for |x| < 2^-126, NaN for x < 0.
 */
export function log(y: usize, x: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    for (; i < L - 3; i += 4) v128.store(y + (i << 2), log4(v128.load(x + (i << 2))))
  }
  for (; i < L; i++) store<f32>(y + (i << 2), log1(load<f32>(x + (i << 2))))
}
