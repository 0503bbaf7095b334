// The dense layer in forms that walk only the listed, non-zero inputs. Twin: core/kernels/sparse.ts.
// The lists come from sparseIndex (input.ts). A digit is 81 % zeros, so this is a fifth of the work.

import { biasGradient } from './bias'
import { dotFour } from './dot'
import { addLanes, snap, snap4, storeLanes } from './snap'

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
      for (; at < end; at += 16) backwardInput4(inputs, at, end, outputs, w, O)
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

// Up to four listed inputs at once; past the end the last repeats.
function backwardInput4(dx: usize, at: usize, end: usize, dy: usize, w: usize, O: i32): void {
  const last = end - 4
  const i0 = load<i32>(at)
  const i1 = load<i32>(min(at + 4, last))
  const i2 = load<i32>(min(at + 8, last))
  const i3 = load<i32>(min(at + 12, last))
  const sums = snap4(dotFour(dy, w + ((i0 * O) << 2), w + ((i1 * O) << 2), w + ((i2 * O) << 2), w + ((i3 * O) << 2), O))
  v128.store_lane<f32>(dx + (i0 << 2), sums, 0)
  v128.store_lane<f32>(dx + (i1 << 2), sums, 1)
  v128.store_lane<f32>(dx + (i2 << 2), sums, 2)
  v128.store_lane<f32>(dx + (i3 << 2), sums, 3)
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
      for (let o = 0; o < O; o += 12) backwardWeight12(dw, inputs, row + 4, end, outputs, O, o)
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

// Columns o..o+11 (at least one of them exists).
function backwardWeight12(dw: usize, x: usize, at: usize, end: usize, dy: usize, O: i32, o: i32): void {
  const rest = O - o
  const from = dy + (o << 2)
  const d0 = v128.load(from)
  const d1 = v128.load(rest > 4 ? from + 16 : from)
  const d2 = v128.load(rest > 8 ? from + 32 : from)
  const columns = dw + (o << 2)
  if (rest > 8) {
    for (; at < end; at += 4) {
      const i = load<i32>(at)
      const v = v128.load_splat<f32>(x + (i << 2))
      const to = columns + ((i * O) << 2)
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)))
      v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(v, d1)), 16)
      storeLanes(to + 32, f32x4.add(v128.load(to, 32), f32x4.mul(v, d2)), rest - 8)
    }
  } else {
    for (; at < end; at += 4) {
      const i = load<i32>(at)
      const v = v128.load_splat<f32>(x + (i << 2))
      const to = columns + ((i * O) << 2)
      addLanes(to, f32x4.mul(v, d0), rest)
      addLanes(to + 16, f32x4.mul(v, d1), rest - 4)
    }
  }
}
