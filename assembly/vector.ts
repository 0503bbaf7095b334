// Whole gradient buffers: their sum, their product with a factor, their sum of squares. Twin: core/kernels/vector.ts.

import { snap, snap4 } from './snap'

export function add(y: usize, x: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    for (; i < L - 3; i += 4) v128.store(y + (i << 2), f32x4.add(v128.load(y + (i << 2)), v128.load(x + (i << 2))))
  }
  for (; i < L; i++) store<f32>(y + (i << 2), load<f32>(y + (i << 2)) + load<f32>(x + (i << 2)))
}

export function scale(y: usize, x: usize, factor: f32, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const factors = f32x4.splat(factor)
    for (; i < L - 3; i += 4) v128.store(y + (i << 2), snap4(f32x4.mul(snap4(v128.load(x + (i << 2))), factors)))
  }
  for (; i < L; i++) store<f32>(y + (i << 2), snap(snap(load<f32>(x + (i << 2))) * factor))
}

export function sumOfSquares(sum: usize, x: usize, L: i32): void {
  const whole = L & ~3
  let i = 0
  let total: f32 = 0
  if (ASC_FEATURE_SIMD) {
    let sums = f32x4.splat(0)
    for (; i < whole; i += 4) {
      const g = snap4(v128.load(x + (i << 2)))
      sums = f32x4.add(sums, f32x4.mul(g, g))
    }
    total =
      f32x4.extract_lane(sums, 0) +
      f32x4.extract_lane(sums, 1) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
  } else {
    let s0: f32 = 0
    let s1: f32 = 0
    let s2: f32 = 0
    let s3: f32 = 0
    for (; i < whole; i += 4) {
      const at = x + (i << 2)
      s0 += square(at)
      s1 += square(at + 4)
      s2 += square(at + 8)
      s3 += square(at + 12)
    }
    total = s0 + s1 + (s2 + s3)
  }
  for (; i < L; i++) total += square(x + (i << 2))
  store<f32>(sum, total)
}

function square(at: usize): f32 {
  const g = snap(load<f32>(at))
  return g * g
}
