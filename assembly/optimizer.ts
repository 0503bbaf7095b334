// The optimizers, over the flat parameter buffer. Twin: core/kernels/optimizer.ts.

import { least4, snap, snapBelow } from './snap'

const TINY = memory.data<f32>([7.888609052210118e-31], 4)

export function sgd(w: usize, v: usize, dw: usize, rate: f32, momentum: f32, decay: f32, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const least = least4()
    const rates = f32x4.splat(rate)
    const momenta = f32x4.splat(momentum)
    const decays = f32x4.splat(decay)
    for (; i < L - 3; i += 4) {
      const at = i << 2
      const parameters = v128.load(w + at)
      const g = f32x4.add(snapBelow(v128.load(dw + at), least), f32x4.mul(decays, parameters))
      const velocity = snapBelow(f32x4.add(f32x4.mul(momenta, v128.load(v + at)), g), least)
      v128.store(v + at, velocity)
      v128.store(w + at, snapBelow(f32x4.sub(parameters, f32x4.mul(rates, velocity)), least))
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

export function adam(
  w: usize,
  m: usize,
  v: usize,
  dw: usize,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  decay: f32,
  L: i32,
): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const least = least4()
    const tiniest = v128.load_splat<f32>(TINY)
    const rates = f32x4.splat(rate)
    const keep1 = f32x4.splat(beta1)
    const take1 = f32x4.splat(1 - beta1)
    const keep2 = f32x4.splat(beta2)
    const take2 = f32x4.splat(1 - beta2)
    for (; i < L - 3; i += 4) {
      const at = i << 2
      const g = snapBelow(v128.load(dw + at), least)
      const mean = snapBelow(f32x4.add(f32x4.mul(keep1, v128.load(m + at)), f32x4.mul(take1, g)), least)
      const square = dropBelow(
        f32x4.add(f32x4.mul(keep2, v128.load(v + at)), f32x4.mul(take2, f32x4.mul(g, g))),
        tiniest,
      )
      const step = f32x4.div(mean, f32x4.add(f32x4.sqrt(square), f32x4.splat(epsilon)))
      const parameters = v128.load(w + at)
      const decayed = f32x4.sub(parameters, f32x4.mul(f32x4.splat(decay), parameters))
      v128.store(m + at, mean)
      v128.store(v + at, square)
      v128.store(w + at, snapBelow(f32x4.sub(decayed, f32x4.mul(rates, step)), least))
    }
  }
  for (; i < L; i++) {
    const at = i << 2
    const g = snap(load<f32>(dw + at))
    const mean = snap(beta1 * load<f32>(m + at) + (1 - beta1) * g)
    const square = tiny(beta2 * load<f32>(v + at) + (1 - beta2) * (g * g))
    const step = mean / (sqrt<f32>(square) + epsilon)
    const parameter = load<f32>(w + at)
    store<f32>(m + at, mean)
    store<f32>(v + at, square)
    store<f32>(w + at, snap(parameter - decay * parameter - rate * step))
  }
}

export function adadelta(
  w: usize,
  v: usize,
  u: usize,
  dw: usize,
  rate: f32,
  rho: f32,
  epsilon: f32,
  decay: f32,
  L: i32,
): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const keep = f32x4.splat(rho)
    const take = f32x4.splat(1 - rho)
    const least = least4()
    const tiniest = v128.load_splat<f32>(TINY)
    const epsilons = f32x4.splat(epsilon)
    for (; i < L - 3; i += 4) {
      const at = i << 2
      const g = snapBelow(v128.load(dw + at), least)
      const square = dropBelow(f32x4.add(f32x4.mul(keep, v128.load(v + at)), f32x4.mul(take, f32x4.mul(g, g))), tiniest)
      const past = v128.load(u + at)
      const ratio = f32x4.div(f32x4.sqrt(f32x4.add(past, epsilons)), f32x4.sqrt(f32x4.add(square, epsilons)))
      const step = snapBelow(f32x4.mul(ratio, g), least)
      const parameters = v128.load(w + at)
      const decayed = f32x4.sub(parameters, f32x4.mul(f32x4.splat(decay), parameters))
      v128.store(v + at, square)
      v128.store(u + at, dropBelow(f32x4.add(f32x4.mul(keep, past), f32x4.mul(take, f32x4.mul(step, step))), tiniest))
      v128.store(w + at, snapBelow(f32x4.sub(decayed, f32x4.mul(f32x4.splat(rate), step)), least))
    }
  }
  for (; i < L; i++) {
    const at = i << 2
    const g = snap(load<f32>(dw + at))
    const square = tiny(rho * load<f32>(v + at) + (1 - rho) * (g * g))
    const past = load<f32>(u + at)
    const step = snap((sqrt<f32>(past + epsilon) / sqrt<f32>(square + epsilon)) * g)
    const parameter = load<f32>(w + at)
    store<f32>(v + at, square)
    store<f32>(u + at, tiny(rho * past + (1 - rho) * (step * step)))
    store<f32>(w + at, snap(parameter - decay * parameter - rate * step))
  }
}

// +0 if x < 2^-100, else x: for sums of squares.
function tiny(x: f32): f32 {
  return x < <f32>7.888609052210118e-31 ? 0 : x
}

// +0 in the lanes where x < least; x is not negative.
function dropBelow(x: v128, least: v128): v128 {
  return v128.andnot(x, f32x4.lt(x, least))
}
