// The optimizers, over the flat parameter buffer. Twin: core/kernels/optimizer.ts.

import { snap, snap4 } from './snap'

/**
 * g = snap(dw) + decay * w; v = snap(momentum * v + g); w = snap(w - rate * v).
 * w[L], v[L], dw[L].
 * Element by element; rounds at every operation.
 * w, v and dw must not overlap; updates w and v, leaves dw.
 * Within 6 roundings of exact.
 */
export function sgd(w: usize, v: usize, dw: usize, rate: f32, momentum: f32, decay: f32, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const rates = f32x4.splat(rate)
    const momenta = f32x4.splat(momentum)
    const decays = f32x4.splat(decay)
    for (; i < L - 3; i += 4) {
      const at = i << 2
      const parameters = v128.load(w + at)
      const g = f32x4.add(snap4(v128.load(dw + at)), f32x4.mul(decays, parameters))
      const velocity = snap4(f32x4.add(f32x4.mul(momenta, v128.load(v + at)), g))
      v128.store(v + at, velocity)
      v128.store(w + at, snap4(f32x4.sub(parameters, f32x4.mul(rates, velocity))))
    }
  }
  for (; i < L; i++) {
    const at = i << 2
    const parameter = load<f32>(w + at)
    const g = snap(load<f32>(dw + at)) + decay * parameter
    const velocity = snap(momentum * load<f32>(v + at) + g)
    store<f32>(v + at, velocity)
    store<f32>(w + at, snap(parameter - rate * velocity))
  }
}
