// The convolution of a picture: one value per pixel, with ink in the middle. conv.ts calls it; the twin of conv.ts computes the
// same.

import { padImage } from './pad'
import { snap, snap4, storeLanes } from './snap'
import { Eight, One } from './tile'

/**
 * Computes one image, y[H,W,O] from x[H,W], w[K,K,O] and snapped biases [W,O]; scratch of 2 H + (H+K-1)(W+K-1) words. Pixels
 * of a row of y that the kernel connects with no ink are biases. From the first to the last of the others, tiles of two pixels
 * by sixteen outputs are computed. The last H mod S rows and W mod S columns of y are left as they are.
 */
export function convolvePicture(
  y: usize,
  x: usize,
  w: usize,
  biases: usize,
  scratch: usize,
  H: i32,
  W: i32,
  O: i32,
  K: i32,
  S: i32,
): void {
  const p = (K - 1) >> 1
  const row = (<usize>(W * O)) << 2 // bytes of y
  const inks = scratch // i32[H,2]: the first pixel of a row that is not zero, and the one after the last
  const padded = scratch + ((2 * H) << 2)
  padImage(padded, x, H, W, 1, K)
  for (let h = 0; h < H; h++) {
    const from = x + ((h * W) << 2)
    let left = 0
    let right = W
    while (left < right && load<u32>(from + (left << 2)) << 1 === 0) left++
    while (left < right && load<u32>(from + (right << 2) - 4) << 1 === 0) right--
    store<i32>(inks + (h << 3), left)
    store<i32>(inks + (h << 3), right, 4)
  }
  const columns = W - (W % S)
  for (let h = 0; h < H - (H % S); h++) {
    let left = W
    let right = 0
    for (let r = max(h - p, 0); r <= min(h + p, H - 1); r++) {
      const first = load<i32>(inks + (r << 3))
      const last = load<i32>(inks + (r << 3), 4)
      if (first === last) continue
      left = min(left, max(first - p, 0))
      right = max(right, min(last + p, W))
    }
    right = min(right, columns)
    memory.copy(y, biases, (<usize>(columns * O)) << 2)
    const window = padded + ((h * (W + K - 1)) << 2)
    for (let c = left; c < right; c += ASC_FEATURE_SIMD ? 2 : 1) {
      const values = window + (c << 2)
      const pixel = y + ((c * O) << 2)
      let o = 0
      if (ASC_FEATURE_SIMD) {
        for (; o < O; o += 16) twoPixels(pixel, values, w, biases, c + 1 < columns, W, O, K, o)
      } else {
        for (; O - o >= 8; o += 8) onePixel<Eight>(pixel, values, w, biases, W, O, K, o)
        for (; o < O; o++) onePixel<One>(pixel, values, w, biases, W, O, K, o)
      }
    }
    y += row
  }
}

// Computes outputs o..o+15, of which at least one exists, of a pixel, and of the next if there is one. Vectors wholly past the
// end repeat the first.
function twoPixels(y: usize, x: usize, w: usize, b: usize, second: bool, W: i32, O: i32, K: i32, o: i32): void {
  const rest = O - o
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  const bias = b + (o << 2)
  let a0 = v128.load(bias)
  let a1 = v128.load(bias + c1)
  let a2 = v128.load(bias + c2)
  let a3 = v128.load(bias + c3)
  let b0 = a0
  let b1 = a1
  let b2 = a2
  let b3 = a3
  const step = (<usize>O) << 2
  let column = w + (o << 2)
  for (let ky = 0; ky < K; ky++) {
    for (const end = x + (K << 2); x < end; x += 4) {
      const w0 = v128.load(column)
      const w1 = v128.load(column + c1)
      const w2 = v128.load(column + c2)
      const w3 = v128.load(column + c3)
      let v = v128.load_splat<f32>(x)
      a0 = f32x4.add(a0, f32x4.mul(v, w0))
      a1 = f32x4.add(a1, f32x4.mul(v, w1))
      a2 = f32x4.add(a2, f32x4.mul(v, w2))
      a3 = f32x4.add(a3, f32x4.mul(v, w3))
      v = v128.load_splat<f32>(x, 4)
      b0 = f32x4.add(b0, f32x4.mul(v, w0))
      b1 = f32x4.add(b1, f32x4.mul(v, w1))
      b2 = f32x4.add(b2, f32x4.mul(v, w2))
      b3 = f32x4.add(b3, f32x4.mul(v, w3))
      column += step
    }
    x += (W - 1) << 2
  }
  const to = y + (o << 2)
  storeLanes(to, snap4(a0), rest)
  storeLanes(to + 16, snap4(a1), rest - 4)
  storeLanes(to + 32, snap4(a2), rest - 8)
  storeLanes(to + 48, snap4(a3), rest - 12)
  if (second) {
    storeLanes(to + step, snap4(b0), rest)
    storeLanes(to + step + 16, snap4(b1), rest - 4)
    storeLanes(to + step + 32, snap4(b2), rest - 8)
    storeLanes(to + step + 48, snap4(b3), rest - 12)
  }
}

// Computes a tile of the outputs of one pixel, from output o on, without SIMD.
function onePixel<Tile>(y: usize, x: usize, w: usize, b: usize, W: i32, O: i32, K: i32, o: i32): void {
  const bias = b + (o << 2)
  let s0 = load<f32>(bias)
  let s1: f32 = 0
  let s2: f32 = 0
  let s3: f32 = 0
  let s4: f32 = 0
  let s5: f32 = 0
  let s6: f32 = 0
  let s7: f32 = 0
  if (offsetof<Tile>() === 8) {
    s1 = load<f32>(bias, 4)
    s2 = load<f32>(bias, 8)
    s3 = load<f32>(bias, 12)
    s4 = load<f32>(bias, 16)
    s5 = load<f32>(bias, 20)
    s6 = load<f32>(bias, 24)
    s7 = load<f32>(bias, 28)
  }
  let column = w + (o << 2)
  for (let ky = 0; ky < K; ky++) {
    for (const end = x + (K << 2); x < end; x += 4) {
      const v = load<f32>(x)
      s0 += v * load<f32>(column)
      if (offsetof<Tile>() === 8) {
        s1 += v * load<f32>(column, 4)
        s2 += v * load<f32>(column, 8)
        s3 += v * load<f32>(column, 12)
        s4 += v * load<f32>(column, 16)
        s5 += v * load<f32>(column, 20)
        s6 += v * load<f32>(column, 24)
        s7 += v * load<f32>(column, 28)
      }
      column += (<usize>O) << 2
    }
    x += (W - 1) << 2
  }
  const to = y + (o << 2)
  store<f32>(to, snap(s0))
  if (offsetof<Tile>() === 8) {
    store<f32>(to, snap(s1), 4)
    store<f32>(to, snap(s2), 8)
    store<f32>(to, snap(s3), 12)
    store<f32>(to, snap(s4), 16)
    store<f32>(to, snap(s5), 20)
    store<f32>(to, snap(s6), 24)
    store<f32>(to, snap(s7), 28)
  }
}
