// The dense layer, backward to inputs and to weights. Twin: core/kernels/dense-backward.ts.
// The lanes lie on inputs, or on outputs, but never on the axis that is summed. Rows past the end repeat the last one.

import { biasGradient } from './bias'
import { dotFour } from './dot'
import { addLanes, snap, snap4, storeLanes } from './snap'

/**
 * dx = snap(dy wT).
 * dx[N,I], dy[N,O], w[I,O].
 * Sums over O ascending from +0; rounds at every operation.
 * dx must not overlap the others; overwrites.
 * |error| <= O 2^-24 sum |dy w| to first order.
 */
export function denseBackwardInput(dx: usize, dy: usize, w: usize, N: i32, I: i32, O: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (let n = 0; n < N; n += 8) {
      if (N - n > 2) {
        for (let i = 0; i < I; i += 4) backwardInputTile(dx, dy, w, n, N, i, I, O)
      } else {
        for (let m = n; m < N; m++) backwardInputRow(dx + ((m * I) << 2), dy + ((m * O) << 2), w, I, O)
      }
    }
  } else {
    for (let n = 0; n < N; n++) {
      for (let i = 0; i < I; i++) {
        let sum: f32 = 0
        for (let o = 0; o < O; o++) {
          sum += load<f32>(dy + ((n * O + o) << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(dx + ((n * I + i) << 2), snap(sum))
      }
    }
  }
}

// Rows n..n+7, inputs i..i+3. Four rows of w are transposed in registers, so that the lanes lie on inputs.
function backwardInputTile(dx: usize, dy: usize, w: usize, n: i32, N: i32, i: i32, I: i32, O: i32): void {
  const stride = (<usize>O) << 2
  const lastRow = N - 1
  const lastInput = I - 1
  const w0 = w + ((i * O) << 2)
  const w1 = w + ((min(i + 1, lastInput) * O) << 2)
  const w2 = w + ((min(i + 2, lastInput) * O) << 2)
  const w3 = w + ((min(i + 3, lastInput) * O) << 2)
  const n1 = min(n + 1, lastRow)
  const n2 = min(n + 2, lastRow)
  const n3 = min(n + 3, lastRow)
  const n4 = min(n + 4, lastRow)
  const n5 = min(n + 5, lastRow)
  const n6 = min(n + 6, lastRow)
  const n7 = min(n + 7, lastRow)
  const d0 = dy + <usize>n * stride
  const d1 = dy + <usize>n1 * stride
  const d2 = dy + <usize>n2 * stride
  const d3 = dy + <usize>n3 * stride
  const d4 = dy + <usize>n4 * stride
  const d5 = dy + <usize>n5 * stride
  const d6 = dy + <usize>n6 * stride
  const d7 = dy + <usize>n7 * stride
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let s4 = s0
  let s5 = s0
  let s6 = s0
  let s7 = s0
  for (let o: usize = 0; o < stride; o += 16) {
    const r0 = v128.load(w0 + o)
    const r1 = v128.load(w1 + o)
    const r2 = v128.load(w2 + o)
    const r3 = v128.load(w3 + o)
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    const end: usize = min<usize>(stride - o, 16)
    let t = v128.shuffle<i64>(low01, low23, 0, 2)
    let k: usize = 0
    while (true) {
      s0 = f32x4.add(s0, f32x4.mul(t, v128.load_splat<f32>(d0 + o + k)))
      s1 = f32x4.add(s1, f32x4.mul(t, v128.load_splat<f32>(d1 + o + k)))
      s2 = f32x4.add(s2, f32x4.mul(t, v128.load_splat<f32>(d2 + o + k)))
      s3 = f32x4.add(s3, f32x4.mul(t, v128.load_splat<f32>(d3 + o + k)))
      s4 = f32x4.add(s4, f32x4.mul(t, v128.load_splat<f32>(d4 + o + k)))
      s5 = f32x4.add(s5, f32x4.mul(t, v128.load_splat<f32>(d5 + o + k)))
      s6 = f32x4.add(s6, f32x4.mul(t, v128.load_splat<f32>(d6 + o + k)))
      s7 = f32x4.add(s7, f32x4.mul(t, v128.load_splat<f32>(d7 + o + k)))
      k += 4
      if (k >= end) break
      if (k === 4) t = v128.shuffle<i64>(low01, low23, 1, 3)
      else if (k === 8) t = v128.shuffle<i64>(high01, high23, 0, 2)
      else t = v128.shuffle<i64>(high01, high23, 1, 3)
    }
  }
  const rest = I - i
  const row = dx + (i << 2)
  storeLanes(row + ((n * I) << 2), snap4(s0), rest)
  storeLanes(row + ((n1 * I) << 2), snap4(s1), rest)
  storeLanes(row + ((n2 * I) << 2), snap4(s2), rest)
  storeLanes(row + ((n3 * I) << 2), snap4(s3), rest)
  storeLanes(row + ((n4 * I) << 2), snap4(s4), rest)
  storeLanes(row + ((n5 * I) << 2), snap4(s5), rest)
  storeLanes(row + ((n6 * I) << 2), snap4(s6), rest)
  storeLanes(row + ((n7 * I) << 2), snap4(s7), rest)
}

// One row, all inputs: a single image.
function backwardInputRow(dx: usize, dy: usize, w: usize, I: i32, O: i32): void {
  const stride = (<usize>O) << 2
  for (; I > 3; I -= 4) {
    v128.store(dx, snap4(dotFour(dy, w, w + stride, w + 2 * stride, w + 3 * stride, O)))
    w += 4 * stride
    dx += 16
  }
  // one to three rows are left; past the end the last repeats
  if (I > 0) {
    const w1 = I > 1 ? w + stride : w
    const w2 = I > 2 ? w1 + stride : w1
    storeLanes(dx, snap4(dotFour(dy, w, w1, w2, w2, O)), I)
  }
}

/**
 * dw += xT dy, db += 1 dy.
 * dw[I,O], db[O], x[N,I], dy[N,O].
 * Sums what is there first, then over N ascending; rounds at every operation, does not snap.
 * dw and db must not overlap the others; accumulates.
 * |error| <= N 2^-24 sum |x dy| to first order.
 */
export function denseBackwardWeight(dw: usize, db: usize, x: usize, dy: usize, N: i32, I: i32, O: i32): void {
  biasGradient(db, dy, N, O)
  if (ASC_FEATURE_SIMD) {
    if (N === 1) {
      for (let o = 0; o < O; o += 12) backwardWeightRow(dw, x, dy, I, O, o)
      return
    }
    for (let i = 0; i < I; i += 4) {
      let o = 0
      for (; O - o > 4; o += 8) backwardWeightTile8(dw, x, dy, N, i, I, O, o)
      if (o < O) backwardWeightTile4(dw, x, dy, N, i, I, O, o)
    }
  } else {
    for (let i = 0; i < I; i++) {
      for (let o = 0; o < O; o++) {
        const at = dw + ((i * O + o) << 2)
        let sum = load<f32>(at)
        for (let n = 0; n < N; n++) {
          sum += load<f32>(x + ((n * I + i) << 2)) * load<f32>(dy + ((n * O + o) << 2))
        }
        store<f32>(at, sum)
      }
    }
  }
}

// One image, all inputs, columns o..o+11 (at least one of them exists). Ten outputs, as every network here ends in, are
// two whole vectors and a part of one.
function backwardWeightRow(dw: usize, x: usize, dy: usize, I: i32, O: i32, o: i32): void {
  const rest = O - o
  const from = dy + (o << 2)
  const d0 = v128.load(from)
  const d1 = v128.load(rest > 4 ? from + 16 : from)
  const d2 = v128.load(rest > 8 ? from + 32 : from)
  const end = x + (I << 2)
  const stride = (<usize>O) << 2
  let to = dw + (o << 2)
  if (rest > 8) {
    for (; x < end; x += 4) {
      const v = v128.load_splat<f32>(x)
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)))
      v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(v, d1)), 16)
      storeLanes(to + 32, f32x4.add(v128.load(to, 32), f32x4.mul(v, d2)), rest - 8)
      to += stride
    }
  } else {
    for (; x < end; x += 4) {
      const v = v128.load_splat<f32>(x)
      addLanes(to, f32x4.mul(v, d0), rest)
      addLanes(to + 16, f32x4.mul(v, d1), rest - 4)
      to += stride
    }
  }
}

// Inputs i..i+3, columns o..o+7 (at least five of them exist). All loads of dw come before the stores, so repeated
// rows past the end store what they should.
function backwardWeightTile8(dw: usize, x: usize, dy: usize, N: i32, i: i32, I: i32, O: i32, o: i32): void {
  const last = I - 1
  const i1 = min(i + 1, last)
  const i2 = min(i + 2, last)
  const i3 = min(i + 3, last)
  const g0 = dw + ((i * O + o) << 2)
  const g1 = dw + ((i1 * O + o) << 2)
  const g2 = dw + ((i2 * O + o) << 2)
  const g3 = dw + ((i3 * O + o) << 2)
  const c1 = (<usize>(i1 - i)) << 2
  const c2 = (<usize>(i2 - i)) << 2
  const c3 = (<usize>(i3 - i)) << 2
  let a0 = v128.load(g0)
  let b0 = v128.load(g0, 16)
  let a1 = v128.load(g1)
  let b1 = v128.load(g1, 16)
  let a2 = v128.load(g2)
  let b2 = v128.load(g2, 16)
  let a3 = v128.load(g3)
  let b3 = v128.load(g3, 16)
  let column = dy + (o << 2)
  let at = x + (i << 2)
  for (let n = 0; n < N; n++) {
    const da = v128.load(column)
    const db = v128.load(column, 16)
    let v = v128.load_splat<f32>(at)
    a0 = f32x4.add(a0, f32x4.mul(v, da))
    b0 = f32x4.add(b0, f32x4.mul(v, db))
    v = v128.load_splat<f32>(at + c1)
    a1 = f32x4.add(a1, f32x4.mul(v, da))
    b1 = f32x4.add(b1, f32x4.mul(v, db))
    v = v128.load_splat<f32>(at + c2)
    a2 = f32x4.add(a2, f32x4.mul(v, da))
    b2 = f32x4.add(b2, f32x4.mul(v, db))
    v = v128.load_splat<f32>(at + c3)
    a3 = f32x4.add(a3, f32x4.mul(v, da))
    b3 = f32x4.add(b3, f32x4.mul(v, db))
    column += (<usize>O) << 2
    at += (<usize>I) << 2
  }
  const rest = O - o - 4
  v128.store(g0, a0)
  storeLanes(g0 + 16, b0, rest)
  v128.store(g1, a1)
  storeLanes(g1 + 16, b1, rest)
  v128.store(g2, a2)
  storeLanes(g2 + 16, b2, rest)
  v128.store(g3, a3)
  storeLanes(g3 + 16, b3, rest)
}

// Inputs i..i+3, columns o..o+3 (at least one of them exists).
function backwardWeightTile4(dw: usize, x: usize, dy: usize, N: i32, i: i32, I: i32, O: i32, o: i32): void {
  const last = I - 1
  const i1 = min(i + 1, last)
  const i2 = min(i + 2, last)
  const i3 = min(i + 3, last)
  const g0 = dw + ((i * O + o) << 2)
  const g1 = dw + ((i1 * O + o) << 2)
  const g2 = dw + ((i2 * O + o) << 2)
  const g3 = dw + ((i3 * O + o) << 2)
  const c1 = (<usize>(i1 - i)) << 2
  const c2 = (<usize>(i2 - i)) << 2
  const c3 = (<usize>(i3 - i)) << 2
  let a0 = v128.load(g0)
  let a1 = v128.load(g1)
  let a2 = v128.load(g2)
  let a3 = v128.load(g3)
  let column = dy + (o << 2)
  let at = x + (i << 2)
  for (let n = 0; n < N; n++) {
    const da = v128.load(column)
    a0 = f32x4.add(a0, f32x4.mul(v128.load_splat<f32>(at), da))
    a1 = f32x4.add(a1, f32x4.mul(v128.load_splat<f32>(at + c1), da))
    a2 = f32x4.add(a2, f32x4.mul(v128.load_splat<f32>(at + c2), da))
    a3 = f32x4.add(a3, f32x4.mul(v128.load_splat<f32>(at + c3), da))
    column += (<usize>O) << 2
    at += (<usize>I) << 2
  }
  const rest = O - o
  storeLanes(g0, a0, rest)
  storeLanes(g1, a1, rest)
  storeLanes(g2, a2, rest)
  storeLanes(g3, a3, rest)
}
