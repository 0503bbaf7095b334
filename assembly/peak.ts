// The peak of a machine: multiplications and additions in registers. Twin: core/kernels/peak.ts.

import { snap, snap4 } from './snap'

// Two multiply-adds for each element and round. An operation takes about 3 cycles, and two of a kind can begin in each, so six of
// each must be under way: here eight are, in thirteen of the sixteen registers of x86 and NEON. In this order, products two by
// two, an AMD Zen 4 reaches its limit of four operations a cycle; in others it is a sixth slower.
export function geometric(s: usize, t: usize, x: usize, a: f32, R: i32, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const as = f32x4.splat(a)
    for (; i < L - 15; i += 16) {
      const at = i << 2
      let x0 = v128.load(x + at)
      let x1 = v128.load(x + at, 16)
      let x2 = v128.load(x + at, 32)
      let x3 = v128.load(x + at, 48)
      let s0 = f32x4.splat(0)
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let t0 = s0
      let t1 = s0
      let t2 = s0
      let t3 = s0
      for (let r = 0; r < R; r++) {
        t0 = f32x4.add(t0, f32x4.mul(x0, x0))
        t1 = f32x4.add(t1, f32x4.mul(x1, x1))
        x0 = f32x4.mul(x0, as)
        s0 = f32x4.add(s0, x0)
        x1 = f32x4.mul(x1, as)
        s1 = f32x4.add(s1, x1)
        t2 = f32x4.add(t2, f32x4.mul(x2, x2))
        t3 = f32x4.add(t3, f32x4.mul(x3, x3))
        x2 = f32x4.mul(x2, as)
        s2 = f32x4.add(s2, x2)
        x3 = f32x4.mul(x3, as)
        s3 = f32x4.add(s3, x3)
      }
      v128.store(s + at, snap4(s0))
      v128.store(s + at, snap4(s1), 16)
      v128.store(s + at, snap4(s2), 32)
      v128.store(s + at, snap4(s3), 48)
      v128.store(t + at, snap4(t0))
      v128.store(t + at, snap4(t1), 16)
      v128.store(t + at, snap4(t2), 32)
      v128.store(t + at, snap4(t3), 48)
    }
  }
  for (; i < L - 3; i += 4) {
    const at = i << 2
    let x0 = load<f32>(x + at)
    let x1 = load<f32>(x + at, 4)
    let x2 = load<f32>(x + at, 8)
    let x3 = load<f32>(x + at, 12)
    let s0: f32 = 0
    let s1: f32 = 0
    let s2: f32 = 0
    let s3: f32 = 0
    let t0: f32 = 0
    let t1: f32 = 0
    let t2: f32 = 0
    let t3: f32 = 0
    for (let r = 0; r < R; r++) {
      t0 += x0 * x0
      x0 *= a
      s0 += x0
      t1 += x1 * x1
      x1 *= a
      s1 += x1
      t2 += x2 * x2
      x2 *= a
      s2 += x2
      t3 += x3 * x3
      x3 *= a
      s3 += x3
    }
    store<f32>(s + at, snap(s0))
    store<f32>(s + at, snap(s1), 4)
    store<f32>(s + at, snap(s2), 8)
    store<f32>(s + at, snap(s3), 12)
    store<f32>(t + at, snap(t0))
    store<f32>(t + at, snap(t1), 4)
    store<f32>(t + at, snap(t2), 8)
    store<f32>(t + at, snap(t3), 12)
  }
  for (; i < L; i++) {
    let x0 = load<f32>(x + (i << 2))
    let s0: f32 = 0
    let t0: f32 = 0
    for (let r = 0; r < R; r++) {
      t0 += x0 * x0
      x0 *= a
      s0 += x0
    }
    store<f32>(s + (i << 2), snap(s0))
    store<f32>(t + (i << 2), snap(t0))
  }
}
