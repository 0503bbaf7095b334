// Convolution with odd square kernels and "same" borders, forward and backward to inputs. Twin: core/kernels/conv.ts.
// Images are NHWC. What comes in has gone through a relu or a pooling, and at least half of it is zeros, or it is a picture
// with ink in the middle: only the rest is walked. Lanes lie on outputs, so that sums keep their plain order.

import { padImage } from './pad'
import { listRows } from './rows'
import { snap, snap4, storeLanes } from './snap'

/**
 * y[n,h,w,o] = snap(b[o] + sum x[n,h+ky-p,w+kx-p,i] w[ky,kx,i,o]), p = (K-1)/2.
 * y[N,H,W,O], x[N,H,W,I], w[K,K,I,O], b[O]; scratch of convScratch bytes.
 * Sums b first, then over ky, kx, i ascending, leaving out what is outside or zero (w is finite, so where I is 1 zeros may
 * be included); rounds at every operation.
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
  const biases = scratch + ((2 * H + (H + K - 1) * (W + K - 1)) << 2)
  if (I === 1) {
    for (let at = 0; at < W * O; at++) store<f32>(biases + (at << 2), snap(load<f32>(b + ((at % O) << 2))))
  }
  for (let n = 0; n < N; n++) {
    if (I === 1) convolvePicture(y, x, w, biases, scratch, H, W, O, K)
    else {
      listRows(scratch, x, H, W, I)
      gather(y, x, w, b, scratch, H, W, I, O, K)
    }
    x += (<usize>(H * W * I)) << 2
    y += (<usize>(H * W * O)) << 2
  }
}

/**
 * dx[n,h,w,i] = snap(sum dy[n,h-ky+p,w-kx+p,o] w[ky,kx,i,o]): dy correlated with the kernel turned round.
 * dx[N,H,W,I], dy[N,H,W,O], w[K,K,I,O]; scratch of convBackwardScratch bytes.
 * Sums from +0 over ky and kx descending, then o ascending, leaving out what is outside or zero; rounds at every operation.
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
  // the kernel turned round, with inputs and outputs in each other's place; then as many zeros as biases
  const taps = K * K
  const turned = scratch + ((H * (W + 1) + H * W * O + 4) << 2)
  const zeros = turned + ((taps * O * I) << 2)
  for (let tap = 0; tap < taps; tap++) {
    const to = turned + ((tap * O * I) << 2)
    const from = w + (((taps - 1 - tap) * I * O) << 2)
    for (let i = 0; i < I; i++) {
      for (let o = 0; o < O; o++) store<f32>(to + ((o * I + i) << 2), load<f32>(from + ((i * O + o) << 2)))
    }
  }
  memory.fill(zeros, 0, (<usize>(I + 4)) << 2)
  for (let n = 0; n < N; n++) {
    listRows(scratch, dy, H, W, O)
    gather(dx, dy, turned, zeros, scratch, H, W, O, I, K)
    dy += (<usize>(H * W * O)) << 2
    dx += (<usize>(H * W * I)) << 2
  }
}

// One image: y[H,W,O] from x[H,W,I] and its lists, w[K,K,I,O], b[O]. One row of the kernel after the other: the weights of
// one fit the first cache of a phone. Between them y holds the sums so far.
function gather(y: usize, x: usize, w: usize, b: usize, starts: usize, H: i32, W: i32, I: i32, O: i32, K: i32): void {
  let o = 0
  if (ASC_FEATURE_SIMD) {
    for (; O - o >= 32; o += 32) {
      for (let ky = 0; ky < K; ky++) gather32(y, x, w, b, starts, H, W, I, O, K, ky, o)
    }
    for (; o < O; o += 16) {
      for (let ky = 0; ky < K; ky++) gather16(y, x, w, b, starts, H, W, I, O, K, ky, o)
    }
  } else {
    for (; o < O; o += 8) {
      for (let ky = 0; ky < K; ky++) gather8(y, x, w, b, starts, H, W, I, O, K, ky, o)
    }
  }
}

// Outputs o..o+31 of every pixel, row ky of the kernel.
function gather32(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  ky: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const weights = w + ((ky * K * I * O + o) << 2)
  let to = y + (o << 2)
  for (let h = 0; h < H; h++) {
    const r = h + ky - p
    const inside = r >= 0 && r < H
    const pixels = starts + ((r * (W + 1)) << 2)
    const values = x + ((r * W * I) << 2)
    for (let c = 0; c < W; c++) {
      const before = ky === 0 ? b + (o << 2) : to
      let a0 = v128.load(before)
      let a1 = v128.load(before, 16)
      let a2 = v128.load(before, 32)
      let a3 = v128.load(before, 48)
      let a4 = v128.load(before, 64)
      let a5 = v128.load(before, 80)
      let a6 = v128.load(before, 96)
      let a7 = v128.load(before, 112)
      if (inside) {
        // an entry at byte `at` of the row is channel i of pixel q, at = 4 (q I + i): its weights are those of column q - c + p
        const columns = weights - (((c - p) * I * O) << 2)
        const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
        for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
          const at = load<usize>(e)
          const v = v128.load_splat<f32>(values + at)
          const from = columns + at * O
          a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
          a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from, 16)))
          a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from, 32)))
          a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from, 48)))
          a4 = f32x4.add(a4, f32x4.mul(v, v128.load(from, 64)))
          a5 = f32x4.add(a5, f32x4.mul(v, v128.load(from, 80)))
          a6 = f32x4.add(a6, f32x4.mul(v, v128.load(from, 96)))
          a7 = f32x4.add(a7, f32x4.mul(v, v128.load(from, 112)))
        }
      }
      if (ky === K - 1) {
        a0 = snap4(a0)
        a1 = snap4(a1)
        a2 = snap4(a2)
        a3 = snap4(a3)
        a4 = snap4(a4)
        a5 = snap4(a5)
        a6 = snap4(a6)
        a7 = snap4(a7)
      }
      v128.store(to, a0)
      v128.store(to, a1, 16)
      v128.store(to, a2, 32)
      v128.store(to, a3, 48)
      v128.store(to, a4, 64)
      v128.store(to, a5, 80)
      v128.store(to, a6, 96)
      v128.store(to, a7, 112)
      to += pixel
    }
  }
}

// Outputs o..o+15 of every pixel (at least one of them exists), row ky of the kernel. Vectors wholly past the end repeat
// the first.
function gather16(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  ky: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const rest = O - o
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  const weights = w + ((ky * K * I * O + o) << 2)
  let to = y + (o << 2)
  for (let h = 0; h < H; h++) {
    const r = h + ky - p
    const inside = r >= 0 && r < H
    const pixels = starts + ((r * (W + 1)) << 2)
    const values = x + ((r * W * I) << 2)
    for (let c = 0; c < W; c++) {
      const before = ky === 0 ? b + (o << 2) : to
      let a0 = v128.load(before)
      let a1 = v128.load(before + c1)
      let a2 = v128.load(before + c2)
      let a3 = v128.load(before + c3)
      if (inside) {
        // an entry at byte `at` of the row is channel i of pixel q, at = 4 (q I + i): its weights are those of column q - c + p
        const columns = weights - (((c - p) * I * O) << 2)
        const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
        for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
          const at = load<usize>(e)
          const v = v128.load_splat<f32>(values + at)
          const from = columns + at * O
          a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
          a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from + c1)))
          a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from + c2)))
          a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from + c3)))
        }
      }
      if (ky === K - 1) {
        a0 = snap4(a0)
        a1 = snap4(a1)
        a2 = snap4(a2)
        a3 = snap4(a3)
      }
      storeLanes(to, a0, rest)
      storeLanes(to + 16, a1, rest - 4)
      storeLanes(to + 32, a2, rest - 8)
      storeLanes(to + 48, a3, rest - 12)
      to += pixel
    }
  }
}

// Outputs o..o+7 of every pixel (at least one of them exists), row ky of the kernel, without SIMD. Sums past the end repeat
// the first.
function gather8(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  starts: usize,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  ky: i32,
  o: i32,
): void {
  const p = (K - 1) >> 1
  const pixel = (<usize>O) << 2 // bytes of y
  const rest = O - o
  const c1: usize = rest > 1 ? 4 : 0
  const c2: usize = rest > 2 ? 8 : 0
  const c3: usize = rest > 3 ? 12 : 0
  const c4: usize = rest > 4 ? 16 : 0
  const c5: usize = rest > 5 ? 20 : 0
  const c6: usize = rest > 6 ? 24 : 0
  const c7: usize = rest > 7 ? 28 : 0
  const weights = w + ((ky * K * I * O + o) << 2)
  let to = y + (o << 2)
  for (let h = 0; h < H; h++) {
    const r = h + ky - p
    const inside = r >= 0 && r < H
    const pixels = starts + ((r * (W + 1)) << 2)
    const values = x + ((r * W * I) << 2)
    for (let c = 0; c < W; c++) {
      const before = ky === 0 ? b + (o << 2) : to
      let s0 = load<f32>(before)
      let s1 = load<f32>(before + c1)
      let s2 = load<f32>(before + c2)
      let s3 = load<f32>(before + c3)
      let s4 = load<f32>(before + c4)
      let s5 = load<f32>(before + c5)
      let s6 = load<f32>(before + c6)
      let s7 = load<f32>(before + c7)
      if (inside) {
        // an entry at byte `at` of the row is channel i of pixel q, at = 4 (q I + i): its weights are those of column q - c + p
        const columns = weights - (((c - p) * I * O) << 2)
        const end = load<usize>(pixels + (min(c + p + 1, W) << 2))
        for (let e = load<usize>(pixels + (max(c - p, 0) << 2)); e < end; e += 4) {
          const at = load<usize>(e)
          const v = load<f32>(values + at)
          const from = columns + at * O
          s0 += v * load<f32>(from)
          s1 += v * load<f32>(from + c1)
          s2 += v * load<f32>(from + c2)
          s3 += v * load<f32>(from + c3)
          s4 += v * load<f32>(from + c4)
          s5 += v * load<f32>(from + c5)
          s6 += v * load<f32>(from + c6)
          s7 += v * load<f32>(from + c7)
        }
      }
      if (ky === K - 1) {
        s0 = snap(s0)
        s1 = snap(s1)
        s2 = snap(s2)
        s3 = snap(s3)
        s4 = snap(s4)
        s5 = snap(s5)
        s6 = snap(s6)
        s7 = snap(s7)
      }
      // from the last to the first, which all that do not exist repeat
      store<f32>(to + c7, s7)
      store<f32>(to + c6, s6)
      store<f32>(to + c5, s5)
      store<f32>(to + c4, s4)
      store<f32>(to + c3, s3)
      store<f32>(to + c2, s2)
      store<f32>(to + c1, s1)
      store<f32>(to, s0)
      to += pixel
    }
  }
}

// One image of one value per pixel: y[H,W,O] from x[H,W], w[K,K,O], snapped biases [W,O]. In each row of y what lies under no
// ink is the bias; from the first to the last pixel that is not, two pixels by sixteen outputs stay in registers.
function convolvePicture(
  y: usize,
  x: usize,
  w: usize,
  biases: usize,
  scratch: usize,
  H: i32,
  W: i32,
  O: i32,
  K: i32,
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
  for (let h = 0; h < H; h++) {
    let left = W
    let right = 0
    for (let r = max(h - p, 0); r <= min(h + p, H - 1); r++) {
      const first = load<i32>(inks + (r << 3))
      const last = load<i32>(inks + (r << 3), 4)
      if (first === last) continue
      left = min(left, max(first - p, 0))
      right = max(right, min(last + p, W))
    }
    memory.copy(y, biases, row)
    const window = padded + ((h * (W + K - 1)) << 2)
    for (let c = left; c < right; c += ASC_FEATURE_SIMD ? 2 : 1) {
      const values = window + (c << 2)
      const pixel = y + ((c * O) << 2)
      for (let o = 0; o < O; o += ASC_FEATURE_SIMD ? 16 : 4) {
        if (ASC_FEATURE_SIMD) twoPixels(pixel, values, w, biases, c + 1 < W, W, O, K, o)
        else onePixel(pixel, values, w, biases, W, O, K, o)
      }
    }
    y += row
  }
}

// Outputs o..o+15 (at least one of them exists) of a pixel and the next, if there is one. Vectors wholly past the end repeat
// the first.
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

// Outputs o..o+3 (at least one of them exists) of a pixel, without SIMD. Sums past the end repeat the first.
function onePixel(y: usize, x: usize, w: usize, b: usize, W: i32, O: i32, K: i32, o: i32): void {
  const rest = O - o
  const c1: usize = rest > 1 ? 4 : 0
  const c2: usize = rest > 2 ? 8 : 0
  const c3: usize = rest > 3 ? 12 : 0
  const bias = b + (o << 2)
  let s0 = load<f32>(bias)
  let s1 = load<f32>(bias + c1)
  let s2 = load<f32>(bias + c2)
  let s3 = load<f32>(bias + c3)
  let column = w + (o << 2)
  for (let ky = 0; ky < K; ky++) {
    for (const end = x + (K << 2); x < end; x += 4) {
      const v = load<f32>(x)
      s0 += v * load<f32>(column)
      s1 += v * load<f32>(column + c1)
      s2 += v * load<f32>(column + c2)
      s3 += v * load<f32>(column + c3)
      column += (<usize>O) << 2
    }
    x += (W - 1) << 2
  }
  const to = y + (o << 2)
  store<f32>(to + c3, snap(s3))
  store<f32>(to + c2, snap(s2))
  store<f32>(to + c1, snap(s1))
  store<f32>(to, snap(s0))
}
