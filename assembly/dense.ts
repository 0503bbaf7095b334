// The dense layer, forward. Twin: core/kernels/dense.ts.
// Weights are stored [in][out], so lanes lie on outputs and every sum keeps its plain order.

import { multiplyBlocks, Straight } from './blocks'
import { multiply } from './product'
import { snap, snap4, storeLanes } from './snap'
import { addProduct, Eight, Four, Ten } from './tile'

export function denseForward(y: usize, x: usize, w: usize, b: usize, N: i32, I: i32, O: i32): void {
  if (ASC_FEATURE_SIMD) {
    // if there are many rows, weights are read from panels
    let first = 0
    if (N > 7 && O > 15) first = multiplyBlocks<Straight>(y, x, w, b, N, I, O)
    for (let n = 0; n < N; n += 4) {
      const rows = min(4, N - n)
      if (rows === 1) {
        forwardRow(y + ((n * O) << 2), x + ((n * I) << 2), w, b, first, I, O)
      } else {
        const outputs = y + ((n * O) << 2)
        const inputs = x + ((n * I) << 2)
        let o = first
        for (; O - o > 4; o += 8) {
          const at = (<usize>o) << 2
          multiply<Eight>(outputs + at, inputs, w + at, b + at, O - o, rows, I, O)
        }
        const at = (<usize>o) << 2
        if (o < O) multiply<Four>(outputs + at, inputs, w + at, b + at, O - o, rows, I, O)
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

// Computes the columns from o on of one row. Forty at a time: their sums fill the registers, and more of a row of w is read at once.
function forwardRow(y: usize, x: usize, w: usize, b: usize, o: i32, I: i32, O: i32): void {
  for (; O - o >= 40; o += 40) forwardTile<Ten>(y + (o << 2), x, w + (o << 2), b + (o << 2), I, O, 40)
  for (; o < O; o += 16) forwardTile<Four>(y + (o << 2), x, w + (o << 2), b + (o << 2), I, O, O - o)
}

// Where a tile of four vectors is longer than the `rest` of y, vectors wholly past the end repeat the first: they would read
// further than the contract allows.
function forwardTile<Tile>(y: usize, x: usize, w: usize, b: usize, I: i32, O: i32, rest: i32): void {
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  let a0 = v128.load(b)
  let a1 = v128.load(b + c1)
  let a2 = v128.load(b + c2)
  let a3 = v128.load(b + c3)
  let a4 = a0
  let a5 = a0
  let a6 = a0
  let a7 = a0
  let a8 = a0
  let a9 = a0
  if (offsetof<Tile>() === 10) {
    a4 = v128.load(b, 64)
    a5 = v128.load(b, 80)
    a6 = v128.load(b, 96)
    a7 = v128.load(b, 112)
    a8 = v128.load(b, 128)
    a9 = v128.load(b, 144)
  }
  const stride = (<usize>O) << 2
  for (const end = x + ((<usize>I) << 2); x < end; x += 4) {
    const v = v128.load_splat<f32>(x)
    a0 = addProduct(a0, v, v128.load(w))
    if (offsetof<Tile>() === 4) {
      a1 = addProduct(a1, v, v128.load(w + c1))
      a2 = addProduct(a2, v, v128.load(w + c2))
      a3 = addProduct(a3, v, v128.load(w + c3))
    } else {
      a1 = addProduct(a1, v, v128.load(w, 16))
      a2 = addProduct(a2, v, v128.load(w, 32))
      a3 = addProduct(a3, v, v128.load(w, 48))
      a4 = addProduct(a4, v, v128.load(w, 64))
      a5 = addProduct(a5, v, v128.load(w, 80))
      a6 = addProduct(a6, v, v128.load(w, 96))
      a7 = addProduct(a7, v, v128.load(w, 112))
      a8 = addProduct(a8, v, v128.load(w, 128))
      a9 = addProduct(a9, v, v128.load(w, 144))
    }
    w += stride
  }
  storeLanes(y, snap4(a0), rest)
  storeLanes(y + 16, snap4(a1), rest - 4)
  storeLanes(y + 32, snap4(a2), rest - 8)
  storeLanes(y + 48, snap4(a3), rest - 12)
  if (offsetof<Tile>() === 10) {
    v128.store(y, snap4(a4), 64)
    v128.store(y, snap4(a5), 80)
    v128.store(y, snap4(a6), 96)
    v128.store(y, snap4(a7), 112)
    v128.store(y, snap4(a8), 128)
    v128.store(y, snap4(a9), 144)
  }
}
