// Convolution, backward to weights. Twin: core/kernels/conv-backward.ts.
// What comes back through a pooling or a relu is mostly zeros. Where pixels have several values, each non-zero gradient is
// multiplied with the values under the kernel, which lie side by side once the image has its border; lanes lie on these.
// Where pixels have one value, it is the picture that is mostly zeros, and lanes lie on outputs.

import { biasGradient } from './bias'
import { padImage } from './pad'
import { listRows } from './rows'
import { storeLanes } from './snap'

/**
 * dw[ky,kx,i,o] += sum x[n,h+ky-p,w+kx-p,i] dy[n,h,w,o], p = (K-1)/2; db[o] += sum dy[n,h,w,o].
 * dw[K,K,I,O], db[O], x[N,H,W,I], dy[N,H,W,O]; scratch of convBackwardScratch bytes.
 * Sums what is there first, then over n, h, w ascending, leaving out those where dy is zero (where I is 1: x is zero or
 * outside); rounds at every operation, does not snap.
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
  biasGradient(db, dy, N * H * W, O)
  const depth = K * K * I
  const sums = scratch // dw with outputs first: [O,K,K,I]
  const padded = sums + ((O * depth) << 2)
  const list = padded + (((H + K - 1) * (W + K - 1) * I) << 2)
  if (I > 1) transpose(sums, dw, depth, O)
  for (let n = 0; n < N; n++) {
    if (I > 1) {
      padImage(padded, x, H, W, I, K)
      for (let o = 0; o < O; o++) {
        const end = listOutput(list, dy + (o << 2), H, W, I, O, K)
        const to = sums + ((o * depth) << 2)
        for (let ky = 0; ky < K; ky++) {
          addWindows(to + ((ky * K * I) << 2), padded + ((ky * (W + K - 1) * I) << 2), list, end, K * I)
        }
      }
    } else {
      listRows(scratch, x, H, W, 1)
      for (let ky = 0; ky < K; ky++) {
        for (let kx = 0; kx < K; kx++) {
          const to = dw + (((ky * K + kx) * O) << 2)
          for (let o = 0; o < O; o += 16)
            addPixels(to, x, dy, scratch, H, W, O, ky - ((K - 1) >> 1), kx - ((K - 1) >> 1), o)
        }
      }
    }
    x += (<usize>(H * W * I)) << 2
    dy += (<usize>(H * W * O)) << 2
  }
  if (I > 1) transpose(dw, sums, O, depth)
}

// to[columns,rows] = from[rows,columns] turned round.
function transpose(to: usize, from: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      store<f32>(to + ((c * rows + r) << 2), load<f32>(from))
      from += 4
    }
  }
}

// The pixels at which one output's gradient is not zero: the byte offset of the window in the padded image, and the
// gradient. Returns the end of the list.
function listOutput(list: usize, dy: usize, H: i32, W: i32, I: i32, O: i32, K: i32): usize {
  const step = (<usize>I) << 2
  let window: usize = 0
  for (let h = 0; h < H; h++) {
    for (let c = 0; c < W; c++) {
      const bits = load<u32>(dy)
      // always written, kept only where not zero: no branch to mispredict
      store<usize>(list, window)
      store<u32>(list, bits, 4)
      list += (<usize>(bits << 1 !== 0)) << 3
      dy += (<usize>O) << 2
      window += step
    }
    window += <usize>(K - 1) * step
  }
  return list
}

// dw[size] += dy * x[window, size] over the list: one output's weights under one row of the kernel.
function addWindows(dw: usize, x: usize, list: usize, end: usize, size: i32): void {
  let j = 0
  if (ASC_FEATURE_SIMD) {
    for (; size - j >= 48; j += 48) addWindows48(dw + (j << 2), x + (j << 2), list, end)
    for (; j < size; j += 16) addWindows16(dw + (j << 2), x + (j << 2), list, end, size - j)
  } else {
    for (; j < size; j += 4) addWindows4(dw + (j << 2), x + (j << 2), list, end, size - j)
  }
}

function addWindows48(dw: usize, x: usize, list: usize, end: usize): void {
  let a0 = v128.load(dw)
  let a1 = v128.load(dw, 16)
  let a2 = v128.load(dw, 32)
  let a3 = v128.load(dw, 48)
  let a4 = v128.load(dw, 64)
  let a5 = v128.load(dw, 80)
  let a6 = v128.load(dw, 96)
  let a7 = v128.load(dw, 112)
  let a8 = v128.load(dw, 128)
  let a9 = v128.load(dw, 144)
  let a10 = v128.load(dw, 160)
  let a11 = v128.load(dw, 176)
  for (; list < end; list += 8) {
    const from = x + load<usize>(list)
    const v = v128.load_splat<f32>(list, 4)
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from, 16)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from, 32)))
    a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from, 48)))
    a4 = f32x4.add(a4, f32x4.mul(v, v128.load(from, 64)))
    a5 = f32x4.add(a5, f32x4.mul(v, v128.load(from, 80)))
    a6 = f32x4.add(a6, f32x4.mul(v, v128.load(from, 96)))
    a7 = f32x4.add(a7, f32x4.mul(v, v128.load(from, 112)))
    a8 = f32x4.add(a8, f32x4.mul(v, v128.load(from, 128)))
    a9 = f32x4.add(a9, f32x4.mul(v, v128.load(from, 144)))
    a10 = f32x4.add(a10, f32x4.mul(v, v128.load(from, 160)))
    a11 = f32x4.add(a11, f32x4.mul(v, v128.load(from, 176)))
  }
  v128.store(dw, a0)
  v128.store(dw, a1, 16)
  v128.store(dw, a2, 32)
  v128.store(dw, a3, 48)
  v128.store(dw, a4, 64)
  v128.store(dw, a5, 80)
  v128.store(dw, a6, 96)
  v128.store(dw, a7, 112)
  v128.store(dw, a8, 128)
  v128.store(dw, a9, 144)
  v128.store(dw, a10, 160)
  v128.store(dw, a11, 176)
}

// Up to sixteen values (`rest` exist). Vectors wholly past the end repeat the first.
function addWindows16(dw: usize, x: usize, list: usize, end: usize, rest: i32): void {
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  let a0 = v128.load(dw)
  let a1 = v128.load(dw + c1)
  let a2 = v128.load(dw + c2)
  let a3 = v128.load(dw + c3)
  for (; list < end; list += 8) {
    const from = x + load<usize>(list)
    const v = v128.load_splat<f32>(list, 4)
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from + c1)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from + c2)))
    a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from + c3)))
  }
  storeLanes(dw, a0, rest)
  storeLanes(dw + 16, a1, rest - 4)
  storeLanes(dw + 32, a2, rest - 8)
  storeLanes(dw + 48, a3, rest - 12)
}

// Up to four values (`rest` exist), without SIMD. Sums past the end repeat the first.
function addWindows4(dw: usize, x: usize, list: usize, end: usize, rest: i32): void {
  const c1: usize = rest > 1 ? 4 : 0
  const c2: usize = rest > 2 ? 8 : 0
  const c3: usize = rest > 3 ? 12 : 0
  let s0 = load<f32>(dw)
  let s1 = load<f32>(dw + c1)
  let s2 = load<f32>(dw + c2)
  let s3 = load<f32>(dw + c3)
  for (; list < end; list += 8) {
    const from = x + load<usize>(list)
    const v = load<f32>(list, 4)
    s0 += v * load<f32>(from)
    s1 += v * load<f32>(from + c1)
    s2 += v * load<f32>(from + c2)
    s3 += v * load<f32>(from + c3)
  }
  store<f32>(dw + c3, s3)
  store<f32>(dw + c2, s2)
  store<f32>(dw + c1, s1)
  store<f32>(dw, s0)
}

// dw[O] += x[r,c] dy[r-dr,c-dc,O] over the listed pixels for which that output exists, outputs o..o+15 (at least one of
// them exists): one tap of a kernel over images of one value per pixel.
function addPixels(
  dw: usize,
  x: usize,
  dy: usize,
  starts: usize,
  H: i32,
  W: i32,
  O: i32,
  dr: i32,
  dc: i32,
  o: i32,
): void {
  const first = min(max(dc, 0), W) << 2
  const last = max(min(W + dc, W), 0) << 2
  const rest = O - o
  const to = dw + (o << 2)
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  if (ASC_FEATURE_SIMD) {
    let a0 = v128.load(to)
    let a1 = v128.load(to + c1)
    let a2 = v128.load(to + c2)
    let a3 = v128.load(to + c3)
    for (let r = max(dr, 0); r < min(H + dr, H); r++) {
      const pixels = starts + ((r * (W + 1)) << 2)
      const values = x + ((r * W) << 2)
      const gradients = dy + ((((r - dr) * W - dc) * O + o) << 2)
      const end = load<usize>(pixels + last)
      for (let e = load<usize>(pixels + first); e < end; e += 4) {
        const at = load<usize>(e)
        const v = v128.load_splat<f32>(values + at)
        const from = gradients + at * O
        a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
        a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from + c1)))
        a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from + c2)))
        a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from + c3)))
      }
    }
    storeLanes(to, a0, rest)
    storeLanes(to + 16, a1, rest - 4)
    storeLanes(to + 32, a2, rest - 8)
    storeLanes(to + 48, a3, rest - 12)
  } else {
    for (let r = max(dr, 0); r < min(H + dr, H); r++) {
      const pixels = starts + ((r * (W + 1)) << 2)
      const values = x + ((r * W) << 2)
      const gradients = dy + ((((r - dr) * W - dc) * O + o) << 2)
      const end = load<usize>(pixels + last)
      for (let e = load<usize>(pixels + first); e < end; e += 4) {
        const at = load<usize>(e)
        const v = load<f32>(values + at)
        const from = gradients + at * O
        for (let j: usize = 0; j < (<usize>min(rest, 16)) << 2; j += 4) {
          store<f32>(to + j, load<f32>(to + j) + v * load<f32>(from + j))
        }
      }
    }
  }
}
