// Convolution, backward to inputs and to weights. Twin: core/kernels/conv-backward.ts.
// A gradient that has passed a pooling or a relu is mostly zeros, and so is a picture. Both kernels list the values that are not
// zero, and add runs of other values, scaled by the listed ones, to sums that stay in registers. Lanes lie along the runs.

import { biasGradient } from './bias'
import { padImage } from './pad'
import { addRuns } from './runs'
import { snap, snap4 } from './snap'

// Each pixel's gradients are added to the window of dx around it. dx has a border meanwhile, which is then dropped.
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

// For each output, adds the windows of x under the kernel at the pixels whose gradient is not zero.
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

// For a picture, adds the windows of dy around the pixels that are not zero. In these windows kx runs backwards.
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

// to[columns,rows] = the transpose of from[rows,columns].
function transpose(to: usize, from: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      store<f32>(to + ((c * rows + r) << 2), load<f32>(from))
      from += 4
    }
  }
}

// Lists which of `count` values, `stride` bytes apart, are not zero. An entry is an offset, `step` times the value's position
// plus `offset`, and the value. Writes up to count + 1 entries of 8 bytes, and returns the end of the list.
function listNonZero(list: usize, from: usize, offset: usize, count: i32, stride: usize, step: usize): usize {
  let k = 0
  if (ASC_FEATURE_SIMD) {
    if (stride === 4) {
      for (; k < count - 3; k += 4) {
        // compared as integers: NEON treats subnormals as 0
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
    // every entry is written, and kept only if the value is not zero: no branch can be mispredicted
    store<usize>(list, offset)
    store<u32>(list, bits, 4)
    list += (<usize>(bits << 1 !== 0)) << 3
    from += stride
    offset += step
  }
  return list
}
