// Batch normalisation. Twin: core/kernels/normalization.ts. Lanes lie on channels, so that the sums over rows keep their order.

import { snap, snap4, storeLanes } from './snap'

export function batchStatistics(mean: usize, variance: usize, x: usize, N: i32, C: i32): void {
  const count = <f32>N
  let c = 0
  if (ASC_FEATURE_SIMD) {
    const counts = f32x4.splat(count)
    for (; c < C; c += 4) {
      const column = x + (c << 2)
      let sum = f32x4.splat(0)
      for (let n = 0; n < N; n++) sum = f32x4.add(sum, v128.load(column + ((n * C) << 2)))
      const middle = snap4(f32x4.div(sum, counts))
      sum = f32x4.splat(0)
      for (let n = 0; n < N; n++) {
        const d = snap4(f32x4.sub(v128.load(column + ((n * C) << 2)), middle))
        sum = f32x4.add(sum, f32x4.mul(d, d))
      }
      storeLanes(mean + (c << 2), middle, C - c)
      storeLanes(variance + (c << 2), snap4(f32x4.div(sum, counts)), C - c)
    }
  }
  for (; c < C; c++) {
    const column = x + (c << 2)
    let sum: f32 = 0
    for (let n = 0; n < N; n++) sum += load<f32>(column + ((n * C) << 2))
    const middle = snap(sum / count)
    sum = 0
    for (let n = 0; n < N; n++) {
      const d = snap(load<f32>(column + ((n * C) << 2)) - middle)
      sum += d * d
    }
    store<f32>(mean + (c << 2), middle)
    store<f32>(variance + (c << 2), snap(sum / count))
  }
}

export function normalizeForward(
  y: usize,
  x: usize,
  mean: usize,
  variance: usize,
  gamma: usize,
  beta: usize,
  epsilon: f32,
  N: i32,
  C: i32,
): void {
  const size = N * C
  let c = 0
  if (ASC_FEATURE_SIMD) {
    for (; c < C; c += 4) {
      const at = c << 2
      const rest = C - c
      const middle = v128.load(mean + at)
      const deviation = f32x4.sqrt(f32x4.add(v128.load(variance + at), f32x4.splat(epsilon)))
      const k = snap4(f32x4.div(v128.load(gamma + at), deviation))
      const offset = v128.load(beta + at)
      for (let i = c; i < size; i += C) {
        const d = snap4(f32x4.sub(v128.load(x + (i << 2)), middle))
        storeLanes(y + (i << 2), snap4(f32x4.add(f32x4.mul(d, k), offset)), rest)
      }
    }
  }
  for (; c < C; c++) {
    const at = c << 2
    const middle = load<f32>(mean + at)
    const k = snap(load<f32>(gamma + at) / sqrt<f32>(load<f32>(variance + at) + epsilon))
    const offset = load<f32>(beta + at)
    for (let i = c; i < size; i += C) {
      const d = snap(load<f32>(x + (i << 2)) - middle)
      store<f32>(y + (i << 2), snap(d * k + offset))
    }
  }
}

export function normalizeBackward(
  dx: usize,
  dgamma: usize,
  dbeta: usize,
  dy: usize,
  x: usize,
  mean: usize,
  variance: usize,
  gamma: usize,
  epsilon: f32,
  N: i32,
  C: i32,
): void {
  const size = N * C
  const count = <f32>N
  let c = 0
  if (ASC_FEATURE_SIMD) {
    const counts = f32x4.splat(count)
    for (; c < C; c += 4) {
      const at = c << 2
      const rest = C - c
      const middle = v128.load(mean + at)
      const deviation = f32x4.sqrt(f32x4.add(v128.load(variance + at), f32x4.splat(epsilon)))
      const r = snap4(f32x4.div(f32x4.splat(1), deviation))
      let s = f32x4.splat(0)
      let t = s
      for (let i = c; i < size; i += C) {
        const g = v128.load(dy + (i << 2))
        const h = snap4(f32x4.mul(snap4(f32x4.sub(v128.load(x + (i << 2)), middle)), r))
        s = f32x4.add(s, g)
        t = f32x4.add(t, f32x4.mul(g, h))
      }
      storeLanes(dbeta + at, f32x4.add(v128.load(dbeta + at), s), rest)
      storeLanes(dgamma + at, f32x4.add(v128.load(dgamma + at), t), rest)
      const a = snap4(f32x4.div(s, counts))
      const b = snap4(f32x4.div(t, counts))
      const k = snap4(f32x4.mul(v128.load(gamma + at), r))
      for (let i = c; i < size; i += C) {
        const h = snap4(f32x4.mul(snap4(f32x4.sub(v128.load(x + (i << 2)), middle)), r))
        const g = snap4(f32x4.sub(v128.load(dy + (i << 2)), a))
        storeLanes(dx + (i << 2), snap4(f32x4.mul(k, snap4(f32x4.sub(g, f32x4.mul(h, b))))), rest)
      }
    }
  }
  for (; c < C; c++) {
    const at = c << 2
    const middle = load<f32>(mean + at)
    const r = snap(1 / sqrt<f32>(load<f32>(variance + at) + epsilon))
    let s: f32 = 0
    let t: f32 = 0
    for (let i = c; i < size; i += C) {
      const g = load<f32>(dy + (i << 2))
      s += g
      t += g * snap(snap(load<f32>(x + (i << 2)) - middle) * r)
    }
    store<f32>(dbeta + at, load<f32>(dbeta + at) + s)
    store<f32>(dgamma + at, load<f32>(dgamma + at) + t)
    const a = snap(s / count)
    const b = snap(t / count)
    const k = snap(load<f32>(gamma + at) * r)
    for (let i = c; i < size; i += C) {
      const h = snap(snap(load<f32>(x + (i << 2)) - middle) * r)
      const g = snap(load<f32>(dy + (i << 2)) - a)
      store<f32>(dx + (i << 2), snap(k * snap(g - h * b)))
    }
  }
}
