// The dense layer forward, walking only the listed, non-zero inputs. Twin: core/kernels/sparse.ts.
// The lists come from sparseIndex (input.ts). A digit is 81 % zeros, so this is a fifth of the work.

import { SCRATCH } from './scratch'
import { snap, snap4, storeLanes } from './snap'

const GROUP = 256 // rows that share blocks of weights
const BLOCK = 196 // inputs, whose weights to 32 outputs are 25 KB

/**
 * y = snap(b + x w) over the listed inputs.
 * y[N,O], x[N,I], index i32[N,1+I], w[I,O], b[O].
 * Sums b first, then over the list ascending; rounds at every operation.
 * y must not overlap the others; overwrites.
 * Same bits as denseForward where w is finite.
 */
export function denseForwardSparse(y: usize, x: usize, index: usize, w: usize, b: usize, N: i32, I: i32, O: i32): void {
  if (ASC_FEATURE_SIMD) {
    let o = 0
    for (; O - o > 31; o += 32) {
      for (let n = 0; n < N; n += GROUP) forwardPanel(y, x, index, w, b, n, min(N, n + GROUP), I, O, o)
    }
    if (o === O) return
    for (let n = 0; n < N; n++) {
      const row = index + ((n * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      const inputs = x + ((n * I) << 2)
      const outputs = y + ((n * O) << 2)
      let c = o
      for (; O - c > 12; c += 16) forward16(outputs, inputs, row + 4, end, w, b, O, c)
      if (c < O) forward12(outputs, inputs, row + 4, end, w, b, O, c)
    }
  } else {
    for (let n = 0; n < N; n++) {
      const row = index + ((n * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      for (let o = 0; o < O; o++) {
        let sum = load<f32>(b + (o << 2))
        for (let at = row + 4; at < end; at += 4) {
          const i = load<i32>(at)
          sum += load<f32>(x + ((n * I + i) << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(y + ((n * O + o) << 2), snap(sum))
      }
    }
  }
}

// Columns o..o+31 of rows from..to-1, at most GROUP. A block of weights serves them all while it is in the cache; between two
// blocks the sums wait in y, and in the scratch how far each row's list has been walked.
function forwardPanel(
  y: usize,
  x: usize,
  index: usize,
  w: usize,
  b: usize,
  from: i32,
  to: i32,
  I: i32,
  O: i32,
  o: i32,
): void {
  const block = to - from > 1 ? BLOCK : I
  for (let i = 0; i < I; i += block) {
    for (let n = from; n < to; n++) {
      const row = index + ((n * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      const reached = SCRATCH + ((n - from) << 2)
      const outputs = y + ((n * O + o) << 2)
      const start = i === 0 ? row + 4 : <usize>load<i32>(reached)
      const sums = i === 0 ? b + (o << 2) : outputs
      const limit = i + block
      store<i32>(reached, <i32>forward32(outputs, x + ((n * I) << 2), start, end, limit, w + (o << 2), sums, I, O))
    }
  }
}

// Thirty-two columns of one row, over its list as far as `limit`; the sums begin with what is at b. Returns how far it came.
function forward32(y: usize, x: usize, at: usize, end: usize, limit: i32, w: usize, b: usize, I: i32, O: i32): usize {
  const stride = (<usize>O) << 2
  let a0 = v128.load(b)
  let a1 = v128.load(b, 16)
  let a2 = v128.load(b, 32)
  let a3 = v128.load(b, 48)
  let a4 = v128.load(b, 64)
  let a5 = v128.load(b, 80)
  let a6 = v128.load(b, 96)
  let a7 = v128.load(b, 112)
  while (at < end) {
    const i = load<i32>(at)
    if (i >= limit) break
    const v = v128.load_splat<f32>(x + (i << 2))
    const from = w + <usize>i * stride
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from, 16)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from, 32)))
    a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from, 48)))
    a4 = f32x4.add(a4, f32x4.mul(v, v128.load(from, 64)))
    a5 = f32x4.add(a5, f32x4.mul(v, v128.load(from, 80)))
    a6 = f32x4.add(a6, f32x4.mul(v, v128.load(from, 96)))
    a7 = f32x4.add(a7, f32x4.mul(v, v128.load(from, 112)))
    at += 4
  }
  if (limit >= I) {
    a0 = snap4(a0)
    a1 = snap4(a1)
    a2 = snap4(a2)
    a3 = snap4(a3)
    a4 = snap4(a4)
    a5 = snap4(a5)
    a6 = snap4(a6)
    a7 = snap4(a7)
  }
  v128.store(y, a0)
  v128.store(y, a1, 16)
  v128.store(y, a2, 32)
  v128.store(y, a3, 48)
  v128.store(y, a4, 64)
  v128.store(y, a5, 80)
  v128.store(y, a6, 96)
  v128.store(y, a7, 112)
  return at
}

// Columns o..o+15 of one row (at least thirteen of them exist).
function forward16(y: usize, x: usize, at: usize, end: usize, w: usize, b: usize, O: i32, o: i32): void {
  let a0 = v128.load(b + (o << 2))
  let a1 = v128.load(b + (o << 2), 16)
  let a2 = v128.load(b + (o << 2), 32)
  let a3 = v128.load(b + (o << 2), 48)
  const columns = w + (o << 2)
  for (; at < end; at += 4) {
    const i = load<i32>(at)
    const v = v128.load_splat<f32>(x + (i << 2))
    const from = columns + ((i * O) << 2)
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from, 16)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from, 32)))
    a3 = f32x4.add(a3, f32x4.mul(v, v128.load(from, 48)))
  }
  const to = y + (o << 2)
  v128.store(to, snap4(a0))
  v128.store(to, snap4(a1), 16)
  v128.store(to, snap4(a2), 32)
  storeLanes(to + 48, snap4(a3), O - o - 12)
}

// Columns o..o+11 of one row (at least one of them exists). Vectors wholly past the end repeat the first.
function forward12(y: usize, x: usize, at: usize, end: usize, w: usize, b: usize, O: i32, o: i32): void {
  const rest = O - o
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  let a0 = v128.load(b + (o << 2))
  let a1 = v128.load(b + (o << 2) + c1)
  let a2 = v128.load(b + (o << 2) + c2)
  const columns = w + (o << 2)
  for (; at < end; at += 4) {
    const i = load<i32>(at)
    const v = v128.load_splat<f32>(x + (i << 2))
    const from = columns + ((i * O) << 2)
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(from)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(from + c1)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(from + c2)))
  }
  const to = y + (o << 2)
  storeLanes(to, snap4(a0), rest)
  storeLanes(to + 16, snap4(a1), rest - 4)
  storeLanes(to + 32, snap4(a2), rest - 8)
}
