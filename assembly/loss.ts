// Softmax and its cross-entropy. Twin: core/kernels/loss.ts.

import { exp1, exp4, log1 } from './polynomial'
import { snap, snap4 } from './snap'

/**
 * e = snap(exp(x - max x)), p = snap(e / sum(e)), row by row.
 * p[N,C], x[N,C].
 * The sum: four strided partial sums over the first 4 floor(C/4), (s0+s1)+(s2+s3), then the rest ascending.
 * p may be x; overwrites.
 * Relative error of p < 2.5e-6 above 2^-50 for x within +-80, most of it the rounding of x - max x.
 */
export function softmax(p: usize, x: usize, N: i32, C: i32): void {
  for (let n = 0; n < N; n++) {
    const row = p + ((n * C) << 2)
    const inputs = x + ((n * C) << 2)
    normalize(row, exponentials(row, inputs, maximum(inputs, C), C), C)
  }
}

/**
 * Softmax as above, and loss = snap(ln(sum(e)) - (x[label] - max x)).
 * loss[N], p[N,C], x[N,C], label u8[N].
 * Sums as softmax.
 * p may be x; overwrites.
 * Error of loss < 1.2e-7 of max(loss, 4) for x within +-80.
 */
export function softmaxCrossEntropy(loss: usize, p: usize, x: usize, label: usize, N: i32, C: i32): void {
  for (let n = 0; n < N; n++) {
    const row = p + ((n * C) << 2)
    const inputs = x + ((n * C) << 2)
    const top = maximum(inputs, C)
    const margin = load<f32>(inputs + ((<usize>load<u8>(label + n)) << 2)) - top
    const sum = exponentials(row, inputs, top, C)
    normalize(row, sum, C)
    store<f32>(loss + (n << 2), snap(log1(sum) - margin))
  }
}

/**
 * dx = snap((p - onehot(label)) * scale).
 * dx[N,C], p[N,C], label u8[N].
 * Element by element; rounds at the difference and at the product.
 * dx may be p; overwrites.
 * Within 2 roundings of exact.
 */
export function softmaxCrossEntropyBackward(dx: usize, p: usize, label: usize, scale: f32, N: i32, C: i32): void {
  const size = N * C
  if (dx !== p) memory.copy(dx, p, (<usize>size) << 2)
  for (let n = 0; n < N; n++) {
    const at = dx + ((n * C + <i32>load<u8>(label + n)) << 2)
    store<f32>(at, load<f32>(at) - 1)
  }
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const factor = f32x4.splat(scale)
    for (; i < size - 3; i += 4) {
      const at = dx + (i << 2)
      v128.store(at, snap4(f32x4.mul(v128.load(at), factor)))
    }
  }
  for (; i < size; i++) {
    const at = dx + (i << 2)
    store<f32>(at, snap(load<f32>(at) * scale))
  }
}

/**
 * loss = snap(sum d d / 2), d = snap(y - t), t = high at the label and low elsewhere.
 * loss[N], y[N,C], label u8[N].
 * Sums over C ascending from +0; rounds at every operation.
 * No two may overlap; overwrites.
 * Relative error <= (C + 3) 2^-24 to first order, but for the rounding of y - t.
 */
export function squaredError(loss: usize, y: usize, label: usize, low: f32, high: f32, N: i32, C: i32): void {
  for (let n = 0; n < N; n++) {
    const row = y + ((n * C) << 2)
    const right = <i32>load<u8>(label + n)
    let sum: f32 = 0
    for (let c = 0; c < C; c++) {
      const d = snap(load<f32>(row + (c << 2)) - (c === right ? high : low))
      sum += d * d
    }
    store<f32>(loss + (n << 2), snap(sum * <f32>0.5))
  }
}

/**
 * Its gradient: dy = snap(snap(y - t) * scale).
 * dy[N,C], y[N,C], label u8[N].
 * Element by element; rounds at the difference and at the product.
 * dy may be y; overwrites.
 * Within 2 roundings of exact.
 */
export function squaredErrorBackward(
  dy: usize,
  y: usize,
  label: usize,
  low: f32,
  high: f32,
  scale: f32,
  N: i32,
  C: i32,
): void {
  for (let n = 0; n < N; n++) {
    const right = <i32>load<u8>(label + n)
    for (let c = 0; c < C; c++) {
      const at = (n * C + c) << 2
      store<f32>(dy + at, snap(snap(load<f32>(y + at) - (c === right ? high : low)) * scale))
    }
  }
}

function maximum(x: usize, C: i32): f32 {
  let top = load<f32>(x)
  for (let c = 1; c < C; c++) top = max(top, load<f32>(x + (c << 2)))
  return top
}

// e = snap(exp(x - top)); returns its sum.
function exponentials(e: usize, x: usize, top: f32, C: i32): f32 {
  const whole = C & ~3
  let c = 0
  let sum: f32 = 0
  if (ASC_FEATURE_SIMD) {
    const tops = f32x4.splat(top)
    let sums = f32x4.splat(0)
    for (; c < whole; c += 4) {
      const v = snap4(exp4(f32x4.sub(v128.load(x + (c << 2)), tops)))
      v128.store(e + (c << 2), v)
      sums = f32x4.add(sums, v)
    }
    sum =
      f32x4.extract_lane(sums, 0) +
      f32x4.extract_lane(sums, 1) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
  } else {
    let s0: f32 = 0
    let s1: f32 = 0
    let s2: f32 = 0
    let s3: f32 = 0
    for (; c < whole; c += 4) {
      s0 += exponential(e + (c << 2), x + (c << 2), top)
      s1 += exponential(e + (c << 2) + 4, x + (c << 2) + 4, top)
      s2 += exponential(e + (c << 2) + 8, x + (c << 2) + 8, top)
      s3 += exponential(e + (c << 2) + 12, x + (c << 2) + 12, top)
    }
    sum = s0 + s1 + (s2 + s3)
  }
  for (; c < C; c++) sum += exponential(e + (c << 2), x + (c << 2), top)
  return sum
}

function exponential(e: usize, x: usize, top: f32): f32 {
  const v = snap(exp1(load<f32>(x) - top))
  store<f32>(e, v)
  return v
}

function normalize(p: usize, sum: f32, C: i32): void {
  for (let c = 0; c < C; c++) {
    const at = p + (c << 2)
    store<f32>(at, snap(load<f32>(at) / sum))
  }
}
