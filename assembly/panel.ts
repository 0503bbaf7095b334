// Products with a panel: eight columns of a matrix, packed one row after the other, that serve many rows. In the matrix itself
// rows may lie on top of each other in the cache (their length often is a multiple of its), or across the lanes.

import { SCRATCH } from './scratch'
import { snap4, storeLanes } from './snap'

/** Rows that a panel holds. */
export const PANEL = 256

/** The panel is the first eight columns of w[count,stride]. */
export function packColumns(w: usize, stride: i32, count: i32): void {
  const end = SCRATCH + (count << 5)
  for (let to = SCRATCH; to < end; to += 32) {
    v128.store(to, v128.load(w))
    v128.store(to, v128.load(w, 16), 16)
    w += (<usize>stride) << 2
  }
}

/** The panel is wT, of the first `count` columns of w[rows,stride], rows <= 8; past the end the last row repeats. */
export function packRows(w: usize, stride: i32, rows: i32, count: i32): void {
  for (let k = 0; k < 8; k += 4) {
    const w0 = w + ((min(k, rows - 1) * stride) << 2)
    const w1 = w + ((min(k + 1, rows - 1) * stride) << 2)
    const w2 = w + ((min(k + 2, rows - 1) * stride) << 2)
    const w3 = w + ((min(k + 3, rows - 1) * stride) << 2)
    const size = (<usize>count) << 2
    let to = SCRATCH + (k << 2)
    let at: usize = 0
    for (; at + 16 <= size; at += 16) {
      const r0 = v128.load(w0 + at)
      const r1 = v128.load(w1 + at)
      const r2 = v128.load(w2 + at)
      const r3 = v128.load(w3 + at)
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
      const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
      const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
      v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2))
      v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 32)
      v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 64)
      v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 96)
      to += 128
    }
    for (; at < size; at += 4) {
      store<f32>(to, load<f32>(w0 + at))
      store<f32>(to, load<f32>(w1 + at), 4)
      store<f32>(to, load<f32>(w2 + at), 8)
      store<f32>(to, load<f32>(w3 + at), 12)
      to += 32
    }
  }
}

/**
 * y = from + x panel, in tiles of four rows: the first `lanes` of eight columns, 5 to 8, of y[N,O], x[N,I] of which `count`
 * columns are used. The sums begin with the eight values at `from`, or go on from y where that is 0; `ends` snaps them.
 */
export function multiplyPanel(
  y: usize,
  x: usize,
  from: usize,
  count: i32,
  ends: bool,
  lanes: i32,
  N: i32,
  I: i32,
  O: i32,
): void {
  const end = SCRATCH + (count << 5)
  const last = N - 1
  const row = (<usize>I) << 2
  const stride = (<usize>O) << 2
  for (let n = 0; n < N; n += 4) {
    // rows past the end repeat the last one
    const n1 = <usize>min(n + 1, last)
    const n2 = <usize>min(n + 2, last)
    const n3 = <usize>min(n + 3, last)
    const y0 = y + <usize>n * stride
    const y1 = y + n1 * stride
    const y2 = y + n2 * stride
    const y3 = y + n3 * stride
    let x0 = x + <usize>n * row
    let x1 = x + n1 * row
    let x2 = x + n2 * row
    let x3 = x + n3 * row
    let a0 = v128.load(from ? from : y0)
    let b0 = v128.load(from ? from : y0, 16)
    let a1 = v128.load(from ? from : y1)
    let b1 = v128.load(from ? from : y1, 16)
    let a2 = v128.load(from ? from : y2)
    let b2 = v128.load(from ? from : y2, 16)
    let a3 = v128.load(from ? from : y3)
    let b3 = v128.load(from ? from : y3, 16)
    for (let panel = SCRATCH; panel < end; panel += 32) {
      const wa = v128.load(panel)
      const wb = v128.load(panel, 16)
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
      x0 += 4
      x1 += 4
      x2 += 4
      x3 += 4
    }
    storeSums(y0, a0, b0, ends, lanes)
    storeSums(y1, a1, b1, ends, lanes)
    storeSums(y2, a2, b2, ends, lanes)
    storeSums(y3, a3, b3, ends, lanes)
  }
}

/** y += xT panel, in tiles of four rows: eight columns of y[I,O], of which the last I mod 4 rows are left out, x[count,I]. */
export function accumulatePanel(y: usize, x: usize, count: i32, I: i32, O: i32): void {
  const end = SCRATCH + (count << 5)
  const row = (<usize>I) << 2
  const stride = (<usize>O) << 2
  for (let i = 3; i < I; i += 4) {
    const y1 = y + stride
    const y2 = y1 + stride
    const y3 = y2 + stride
    let a0 = v128.load(y)
    let b0 = v128.load(y, 16)
    let a1 = v128.load(y1)
    let b1 = v128.load(y1, 16)
    let a2 = v128.load(y2)
    let b2 = v128.load(y2, 16)
    let a3 = v128.load(y3)
    let b3 = v128.load(y3, 16)
    let at = x
    for (let panel = SCRATCH; panel < end; panel += 32) {
      const wa = v128.load(panel)
      const wb = v128.load(panel, 16)
      let v = v128.load_splat<f32>(at)
      a0 = f32x4.add(a0, f32x4.mul(v, wa))
      b0 = f32x4.add(b0, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(at, 4)
      a1 = f32x4.add(a1, f32x4.mul(v, wa))
      b1 = f32x4.add(b1, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(at, 8)
      a2 = f32x4.add(a2, f32x4.mul(v, wa))
      b2 = f32x4.add(b2, f32x4.mul(v, wb))
      v = v128.load_splat<f32>(at, 12)
      a3 = f32x4.add(a3, f32x4.mul(v, wa))
      b3 = f32x4.add(b3, f32x4.mul(v, wb))
      at += row
    }
    v128.store(y, a0)
    v128.store(y, b0, 16)
    v128.store(y1, a1)
    v128.store(y1, b1, 16)
    v128.store(y2, a2)
    v128.store(y2, b2, 16)
    v128.store(y3, a3)
    v128.store(y3, b3, 16)
    y = y3 + stride
    x += 16
  }
}

function storeSums(y: usize, a: v128, b: v128, ends: bool, lanes: i32): void {
  v128.store(y, ends ? snap4(a) : a)
  storeLanes(y + 16, ends ? snap4(b) : b, lanes - 4)
}
