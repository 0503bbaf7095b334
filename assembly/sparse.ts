// The dense layer in forms that walk only the listed, non-zero inputs. Twin: core/kernels/sparse.ts.
// The lists come from sparseIndex (input.ts). A digit is 81 % zeros, so this is a fifth of the work.

import { biasGradient } from './bias'
import { snap, snap4, storeLanes } from './snap'

/**
 * y = snap(b + x w) over the listed inputs.
 * y[N,O], x[N,I], index i32[N,1+I], w[I,O], b[O].
 * Sums b first, then over the list ascending; rounds at every operation.
 * y must not overlap the others; overwrites.
 * Same bits as denseForward where w is finite.
 */
export function denseForwardSparse(y: usize, x: usize, index: usize, w: usize, b: usize, N: i32, I: i32, O: i32): void {
  for (let n = 0; n < N; n++) {
    const row = index + ((n * (I + 1)) << 2)
    const end = row + 4 + (load<i32>(row) << 2)
    const inputs = x + ((n * I) << 2)
    const outputs = y + ((n * O) << 2)
    if (ASC_FEATURE_SIMD) {
      let o = 0
      for (; O - o > 12; o += 16) forward16(outputs, inputs, row + 4, end, w, b, O, o)
      if (o < O) forward12(outputs, inputs, row + 4, end, w, b, O, o)
    } else {
      for (let o = 0; o < O; o++) {
        let sum = load<f32>(b + (o << 2))
        for (let at = row + 4; at < end; at += 4) {
          const i = load<i32>(at)
          sum += load<f32>(inputs + (i << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(outputs + (o << 2), snap(sum))
      }
    }
  }
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

/**
 * dx = snap(dy wT) at the listed inputs, +0 elsewhere.
 * dx[N,I], index i32[N,1+I], dy[N,O], w[I,O].
 * Sums over O ascending from +0; rounds at every operation.
 * dx must not overlap the others; overwrites.
 * Same bits as denseBackwardInput at the listed inputs.
 */
export function denseBackwardInputSparse(dx: usize, index: usize, dy: usize, w: usize, N: i32, I: i32, O: i32): void {
  memory.fill(dx, 0, (<usize>(N * I)) << 2)
  for (let n = 0; n < N; n++) {
    const row = index + ((n * (I + 1)) << 2)
    const end = row + 4 + (load<i32>(row) << 2)
    const inputs = dx + ((n * I) << 2)
    const outputs = dy + ((n * O) << 2)
    let at = row + 4
    if (ASC_FEATURE_SIMD) {
      for (; at < end; at += 32) backwardInput8(inputs, at, end, outputs, w, O)
    } else {
      for (; at < end; at += 4) {
        const i = load<i32>(at)
        let sum: f32 = 0
        for (let o = 0; o < O; o++) {
          sum += load<f32>(outputs + (o << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(inputs + (i << 2), snap(sum))
      }
    }
  }
}

// Up to eight listed inputs at once: four rows of w a side, transposed in registers; past the end the last repeats.
function backwardInput8(dx: usize, at: usize, end: usize, dy: usize, w: usize, O: i32): void {
  const last = end - 4
  const i0 = load<i32>(at)
  const i1 = load<i32>(min(at + 4, last))
  const i2 = load<i32>(min(at + 8, last))
  const i3 = load<i32>(min(at + 12, last))
  const i4 = load<i32>(min(at + 16, last))
  const i5 = load<i32>(min(at + 20, last))
  const i6 = load<i32>(min(at + 24, last))
  const i7 = load<i32>(min(at + 28, last))
  const w0 = w + ((i0 * O) << 2)
  const w1 = w + ((i1 * O) << 2)
  const w2 = w + ((i2 * O) << 2)
  const w3 = w + ((i3 * O) << 2)
  const w4 = w + ((i4 * O) << 2)
  const w5 = w + ((i5 * O) << 2)
  const w6 = w + ((i6 * O) << 2)
  const w7 = w + ((i7 * O) << 2)
  let a = f32x4.splat(0)
  let b = a
  const size = (<usize>O) << 2
  let o: usize = 0
  for (; o + 16 <= size; o += 16) {
    let r0 = v128.load(w0 + o)
    let r1 = v128.load(w1 + o)
    let r2 = v128.load(w2 + o)
    let r3 = v128.load(w3 + o)
    const aLow01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const aLow23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const aHigh01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const aHigh23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    r0 = v128.load(w4 + o)
    r1 = v128.load(w5 + o)
    r2 = v128.load(w6 + o)
    r3 = v128.load(w7 + o)
    const bLow01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const bLow23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const bHigh01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const bHigh23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    let d = v128.load_splat<f32>(dy + o)
    a = f32x4.add(a, f32x4.mul(d, v128.shuffle<i64>(aLow01, aLow23, 0, 2)))
    b = f32x4.add(b, f32x4.mul(d, v128.shuffle<i64>(bLow01, bLow23, 0, 2)))
    d = v128.load_splat<f32>(dy + o, 4)
    a = f32x4.add(a, f32x4.mul(d, v128.shuffle<i64>(aLow01, aLow23, 1, 3)))
    b = f32x4.add(b, f32x4.mul(d, v128.shuffle<i64>(bLow01, bLow23, 1, 3)))
    d = v128.load_splat<f32>(dy + o, 8)
    a = f32x4.add(a, f32x4.mul(d, v128.shuffle<i64>(aHigh01, aHigh23, 0, 2)))
    b = f32x4.add(b, f32x4.mul(d, v128.shuffle<i64>(bHigh01, bHigh23, 0, 2)))
    d = v128.load_splat<f32>(dy + o, 12)
    a = f32x4.add(a, f32x4.mul(d, v128.shuffle<i64>(aHigh01, aHigh23, 1, 3)))
    b = f32x4.add(b, f32x4.mul(d, v128.shuffle<i64>(bHigh01, bHigh23, 1, 3)))
  }
  for (; o < size; o += 4) {
    const d = v128.load_splat<f32>(dy + o)
    a = f32x4.add(a, f32x4.mul(d, gather(w0 + o, w1 + o, w2 + o, w3 + o)))
    b = f32x4.add(b, f32x4.mul(d, gather(w4 + o, w5 + o, w6 + o, w7 + o)))
  }
  a = snap4(a)
  b = snap4(b)
  v128.store_lane<f32>(dx + (i0 << 2), a, 0)
  v128.store_lane<f32>(dx + (i1 << 2), a, 1)
  v128.store_lane<f32>(dx + (i2 << 2), a, 2)
  v128.store_lane<f32>(dx + (i3 << 2), a, 3)
  v128.store_lane<f32>(dx + (i4 << 2), b, 0)
  v128.store_lane<f32>(dx + (i5 << 2), b, 1)
  v128.store_lane<f32>(dx + (i6 << 2), b, 2)
  v128.store_lane<f32>(dx + (i7 << 2), b, 3)
}

function gather(a: usize, b: usize, c: usize, d: usize): v128 {
  return f32x4(load<f32>(a), load<f32>(b), load<f32>(c), load<f32>(d))
}

/**
 * dw += xT dy over the listed inputs, db += 1 dy.
 * dw[I,O], db[O], x[N,I], index i32[N,1+I], dy[N,O].
 * Sums what is there first, then over N ascending; rounds at every operation, does not snap.
 * dw and db must not overlap the others; accumulates.
 * Same bits as denseBackwardWeight where dy is finite.
 */
export function denseBackwardWeightSparse(
  dw: usize,
  db: usize,
  x: usize,
  index: usize,
  dy: usize,
  N: i32,
  I: i32,
  O: i32,
): void {
  biasGradient(db, dy, N, O)
  for (let n = 0; n < N; n++) {
    const row = index + ((n * (I + 1)) << 2)
    const end = row + 4 + (load<i32>(row) << 2)
    const inputs = x + ((n * I) << 2)
    const outputs = dy + ((n * O) << 2)
    if (ASC_FEATURE_SIMD) {
      let o = 0
      for (; O - o >= 12; o += 12) backwardWeight12(dw, inputs, row + 4, end, outputs, O, o)
      if (O - o > 8) backwardWeightTail(dw, inputs, row + 4, end, outputs, O, o)
      else for (; o < O; o += 4) backwardWeight4(dw, inputs, row + 4, end, outputs, O, o)
    } else {
      for (let at = row + 4; at < end; at += 4) {
        const i = load<i32>(at)
        const v = load<f32>(inputs + (i << 2))
        for (let o = 0; o < O; o++) {
          const to = dw + ((i * O + o) << 2)
          store<f32>(to, load<f32>(to) + v * load<f32>(outputs + (o << 2)))
        }
      }
    }
  }
}

// Columns o..o+11, all of which exist.
function backwardWeight12(dw: usize, x: usize, at: usize, end: usize, dy: usize, O: i32, o: i32): void {
  const d0 = v128.load(dy + (o << 2))
  const d1 = v128.load(dy + (o << 2), 16)
  const d2 = v128.load(dy + (o << 2), 32)
  const columns = dw + (o << 2)
  for (; at < end; at += 4) {
    const i = load<i32>(at)
    const v = v128.load_splat<f32>(x + (i << 2))
    const to = columns + ((i * O) << 2)
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)))
    v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(v, d1)), 16)
    v128.store(to, f32x4.add(v128.load(to, 32), f32x4.mul(v, d2)), 32)
  }
}

// The last nine to eleven columns from o: every network here ends in ten outputs.
function backwardWeightTail(dw: usize, x: usize, at: usize, end: usize, dy: usize, O: i32, o: i32): void {
  const d0 = v128.load(dy + (o << 2))
  const d1 = v128.load(dy + (o << 2), 16)
  const d2 = v128.load(dy + (o << 2), 32)
  const columns = dw + (o << 2)
  const rest = O - o - 8
  for (; at < end; at += 4) {
    const i = load<i32>(at)
    const v = v128.load_splat<f32>(x + (i << 2))
    const to = columns + ((i * O) << 2)
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)))
    v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(v, d1)), 16)
    storeLanes(to + 32, f32x4.add(v128.load(to, 32), f32x4.mul(v, d2)), rest)
  }
}

// Columns o..o+3 (at least one of them exists).
function backwardWeight4(dw: usize, x: usize, at: usize, end: usize, dy: usize, O: i32, o: i32): void {
  const d0 = v128.load(dy + (o << 2))
  const columns = dw + (o << 2)
  const rest = O - o
  for (; at < end; at += 4) {
    const i = load<i32>(at)
    const v = v128.load_splat<f32>(x + (i << 2))
    const to = columns + ((i * O) << 2)
    storeLanes(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)), rest)
  }
}
