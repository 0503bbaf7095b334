// Elementary functions over arrays. Twin: core/kernels/math.ts.

import { exponentiate, log1, log4 } from './polynomial'

export function exp(y: usize, x: usize, L: i32): void {
  exponentiate(y, x, 1, L)
}

export function log(y: usize, x: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    for (; i < L - 3; i += 4) v128.store(y + (i << 2), log4(v128.load(x + (i << 2))))
  }
  for (; i < L; i++) store<f32>(y + (i << 2), log1(load<f32>(x + (i << 2))))
}
