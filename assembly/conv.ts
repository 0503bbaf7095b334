// Convolution with odd square kernels and "same" borders, forward and backward to inputs. Twin: core/kernels/conv.ts.
// Images are NHWC. Each image is copied once with its border of zeros, so that the values under one row of the kernel
// are contiguous, and the weights once per call into panels of eight outputs: what remains is a matrix product whose
// tiles of four pixels by eight outputs fit the vector registers. Lanes lie on outputs, so sums keep their plain order.

import { padImage } from './pad'
import { snap, snap4, storeLanes } from './snap'

const PIXELS = 4 // of a tile
const PANEL = 8 // outputs of a tile

/**
 * y[n,h,w,o] = snap(b[o] + sum x[n,h+ky-p,w+kx-p,i] w[ky,kx,i,o]), p = (K-1)/2; outside the image x is +0.
 * y[N,H,W,O], x[N,H,W,I], w[K,K,I,O], b[O]; scratch of convScratch bytes.
 * Sums b first, then over ky, kx, i ascending, the zeros outside included; rounds at every operation.
 * y and scratch must not overlap the others; overwrites.
 * |error| <= (K K I + 1) 2^-24 sum |x w| to first order.
 */
export function convForward(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  N: i32,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
): void {
  const depth = K * K * I
  const panels = ((O + PANEL - 1) / PANEL) * PANEL
  const packed = scratch + (panels << 2)
  const padded = packed + ((panels * depth) << 2)
  for (let o = 0; o < panels; o++) store<f32>(scratch + (o << 2), o < O ? load<f32>(b + (o << 2)) : 0)
  for (let o = 0; o < panels; o += PANEL) {
    let to = packed + ((o * depth) << 2)
    for (let k = 0; k < depth; k++) {
      for (let j = 0; j < PANEL; j++) {
        store<f32>(to, o + j < O ? load<f32>(w + ((k * O + o + j) << 2)) : 0)
        to += 4
      }
    }
  }
  for (let n = 0; n < N; n++) {
    padImage(padded, x + ((n * H * W * I) << 2), H, W, I, K)
    correlate(y + ((n * H * W * O) << 2), padded, packed, scratch, H, W, I, O, K)
  }
}

/**
 * dx[n,h,w,i] = snap(sum dy[n,h-ky+p,w-kx+p,o] w[ky,kx,i,o]): dy correlated with the kernel turned round.
 * dx[N,H,W,I], dy[N,H,W,O], w[K,K,I,O]; scratch of convScratch bytes.
 * Sums from +0 over ky and kx descending, then o ascending, the zeros outside included; rounds at every operation.
 * dx and scratch must not overlap the others; overwrites.
 * |error| <= K K O 2^-24 sum |dy w| to first order.
 */
export function convBackwardInput(
  dx: usize,
  dy: usize,
  w: usize,
  scratch: usize,
  N: i32,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
): void {
  const taps = K * K
  const depth = taps * O
  const panels = ((I + PANEL - 1) / PANEL) * PANEL
  const packed = scratch + (panels << 2)
  const padded = packed + ((panels * depth) << 2)
  for (let i = 0; i < panels; i++) store<f32>(scratch + (i << 2), 0)
  for (let i = 0; i < panels; i += PANEL) {
    for (let tap = 0; tap < taps; tap++) {
      const from = w + (((taps - 1 - tap) * I * O) << 2)
      for (let j = 0; j < PANEL; j++) {
        let to = packed + ((i * depth + tap * O * PANEL + j) << 2)
        for (let o = 0; o < O; o++) {
          store<f32>(to, i + j < I ? load<f32>(from + (((i + j) * O + o) << 2)) : 0)
          to += PANEL << 2
        }
      }
    }
  }
  for (let n = 0; n < N; n++) {
    padImage(padded, dy + ((n * H * W * O) << 2), H, W, O, K)
    correlate(dx + ((n * H * W * I) << 2), padded, packed, scratch, H, W, O, I, K)
  }
}

// One image: y[H,W,O] from the padded x[H+K-1,W+K-1,I], panels [ceil(O/8)][K,K,I][8] and as many biases.
function correlate(y: usize, x: usize, panels: usize, bias: usize, H: i32, W: i32, I: i32, O: i32, K: i32): void {
  const depth = K * K * I
  const pixels = H * W
  for (let o = 0; o < O; o += PANEL) {
    const panel = panels + ((o * depth) << 2)
    if (ASC_FEATURE_SIMD) {
      for (let p = 0; p < pixels; p += PIXELS) tile(y, x, panel, bias + (o << 2), p, pixels - 1, W, I, O, K, o)
    } else {
      for (let p = 0; p < pixels; p++) pixel(y, x, panel, bias + (o << 2), p, W, I, O, K, o)
    }
  }
}

// Byte offset of pixel p's window in the padded image.
function windowAt(p: i32, W: i32, I: i32, K: i32): usize {
  const row = p / W
  return (<usize>((row * (W + K - 1) + (p - row * W)) * I)) << 2
}

// Pixels p..p+3 (past the last one it repeats, to the same bits), outputs o..o+7 (at least one of them exists).
function tile(
  y: usize,
  x: usize,
  panel: usize,
  bias: usize,
  p: i32,
  last: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  o: i32,
): void {
  const p1 = min(p + 1, last)
  const p2 = min(p + 2, last)
  const p3 = min(p + 3, last)
  let x0 = x + windowAt(p, W, I, K)
  let x1 = x + windowAt(p1, W, I, K)
  let x2 = x + windowAt(p2, W, I, K)
  let x3 = x + windowAt(p3, W, I, K)
  let a0 = v128.load(bias)
  let b0 = v128.load(bias, 16)
  let a1 = a0
  let b1 = b0
  let a2 = a0
  let b2 = b0
  let a3 = a0
  let b3 = b0
  const run = (<usize>(K * I)) << 2 // bytes under one row of the kernel
  const skip = (<usize>((W - 1) * I)) << 2 // from the end of one to the start of the next
  for (let ky = 0; ky < K; ky++) {
    const end = x0 + run
    const even = end - (run & 4)
    while (x0 < even) {
      let wa = v128.load(panel)
      let wb = v128.load(panel, 16)
      let v = v128.load_splat<f32>(x0)
      a0 = f32x4.add(a0, f32x4.mul(v, wa))
      b0 = f32x4.add(b0, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x1)
      a1 = f32x4.add(a1, f32x4.mul(v, wa))
      b1 = f32x4.add(b1, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x2)
      a2 = f32x4.add(a2, f32x4.mul(v, wa))
      b2 = f32x4.add(b2, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x3)
      a3 = f32x4.add(a3, f32x4.mul(v, wa))
      b3 = f32x4.add(b3, f32x4.mul(v, wb))
      wa = v128.load(panel, 32)
      wb = v128.load(panel, 48)
      v = v128.load_splat<f32>(x0, 4)
      a0 = f32x4.add(a0, f32x4.mul(v, wa))
      b0 = f32x4.add(b0, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x1, 4)
      a1 = f32x4.add(a1, f32x4.mul(v, wa))
      b1 = f32x4.add(b1, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x2, 4)
      a2 = f32x4.add(a2, f32x4.mul(v, wa))
      b2 = f32x4.add(b2, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x3, 4)
      a3 = f32x4.add(a3, f32x4.mul(v, wa))
      b3 = f32x4.add(b3, f32x4.mul(v, wb))
      panel += 64
      x0 += 8
      x1 += 8
      x2 += 8
      x3 += 8
    }
    if (x0 < end) {
      const wa = v128.load(panel)
      const wb = v128.load(panel, 16)
      let v = v128.load_splat<f32>(x0)
      a0 = f32x4.add(a0, f32x4.mul(v, wa))
      b0 = f32x4.add(b0, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x1)
      a1 = f32x4.add(a1, f32x4.mul(v, wa))
      b1 = f32x4.add(b1, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x2)
      a2 = f32x4.add(a2, f32x4.mul(v, wa))
      b2 = f32x4.add(b2, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(x3)
      a3 = f32x4.add(a3, f32x4.mul(v, wa))
      b3 = f32x4.add(b3, f32x4.mul(v, wb))
      panel += 32
      x0 += 4
      x1 += 4
      x2 += 4
      x3 += 4
    }
    x0 += skip
    x1 += skip
    x2 += skip
    x3 += skip
  }
  const rest = O - o
  const column = y + (o << 2)
  storeTwo(column + ((p * O) << 2), a0, b0, rest)
  storeTwo(column + ((p1 * O) << 2), a1, b1, rest)
  storeTwo(column + ((p2 * O) << 2), a2, b2, rest)
  storeTwo(column + ((p3 * O) << 2), a3, b3, rest)
}

function storeTwo(y: usize, a: v128, b: v128, rest: i32): void {
  storeLanes(y, snap4(a), rest)
  storeLanes(y + 16, snap4(b), rest - 4)
}

// Pixel p, outputs o..o+7 (at least one of them exists), without SIMD.
function pixel(y: usize, x: usize, panel: usize, bias: usize, p: i32, W: i32, I: i32, O: i32, K: i32, o: i32): void {
  let at = x + windowAt(p, W, I, K)
  let s0 = load<f32>(bias)
  let s1 = load<f32>(bias, 4)
  let s2 = load<f32>(bias, 8)
  let s3 = load<f32>(bias, 12)
  let s4 = load<f32>(bias, 16)
  let s5 = load<f32>(bias, 20)
  let s6 = load<f32>(bias, 24)
  let s7 = load<f32>(bias, 28)
  const run = (<usize>(K * I)) << 2
  const skip = (<usize>((W - 1) * I)) << 2
  for (let ky = 0; ky < K; ky++) {
    const end = at + run
    while (at < end) {
      const v = load<f32>(at)
      s0 += v * load<f32>(panel)
      s1 += v * load<f32>(panel, 4)
      s2 += v * load<f32>(panel, 8)
      s3 += v * load<f32>(panel, 12)
      s4 += v * load<f32>(panel, 16)
      s5 += v * load<f32>(panel, 20)
      s6 += v * load<f32>(panel, 24)
      s7 += v * load<f32>(panel, 28)
      panel += 32
      at += 4
    }
    at += skip
  }
  const rest = O - o
  const to = y + ((p * O + o) << 2)
  store<f32>(to, snap(s0))
  if (rest > 1) store<f32>(to, snap(s1), 4)
  if (rest > 2) store<f32>(to, snap(s2), 8)
  if (rest > 3) store<f32>(to, snap(s3), 12)
  if (rest > 4) store<f32>(to, snap(s4), 16)
  if (rest > 5) store<f32>(to, snap(s5), 20)
  if (rest > 6) store<f32>(to, snap(s6), 24)
  if (rest > 7) store<f32>(to, snap(s7), 28)
}
