// Convolution, backward to inputs and to weights. Twin: core/kernels/conv-backward.ts.
// What comes back through a pooling or a relu is mostly zeros, and a picture is: both kernels list what is not, and add
// runs of values, scaled by the listed ones, onto sums that stay in registers. Lanes lie along the runs.

import { biasGradient } from './bias'
import { padImage } from './pad'
import { snap, snap4, storeLanes } from './snap'

/**
 * dx[n,h,w,i] = snap(sum dy[n,h-ky+p,w-kx+p,o] w[ky,kx,i,o]), p = (K-1)/2.
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
  const depth = K * K * I
  const turned = scratch // w with outputs first, [O,K,K,I]: what a gradient adds to dx around it
  const padded = turned + ((O * depth) << 2) // dx with its border
  const list = padded + (((H + K - 1) * (W + K - 1) * I + 4) << 2)
  transpose(turned, w, depth, O)
  const row = (<usize>((W + K - 1) * I)) << 2
  for (let n = 0; n < N; n++) {
    memory.fill(padded, 0, <usize>(H + K - 1) * row)
    for (let h = 0; h < H; h++) {
      let window = padded + <usize>h * row
      for (let c = 0; c < W; c++) {
        const end = listNonZero(list, dy, 0, O, 4, (<usize>depth) << 2)
        if (end > list) {
          for (let k = 0; k < K; k++) {
            addRuns(window + <usize>k * row, turned + ((k * K * I) << 2), list, end, K * I)
          }
        }
        dy += (<usize>O) << 2
        window += (<usize>I) << 2
      }
    }
    const first = padded + ((((K - 1) >> 1) * (W + K) * I) << 2)
    for (let h = 0; h < H; h++) {
      snapRow(dx, first + <usize>h * row, W * I)
      dx += (<usize>(W * I)) << 2
    }
  }
}

function snapRow(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2)
  if (ASC_FEATURE_SIMD) {
    for (; to + 12 < end; to += 16) {
      v128.store(to, snap4(v128.load(from)))
      from += 16
    }
  }
  for (; to < end; to += 4) {
    store<f32>(to, snap(load<f32>(from)))
    from += 4
  }
}

/**
 * dw[ky,kx,i,o] += sum x[n,h+ky-p,w+kx-p,i] dy[n,h,w,o], p = (K-1)/2; db[o] += sum dy[n,h,w,o].
 * dw[K,K,I,O], db[O], x[N,H,W,I], dy[N,H,W,O]; scratch of convBackwardScratch bytes.
 * Sums what is there first, then over n, h, w ascending, leaving out those where dy is zero (where I is 1: x); outside both
 * are +0; rounds at every operation, does not snap.
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
  if (I === 1) pictureWeights(dw, x, dy, scratch, N, H, W, O, K)
  else weights(dw, x, dy, scratch, N, H, W, I, O, K)
}

// Output by output, over the pixels whose gradient is not zero: the windows of x under the kernel.
function weights(dw: usize, x: usize, dy: usize, scratch: usize, N: i32, H: i32, W: i32, I: i32, O: i32, K: i32): void {
  const depth = K * K * I
  const sums = scratch // dw with outputs first: [O,K,K,I]
  const padded = sums + ((O * depth) << 2)
  const list = padded + (((H + K - 1) * (W + K - 1) * I + 4) << 2)
  const row = (<usize>((W + K - 1) * I)) << 2
  transpose(sums, dw, depth, O)
  for (let n = 0; n < N; n++) {
    padImage(padded, x, H, W, I, K)
    for (let o = 0; o < O; o++) {
      let end = list
      for (let h = 0; h < H; h++) {
        const from = dy + ((h * W * O + o) << 2)
        end = listNonZero(end, from, <usize>h * row, W, (<usize>O) << 2, (<usize>I) << 2)
      }
      if (end === list) continue
      for (let ky = 0; ky < K; ky++) {
        addRuns(sums + ((o * depth + ky * K * I) << 2), padded + <usize>ky * row, list, end, K * I)
      }
    }
    x += (<usize>(H * W * I)) << 2
    dy += (<usize>(H * W * O)) << 2
  }
  transpose(dw, sums, O, depth)
}

// The same over the pixels of a picture that are not zero: the windows of dy above the kernel, where kx runs backwards.
function pictureWeights(dw: usize, x: usize, dy: usize, scratch: usize, N: i32, H: i32, W: i32, O: i32, K: i32): void {
  const sums = scratch // dw with kx reversed
  const padded = sums + ((K * K * O) << 2)
  const list = padded + (((H + K - 1) * (W + K - 1) * O + 4) << 2)
  const row = (<usize>((W + K - 1) * O)) << 2
  mirror(sums, dw, O, K)
  for (let n = 0; n < N; n++) {
    padImage(padded, dy, H, W, O, K)
    let end = list
    for (let h = 0; h < H; h++) end = listNonZero(end, x + ((h * W) << 2), <usize>h * row, W, 4, (<usize>O) << 2)
    for (let ky = 0; ky < K; ky++) {
      addRuns(sums + ((ky * K * O) << 2), padded + <usize>(K - 1 - ky) * row, list, end, K * O)
    }
    x += (<usize>(H * W)) << 2
    dy += (<usize>(H * W * O)) << 2
  }
  mirror(dw, sums, O, K)
}

// [K,K,O] with its second axis reversed.
function mirror(to: usize, from: usize, O: i32, K: i32): void {
  for (let ky = 0; ky < K; ky++) {
    for (let kx = K - 1; kx >= 0; kx--) {
      for (let o = 0; o < O; o++) {
        store<f32>(to, load<f32>(from + (((ky * K + kx) * O + o) << 2)))
        to += 4
      }
    }
  }
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

// Of `count` values, `stride` bytes apart, those that are not zero: `step` times their number plus `offset`, and the value.
// Writes up to count + 1 entries of 8 bytes; returns the end of the list.
function listNonZero(list: usize, from: usize, offset: usize, count: i32, stride: usize, step: usize): usize {
  let k = 0
  if (ASC_FEATURE_SIMD) {
    if (stride === 4) {
      for (; k < count - 3; k += 4) {
        // as integers: NEON takes subnormals for 0
        const mask: usize = i32x4.bitmask(i32x4.ne(i32x4.shl(v128.load(from), 1), i32x4.splat(0)))
        if (mask) {
          store<usize>(list, offset)
          store<u32>(list, load<u32>(from), 4)
          list += (mask & 1) << 3
          store<usize>(list, offset + step)
          store<u32>(list, load<u32>(from, 4), 4)
          list += (mask & 2) << 2
          store<usize>(list, offset + 2 * step)
          store<u32>(list, load<u32>(from, 8), 4)
          list += (mask & 4) << 1
          store<usize>(list, offset + 3 * step)
          store<u32>(list, load<u32>(from, 12), 4)
          list += mask & 8
        }
        from += 16
        offset += 4 * step
      }
    }
  }
  for (; k < count; k++) {
    const bits = load<u32>(from)
    // always written, kept only where not zero: no branch to mispredict
    store<usize>(list, offset)
    store<u32>(list, bits, 4)
    list += (<usize>(bits << 1 !== 0)) << 3
    from += stride
    offset += step
  }
  return list
}

// y[size] += v * x[at, size] over the list of offsets `at` and factors v.
function addRuns(y: usize, x: usize, list: usize, end: usize, size: i32): void {
  let j = 0
  if (ASC_FEATURE_SIMD) {
    for (; size - j >= 48; j += 48) addRuns48(y + (j << 2), x + (j << 2), list, end)
    for (; j < size; j += 16) addRuns16(y + (j << 2), x + (j << 2), list, end, size - j)
  } else {
    for (; size - j >= 8; j += 8) addRuns8(y + (j << 2), x + (j << 2), list, end)
    for (; j < size; j++) addRuns1(y + (j << 2), x + (j << 2), list, end)
  }
}

function addRuns48(y: usize, x: usize, list: usize, end: usize): void {
  let a0 = v128.load(y)
  let a1 = v128.load(y, 16)
  let a2 = v128.load(y, 32)
  let a3 = v128.load(y, 48)
  let a4 = v128.load(y, 64)
  let a5 = v128.load(y, 80)
  let a6 = v128.load(y, 96)
  let a7 = v128.load(y, 112)
  let a8 = v128.load(y, 128)
  let a9 = v128.load(y, 144)
  let a10 = v128.load(y, 160)
  let a11 = v128.load(y, 176)
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
  v128.store(y, a0)
  v128.store(y, a1, 16)
  v128.store(y, a2, 32)
  v128.store(y, a3, 48)
  v128.store(y, a4, 64)
  v128.store(y, a5, 80)
  v128.store(y, a6, 96)
  v128.store(y, a7, 112)
  v128.store(y, a8, 128)
  v128.store(y, a9, 144)
  v128.store(y, a10, 160)
  v128.store(y, a11, 176)
}

// Up to sixteen values (`rest` exist). Vectors wholly past the end repeat the first.
function addRuns16(y: usize, x: usize, list: usize, end: usize, rest: i32): void {
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  let a0 = v128.load(y)
  let a1 = v128.load(y + c1)
  let a2 = v128.load(y + c2)
  let a3 = v128.load(y + c3)
  for (; list < end; list += 8) {
    const from = x + load<usize>(list)
    const v = v128.load_splat<f32>(list, 4)
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from + c1)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from + c2)))
    a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from + c3)))
  }
  storeLanes(y, a0, rest)
  storeLanes(y + 16, a1, rest - 4)
  storeLanes(y + 32, a2, rest - 8)
  storeLanes(y + 48, a3, rest - 12)
}

// Eight values, without SIMD.
function addRuns8(y: usize, x: usize, list: usize, end: usize): void {
  let s0 = load<f32>(y)
  let s1 = load<f32>(y, 4)
  let s2 = load<f32>(y, 8)
  let s3 = load<f32>(y, 12)
  let s4 = load<f32>(y, 16)
  let s5 = load<f32>(y, 20)
  let s6 = load<f32>(y, 24)
  let s7 = load<f32>(y, 28)
  for (; list < end; list += 8) {
    const from = x + load<usize>(list)
    const v = load<f32>(list, 4)
    s0 += v * load<f32>(from)
    s1 += v * load<f32>(from, 4)
    s2 += v * load<f32>(from, 8)
    s3 += v * load<f32>(from, 12)
    s4 += v * load<f32>(from, 16)
    s5 += v * load<f32>(from, 20)
    s6 += v * load<f32>(from, 24)
    s7 += v * load<f32>(from, 28)
  }
  store<f32>(y, s0)
  store<f32>(y, s1, 4)
  store<f32>(y, s2, 8)
  store<f32>(y, s3, 12)
  store<f32>(y, s4, 16)
  store<f32>(y, s5, 20)
  store<f32>(y, s6, 24)
  store<f32>(y, s7, 28)
}

// One value, without SIMD.
function addRuns1(y: usize, x: usize, list: usize, end: usize): void {
  let sum = load<f32>(y)
  for (; list < end; list += 8) {
    const from = x + load<usize>(list)
    const v = load<f32>(list, 4)
    sum += v * load<f32>(from)
  }
  store<f32>(y, sum)
}
