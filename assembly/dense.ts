// The dense layer, forward. Twin: core/kernels/dense.ts.
// Weights lie [in][out], so the lanes lie on outputs and every sum keeps its plain order.
// Tiles of four rows by eight columns fill the sixteen vector registers of ARMv7 and x86-64. Rows past the end repeat the
// last one: they compute and store the same bits again.

import { multiplyPanel, PANEL, packColumns } from './panel'
import { snap, snap4, storeLanes } from './snap'

/**
 * y = snap(b + x w).
 * y[N,O], x[N,I], w[I,O], b[O].
 * Sums b first, then over I ascending; rounds at every operation.
 * y must not overlap the others; overwrites.
 * |error| <= (I + 1) 2^-24 sum |x w| to first order.
 */
export function denseForward(y: usize, x: usize, w: usize, b: usize, N: i32, I: i32, O: i32): void {
  if (ASC_FEATURE_SIMD) {
    // weights that serve many rows are read from panels
    let first = 0
    if (N > 7 && O > 15) {
      for (; O - first > 7; first += 8) forwardPanels(y, x, w, b, N, I, O, first)
    }
    for (let n = 0; n < N; n += 4) {
      if (N - n === 1) {
        for (let o = first; o < O; o += 16) forwardRow(y, x, w, b, n, I, O, o)
      } else {
        let o = first
        for (; O - o > 4; o += 8) forwardTile8(y, x, w, b, n, N, I, O, o)
        if (o < O) forwardTile4(y, x, w, b, n, N, I, O, o)
      }
    }
  } else {
    for (let n = 0; n < N; n++) {
      for (let o = 0; o < O; o++) {
        let sum = load<f32>(b + (o << 2))
        for (let i = 0; i < I; i++) {
          sum += load<f32>(x + ((n * I + i) << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(y + ((n * O + o) << 2), snap(sum))
      }
    }
  }
}

// All rows, columns o..o+7. Between two panels the sums wait in y.
function forwardPanels(y: usize, x: usize, w: usize, b: usize, N: i32, I: i32, O: i32, o: i32): void {
  for (let i = 0; i < I; i += PANEL) {
    const count = min(PANEL, I - i)
    packColumns(w + ((i * O + o) << 2), O, count)
    const from = i === 0 ? b + (o << 2) : 0
    multiplyPanel(y + (o << 2), x + (i << 2), from, count, i + count === I, 8, N, I, O)
  }
}

// Rows n..n+3, columns o..o+7 (at least five of them exist).
function forwardTile8(y: usize, x: usize, w: usize, b: usize, n: i32, N: i32, I: i32, O: i32, o: i32): void {
  const last = N - 1
  const n1 = min(n + 1, last)
  const n2 = min(n + 2, last)
  const n3 = min(n + 3, last)
  let x0 = x + ((n * I) << 2)
  let x1 = x + ((n1 * I) << 2)
  let x2 = x + ((n2 * I) << 2)
  let x3 = x + ((n3 * I) << 2)
  let a0 = v128.load(b + (o << 2))
  let b0 = v128.load(b + (o << 2), 16)
  let a1 = a0
  let b1 = b0
  let a2 = a0
  let b2 = b0
  let a3 = a0
  let b3 = b0
  const end = x0 + (I << 2)
  const stride = (<usize>O) << 2
  let column = w + (o << 2)
  while (x0 < end) {
    const wa = v128.load(column)
    const wb = v128.load(column, 16)
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
    column += stride
    x0 += 4
    x1 += 4
    x2 += 4
    x3 += 4
  }
  const rest = O - o - 4
  storeTwo(y + ((n * O + o) << 2), a0, b0, rest)
  storeTwo(y + ((n1 * O + o) << 2), a1, b1, rest)
  storeTwo(y + ((n2 * O + o) << 2), a2, b2, rest)
  storeTwo(y + ((n3 * O + o) << 2), a3, b3, rest)
}

function storeTwo(y: usize, a: v128, b: v128, rest: i32): void {
  v128.store(y, snap4(a))
  storeLanes(y + 16, snap4(b), rest)
}

// Rows n..n+3, columns o..o+3 (at least one of them exists).
function forwardTile4(y: usize, x: usize, w: usize, b: usize, n: i32, N: i32, I: i32, O: i32, o: i32): void {
  const last = N - 1
  const n1 = min(n + 1, last)
  const n2 = min(n + 2, last)
  const n3 = min(n + 3, last)
  let x0 = x + ((n * I) << 2)
  let x1 = x + ((n1 * I) << 2)
  let x2 = x + ((n2 * I) << 2)
  let x3 = x + ((n3 * I) << 2)
  let a0 = v128.load(b + (o << 2))
  let a1 = a0
  let a2 = a0
  let a3 = a0
  const end = x0 + (I << 2)
  const stride = (<usize>O) << 2
  let column = w + (o << 2)
  while (x0 < end) {
    const wa = v128.load(column)
    a0 = f32x4.add(a0, f32x4.mul(v128.load_splat<f32>(x0), wa))
    a1 = f32x4.add(a1, f32x4.mul(v128.load_splat<f32>(x1), wa))
    a2 = f32x4.add(a2, f32x4.mul(v128.load_splat<f32>(x2), wa))
    a3 = f32x4.add(a3, f32x4.mul(v128.load_splat<f32>(x3), wa))
    column += stride
    x0 += 4
    x1 += 4
    x2 += 4
    x3 += 4
  }
  const rest = O - o
  storeLanes(y + ((n * O + o) << 2), snap4(a0), rest)
  storeLanes(y + ((n1 * O + o) << 2), snap4(a1), rest)
  storeLanes(y + ((n2 * O + o) << 2), snap4(a2), rest)
  storeLanes(y + ((n3 * O + o) << 2), snap4(a3), rest)
}

// Row n, columns o..o+15 (at least one of them exists): a single image.
function forwardRow(y: usize, x: usize, w: usize, b: usize, n: i32, I: i32, O: i32, o: i32): void {
  const bias = b + (o << 2)
  const rest = O - o
  // vectors wholly past the end would read further than the contract allows: they repeat the first
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  let a0 = v128.load(bias)
  let a1 = v128.load(bias + c1)
  let a2 = v128.load(bias + c2)
  let a3 = v128.load(bias + c3)
  let at = x + ((n * I) << 2)
  const end = at + (I << 2)
  const stride = (<usize>O) << 2
  let column = w + (o << 2)
  while (at < end) {
    const v = v128.load_splat<f32>(at)
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(column)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(column + c1)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(column + c2)))
    a3 = f32x4.add(a3, f32x4.mul(v, v128.load(column + c3)))
    column += stride
    at += 4
  }
  const row = y + ((n * O + o) << 2)
  storeLanes(row, snap4(a0), rest)
  storeLanes(row + 16, snap4(a1), rest - 4)
  storeLanes(row + 32, snap4(a2), rest - 8)
  storeLanes(row + 48, snap4(a3), rest - 12)
}
