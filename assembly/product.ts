// Products of matrices, for dense layers in the build with SIMD: of a few rows, and of many that are added up. A tile is four rows by
// `Columns`, Eight or Four; with eight, sums and factors fill the sixteen vector registers of ARMv7 and x86-64.

import { Loads, lane0, lane1, lane2, lane3, loadFour, SHUFFLES, Shuffles } from './lanes'
import { snap4, storeLanes } from './snap'
import { addProduct } from './tile'

/** Type of a factor whose rows are as long as those of the product; a factor may also be a Panel (panel.ts). */
export class Matrix {}

/**
 * y = snap(b + x w) for one tile's columns and up to four rows: y[N,O], x[N,I], w[I,O], b[O]. `lanes` columns are stored, at least
 * five if the tile has eight. Rows past the end repeat the last one: they store the same bits again.
 */
export function multiply<Columns>(y: usize, x: usize, w: usize, b: usize, lanes: i32, N: i32, I: i32, O: i32): void {
  const xRow = (<usize>I) << 2
  const yRow = (<usize>O) << 2
  const n1 = <usize>min(1, N - 1)
  const n2 = <usize>min(2, N - 1)
  const n3 = <usize>min(3, N - 1)
  let x0 = x
  let x1 = x + n1 * xRow
  let x2 = x + n2 * xRow
  let x3 = x + n3 * xRow
  let a0 = v128.load(b)
  let a1 = a0
  let a2 = a0
  let a3 = a0
  let b0 = offsetof<Columns>() === 8 ? v128.load(b, 16) : a0
  let b1 = b0
  let b2 = b0
  let b3 = b0
  const end = x0 + xRow
  while (x0 < end) {
    const wa = v128.load(w)
    const wb = offsetof<Columns>() === 8 ? v128.load(w, 16) : wa
    let v = v128.load_splat<f32>(x0)
    a0 = addProduct(a0, v, wa)
    if (offsetof<Columns>() === 8) b0 = addProduct(b0, v, wb)
    v = v128.load_splat<f32>(x1)
    a1 = addProduct(a1, v, wa)
    if (offsetof<Columns>() === 8) b1 = addProduct(b1, v, wb)
    v = v128.load_splat<f32>(x2)
    a2 = addProduct(a2, v, wa)
    if (offsetof<Columns>() === 8) b2 = addProduct(b2, v, wb)
    v = v128.load_splat<f32>(x3)
    a3 = addProduct(a3, v, wa)
    if (offsetof<Columns>() === 8) b3 = addProduct(b3, v, wb)
    w += yRow
    x0 += 4
    x1 += 4
    x2 += 4
    x3 += 4
  }
  storeRow<Columns>(y, snap4(a0), snap4(b0), lanes)
  storeRow<Columns>(y + n1 * yRow, snap4(a1), snap4(b1), lanes)
  storeRow<Columns>(y + n2 * yRow, snap4(a2), snap4(b2), lanes)
  storeRow<Columns>(y + n3 * yRow, snap4(a3), snap4(b3), lanes)
}

/**
 * y += xT w for one tile's columns and all rows: y[I,O], x[count,I], w with `count` rows. `lanes` columns are stored, as by
 * multiply. For rows past the end, the tile computes with the values behind a row of x and stores them to its first row, which
 * is stored last.
 */
export function accumulate<Columns, Factor>(
  y: usize,
  x: usize,
  w: usize,
  count: i32,
  lanes: i32,
  I: i32,
  O: i32,
): void {
  if (SHUFFLES) accumulateBy<Columns, Factor, Shuffles>(y, x, w, count, lanes, I, O)
  else accumulateBy<Columns, Factor, Loads>(y, x, w, count, lanes, I, O)
}

function accumulateBy<Columns, Factor, Way>(
  y: usize,
  x: usize,
  w: usize,
  count: i32,
  lanes: i32,
  I: i32,
  O: i32,
): void {
  const xRow = (<usize>I) << 2
  const yRow = (<usize>O) << 2
  const stride: usize = offsetof<Factor>() === 32 ? 32 : yRow
  const end = w + <usize>count * stride
  for (let i = 0; i < I; i += 4) {
    const y1 = i + 1 < I ? y + yRow : y
    const y2 = i + 2 < I ? y1 + yRow : y
    const y3 = i + 3 < I ? y2 + yRow : y
    let a0 = v128.load(y)
    let a1 = v128.load(y1)
    let a2 = v128.load(y2)
    let a3 = v128.load(y3)
    let b0 = a0
    let b1 = a0
    let b2 = a0
    let b3 = a0
    if (offsetof<Columns>() === 8) {
      b0 = v128.load(y, 16)
      b1 = v128.load(y1, 16)
      b2 = v128.load(y2, 16)
      b3 = v128.load(y3, 16)
    }
    let at = x
    for (let row = w; row < end; row += stride) {
      const wa = v128.load(row)
      const wb = offsetof<Columns>() === 8 ? v128.load(row, 16) : wa
      const four = loadFour<Way>(at)
      let v = lane0<Way>(four, at)
      a0 = addProduct(a0, v, wa)
      if (offsetof<Columns>() === 8) b0 = addProduct(b0, v, wb)
      v = lane1<Way>(four, at)
      a1 = addProduct(a1, v, wa)
      if (offsetof<Columns>() === 8) b1 = addProduct(b1, v, wb)
      v = lane2<Way>(four, at)
      a2 = addProduct(a2, v, wa)
      if (offsetof<Columns>() === 8) b2 = addProduct(b2, v, wb)
      v = lane3<Way>(four, at)
      a3 = addProduct(a3, v, wa)
      if (offsetof<Columns>() === 8) b3 = addProduct(b3, v, wb)
      at += xRow
    }
    const width = offsetof<Factor>() === 32 ? 8 : lanes // all of a panel's columns exist
    storeRow<Columns>(y3, a3, b3, width)
    storeRow<Columns>(y2, a2, b2, width)
    storeRow<Columns>(y1, a1, b1, width)
    storeRow<Columns>(y, a0, b0, width)
    y += 4 * yRow
    x += 16
  }
}

export function storeRow<Columns>(y: usize, a: v128, b: v128, lanes: i32): void {
  if (offsetof<Columns>() === 8) {
    v128.store(y, a)
    storeLanes(y + 16, b, lanes - 4)
  } else {
    storeLanes(y, a, lanes)
  }
}
