// The activations, element by element. Twin: core/kernels/activation.ts.

import { exponentiate } from './polynomial'
import { snap, snap4 } from './snap'

const BLOCK = 2048 // values, which stay in the cache from one loop to the next

export function reluForward(y: usize, x: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const zero = f32x4.splat(0)
    for (; i < L - 3; i += 4) {
      const v = v128.load(x + (i << 2))
      v128.store(y + (i << 2), v128.and(v, f32x4.gt(v, zero)))
    }
  }
  for (; i < L; i++) {
    const v = load<f32>(x + (i << 2))
    store<f32>(y + (i << 2), v > 0 ? v : 0)
  }
}

export function reluBackward(dx: usize, dy: usize, y: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const zero = f32x4.splat(0)
    for (; i < L - 3; i += 4) {
      const at = i << 2
      v128.store(dx + at, v128.and(v128.load(dy + at), f32x4.gt(v128.load(y + at), zero)))
    }
  }
  for (; i < L; i++) {
    const at = i << 2
    store<f32>(dx + at, load<f32>(y + at) > 0 ? load<f32>(dy + at) : 0)
  }
}

export function sigmoidForward(y: usize, x: usize, L: i32): void {
  for (let from = 0; from < L; from += BLOCK) {
    const at = (<usize>from) << 2
    const count = min(L - from, BLOCK)
    exponentiate(y + at, x + at, -1, count)
    logistic(y + at, count)
  }
}

// y = snap(1 / (1 + y)).
function logistic(y: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const one = f32x4.splat(1)
    for (; i < L - 3; i += 4) {
      const at = y + (i << 2)
      v128.store(at, snap4(f32x4.div(one, f32x4.add(one, v128.load(at)))))
    }
  }
  for (; i < L; i++) store<f32>(y + (i << 2), snap(1 / (1 + load<f32>(y + (i << 2)))))
}

export function sigmoidBackward(dx: usize, dy: usize, y: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const one = f32x4.splat(1)
    for (; i < L - 3; i += 4) {
      const at = i << 2
      const v = v128.load(y + at)
      v128.store(dx + at, snap4(f32x4.mul(v128.load(dy + at), f32x4.mul(v, f32x4.sub(one, v)))))
    }
  }
  for (; i < L; i++) {
    const at = i << 2
    const v = load<f32>(y + at)
    store<f32>(dx + at, snap(load<f32>(dy + at) * (v * (1 - v))))
  }
}
