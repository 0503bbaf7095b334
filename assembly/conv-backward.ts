// Convolution, backward to weights. Twin: core/kernels/conv-backward.ts.
// Image by image: with its border x has the values of neighbouring taps side by side, and dy is packed into panels of
// eight outputs, so that a tile of four taps by eight outputs stays in registers while it walks over the pixels.

import { biasGradient } from './bias'
import { padImage } from './pad'
import { storeLanes } from './snap'

const PANEL = 8 // outputs of a tile

/**
 * dw[ky,kx,i,o] += sum x[n,h+ky-p,w+kx-p,i] dy[n,h,w,o], p = (K-1)/2; db[o] += sum dy[n,h,w,o].
 * dw[K,K,I,O], db[O], x[N,H,W,I], dy[N,H,W,O]; scratch of convScratch bytes.
 * Sums what is there first, then over n, h, w ascending, the zeros outside included; rounds at every operation, does not snap.
 * dw, db and scratch must not overlap the others; accumulates.
 * |error| <= N H W 2^-24 sum |x dy| to first order.
 */
export function convBackwardWeight(
  dw: usize,
  db: usize,
  x: usize,
  dy: usize,
  scratch: usize,
  N: i32,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
): void {
  const pixels = H * W
  biasGradient(db, dy, N * pixels, O)
  const packed = scratch
  const padded = packed + ((((O + PANEL - 1) / PANEL) * PANEL * pixels) << 2)
  const run = K * I
  for (let n = 0; n < N; n++) {
    padImage(padded, x + ((n * pixels * I) << 2), H, W, I, K)
    packOutputs(packed, dy + ((n * pixels * O) << 2), pixels, O)
    for (let o = 0; o < O; o += PANEL) {
      const panel = packed + ((o * pixels) << 2)
      for (let ky = 0; ky < K; ky++) {
        const from = padded + ((ky * (W + K - 1) * I) << 2)
        const to = dw + ((ky * run * O + o) << 2)
        if (ASC_FEATURE_SIMD) {
          for (let k = 0; k < run; k += 4) {
            tile(to + ((k * O) << 2), from + (k << 2), panel, H, W, I, O, K, run - k, O - o)
          }
        } else {
          for (let k = 0; k < run; k++) tap(to + ((k * O) << 2), from + (k << 2), panel, H, W, I, K, O - o)
        }
      }
    }
  }
}

// dy[pixels,O] into panels [ceil(O/8)][pixels][8]; columns past the last are 0.
function packOutputs(to: usize, dy: usize, pixels: i32, O: i32): void {
  for (let o = 0; o < O; o += PANEL) {
    let from = dy + (o << 2)
    const rest = O - o
    for (let p = 0; p < pixels; p++) {
      if (ASC_FEATURE_SIMD && rest >= PANEL) {
        v128.store(to, v128.load(from))
        v128.store(to, v128.load(from, 16), 16)
      } else {
        for (let j = 0; j < PANEL; j++) store<f32>(to + (j << 2), j < rest ? load<f32>(from + (j << 2)) : 0)
      }
      to += PANEL << 2
      from += (<usize>O) << 2
    }
  }
}

// Four neighbouring taps (`taps` of them exist) by eight outputs (`rest` exist) over the pixels of one image. What lies
// past the last tap is other pixels or the next buffer: it is summed but not stored.
function tile(dw: usize, x: usize, panel: usize, H: i32, W: i32, I: i32, O: i32, K: i32, taps: i32, rest: i32): void {
  const row = (<usize>O) << 2
  const g1 = dw + (taps > 1 ? row : 0)
  const g2 = dw + (taps > 2 ? 2 * row : 0)
  const g3 = dw + (taps > 3 ? 3 * row : 0)
  const second: usize = rest > 4 ? 16 : 0
  let a0 = v128.load(dw)
  let b0 = v128.load(dw + second)
  let a1 = v128.load(g1)
  let b1 = v128.load(g1 + second)
  let a2 = v128.load(g2)
  let b2 = v128.load(g2 + second)
  let a3 = v128.load(g3)
  let b3 = v128.load(g3 + second)
  const step = (<usize>I) << 2
  const skip = <usize>(K - 1) * step
  for (let h = 0; h < H; h++) {
    const end = x + <usize>W * step
    while (x < end) {
      const da = v128.load(panel)
      const db = v128.load(panel, 16)
      let v = v128.load_splat<f32>(x)
      a0 = f32x4.add(a0, f32x4.mul(v, da))
      b0 = f32x4.add(b0, f32x4.mul(v, db))
      v = v128.load_splat<f32>(x, 4)
      a1 = f32x4.add(a1, f32x4.mul(v, da))
      b1 = f32x4.add(b1, f32x4.mul(v, db))
      v = v128.load_splat<f32>(x, 8)
      a2 = f32x4.add(a2, f32x4.mul(v, da))
      b2 = f32x4.add(b2, f32x4.mul(v, db))
      v = v128.load_splat<f32>(x, 12)
      a3 = f32x4.add(a3, f32x4.mul(v, da))
      b3 = f32x4.add(b3, f32x4.mul(v, db))
      panel += 32
      x += step
    }
    x += skip
  }
  storeTwo(dw, a0, b0, rest)
  if (taps > 1) storeTwo(g1, a1, b1, rest)
  if (taps > 2) storeTwo(g2, a2, b2, rest)
  if (taps > 3) storeTwo(g3, a3, b3, rest)
}

function storeTwo(dw: usize, a: v128, b: v128, rest: i32): void {
  storeLanes(dw, a, rest)
  storeLanes(dw + 16, b, rest - 4)
}

// One tap by eight outputs, without SIMD.
function tap(dw: usize, x: usize, panel: usize, H: i32, W: i32, I: i32, K: i32, rest: i32): void {
  const step = (<usize>I) << 2
  const skip = <usize>(K - 1) * step
  const count = min(rest, PANEL)
  for (let j = 0; j < count; j += 2) {
    let at = x
    let from = panel + (j << 2)
    let s0 = load<f32>(dw + (j << 2))
    let s1: f32 = j + 1 < count ? load<f32>(dw + (j << 2), 4) : 0
    for (let h = 0; h < H; h++) {
      const end = at + <usize>W * step
      while (at < end) {
        const v = load<f32>(at)
        s0 += v * load<f32>(from)
        s1 += v * load<f32>(from, 4)
        from += PANEL << 2
        at += step
      }
      at += skip
    }
    store<f32>(dw + (j << 2), s0)
    if (j + 1 < count) store<f32>(dw + (j << 2), s1, 4)
  }
}
