// The dense layer, forward. Twin: core/kernels/dense.ts.
// Weights are stored [in][out], so lanes lie on outputs and every sum keeps its plain order.

import { PANEL, Panel, packColumns } from './panel'
import { Matrix, multiply } from './product'
import { SCRATCH } from './scratch'
import { snap, snap4, storeLanes } from './snap'
import { Eight, Four } from './tile'

export function denseForward(y: usize, x: usize, w: usize, b: usize, N: i32, I: i32, O: i32): void {
  if (ASC_FEATURE_SIMD) {
    // if there are many rows, weights are read from panels
    let first = 0
    if (N > 7 && O > 15) {
      for (; O - first > 7; first += 8) forwardPanels(y, x, w, b, N, I, O, first)
    }
    for (let n = 0; n < N; n += 4) {
      const rows = min(4, N - n)
      if (rows === 1) {
        for (let o = first; o < O; o += 16) forwardRow(y, x, w, b, n, I, O, o)
      } else {
        const outputs = y + ((n * O) << 2)
        const inputs = x + ((n * I) << 2)
        let o = first
        for (; O - o > 4; o += 8) {
          const at = (<usize>o) << 2
          multiply<Eight, Matrix>(outputs + at, inputs, w + at, b + at, I, true, O - o, rows, I, O)
        }
        const at = (<usize>o) << 2
        if (o < O) multiply<Four, Matrix>(outputs + at, inputs, w + at, b + at, I, true, O - o, rows, I, O)
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

// Computes columns o..o+7 of all rows. Between two panels y holds the sums so far.
function forwardPanels(y: usize, x: usize, w: usize, b: usize, N: i32, I: i32, O: i32, o: i32): void {
  for (let i = 0; i < I; i += PANEL) {
    const count = min(PANEL, I - i)
    packColumns(w + ((i * O + o) << 2), O, count)
    const from = i === 0 ? b + (o << 2) : 0
    multiply<Eight, Panel>(y + (o << 2), x + (i << 2), SCRATCH, from, count, i + count === I, 8, N, I, O)
  }
}

// Computes columns o..o+15, of which at least one exists, of row n: for a single image.
function forwardRow(y: usize, x: usize, w: usize, b: usize, n: i32, I: i32, O: i32, o: i32): void {
  const bias = b + (o << 2)
  const rest = O - o
  // vectors wholly past the end repeat the first: they would read further than the contract allows
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
