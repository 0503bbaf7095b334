// The losses: softmax with its cross-entropy, and the squared error. Twin: core/kernels/loss.ts.

import { log } from './math'
import { exponentiate } from './polynomial'
import { SCRATCH } from './scratch'
import { snap, snap4, storeLanes } from './snap'

const BLOCK = 1024 // rows whose sums the scratch holds

export function softmax(p: usize, x: usize, N: i32, C: i32): void {
  for (let n = 0; n < N; n++) subtractMaximum(p + ((n * C) << 2), x + ((n * C) << 2), C)
  exponentiate(p, p, 1, N * C)
  for (let n = 0; n < N; n++) normalize(p + ((n * C) << 2), C)
}

export function softmaxCrossEntropy(loss: usize, p: usize, x: usize, label: usize, N: i32, C: i32): void {
  for (let n = 0; n < N; n++) {
    const row = p + ((n * C) << 2)
    subtractMaximum(row, x + ((n * C) << 2), C)
    // the value to subtract from the logarithm is kept where the loss will be
    store<f32>(loss + (n << 2), load<f32>(row + ((<usize>load<u8>(label + n)) << 2)))
  }
  exponentiate(p, p, 1, N * C)
  for (let from = 0; from < N; from += BLOCK) {
    const rows = min(N - from, BLOCK)
    for (let n = 0; n < rows; n++) store<f32>(SCRATCH + (n << 2), normalize(p + (((from + n) * C) << 2), C))
    log(SCRATCH, SCRATCH, rows)
    for (let n = 0; n < rows; n++) {
      const at = loss + ((from + n) << 2)
      store<f32>(at, snap(load<f32>(SCRATCH + (n << 2)) - load<f32>(at)))
    }
  }
}

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

// y = x - max x: y[C], x[C], y may be x.
function subtractMaximum(y: usize, x: usize, C: i32): void {
  let c = 0
  if (ASC_FEATURE_SIMD) {
    if (C > 3) {
      // pmax may lose a NaN, but the sum of a row with a NaN is NaN, and so are all its outputs
      let most = v128.load(x + ((C - 4) << 2))
      for (; c < C - 4; c += 4) most = f32x4.pmax(most, v128.load(x + (c << 2)))
      most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1))
      most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 1, 0, 3, 2))
      const last = f32x4.sub(v128.load(x + ((C - 4) << 2)), most)
      for (c = 0; c < C - 4; c += 4) v128.store(y + (c << 2), f32x4.sub(v128.load(x + (c << 2)), most))
      v128.store(y + ((C - 4) << 2), last)
      return
    }
  }
  let top = load<f32>(x)
  for (c = 1; c < C; c++) top = max(top, load<f32>(x + (c << 2)))
  for (c = 0; c < C; c++) store<f32>(y + (c << 2), load<f32>(x + (c << 2)) - top)
}

// e = snap(p), p = snap(e / sum e): p[C]. Returns the sum of e.
function normalize(p: usize, C: i32): f32 {
  const whole = C & ~3
  let c = 0
  let sum: f32 = 0
  if (ASC_FEATURE_SIMD) {
    let sums = f32x4.splat(0)
    for (; c < whole; c += 4) sums = f32x4.add(sums, snap4(v128.load(p + (c << 2))))
    sum =
      f32x4.extract_lane(sums, 0) +
      f32x4.extract_lane(sums, 1) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
    for (; c < C; c++) sum += snap(load<f32>(p + (c << 2)))
    const divisor = f32x4.splat(sum)
    for (c = 0; c < C; c += 4) {
      const at = p + (c << 2)
      storeLanes(at, snap4(f32x4.div(snap4(v128.load(at)), divisor)), C - c)
    }
  } else {
    let s0: f32 = 0
    let s1: f32 = 0
    let s2: f32 = 0
    let s3: f32 = 0
    for (; c < whole; c += 4) {
      const at = p + (c << 2)
      s0 += snap(load<f32>(at))
      s1 += snap(load<f32>(at + 4))
      s2 += snap(load<f32>(at + 8))
      s3 += snap(load<f32>(at + 12))
    }
    sum = s0 + s1 + (s2 + s3)
    for (; c < C; c++) sum += snap(load<f32>(p + (c << 2)))
    for (c = 0; c < C; c++) store<f32>(p + (c << 2), snap(snap(load<f32>(p + (c << 2))) / sum))
  }
  return sum
}
