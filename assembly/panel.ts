// Panels: eight columns of a matrix, packed row after row into the scratch, for products in which they serve many rows. In the
// matrix itself rows may compete for the same lines of the cache (a row is often a multiple of its size), or lie across lanes.

import { SCRATCH } from './scratch'

/** Type of a factor that is a panel (see product.ts): the 32 bytes of one of its rows. */
export class Panel {
  a: v128
  b: v128
}

/** Most rows that a panel holds. */
export const PANEL = 256

/** Makes a panel of the first eight columns of w[count,stride]. */
export function packColumns(w: usize, stride: i32, count: i32): void {
  const end = SCRATCH + (count << 5)
  for (let to = SCRATCH; to < end; to += 32) {
    v128.store(to, v128.load(w))
    v128.store(to, v128.load(w, 16), 16)
    w += (<usize>stride) << 2
  }
}

/** Makes a panel of wT, of the first `count` columns of w[rows,stride], rows <= 8. The last row stands in for missing ones. */
export function packRows(w: usize, stride: i32, rows: i32, count: i32): void {
  packFour(SCRATCH, 32, w, stride, rows, count)
  packFour(SCRATCH + 16, 32, w + ((min(4, rows - 1) * stride) << 2), stride, max(rows - 4, 1), count)
}

/**
 * Packs the first `count` columns of four rows of x[rows,stride], one after the other, `step` bytes apart. The last row stands in
 * for missing ones.
 */
export function packFour(to: usize, step: usize, x: usize, stride: i32, rows: i32, count: i32): void {
  const x1 = x + ((min(1, rows - 1) * stride) << 2)
  const x2 = x + ((min(2, rows - 1) * stride) << 2)
  const x3 = x + ((min(3, rows - 1) * stride) << 2)
  const size = (<usize>count) << 2
  let at: usize = 0
  for (; at + 16 <= size; at += 16) {
    const r0 = v128.load(x + at)
    const r1 = v128.load(x1 + at)
    const r2 = v128.load(x2 + at)
    const r3 = v128.load(x3 + at)
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2))
    v128.store(to + step, v128.shuffle<i64>(low01, low23, 1, 3))
    v128.store(to + 2 * step, v128.shuffle<i64>(high01, high23, 0, 2))
    v128.store(to + 3 * step, v128.shuffle<i64>(high01, high23, 1, 3))
    to += 4 * step
  }
  for (; at < size; at += 4) {
    store<f32>(to, load<f32>(x + at))
    store<f32>(to, load<f32>(x1 + at), 4)
    store<f32>(to, load<f32>(x2 + at), 8)
    store<f32>(to, load<f32>(x3 + at), 12)
    to += step
  }
}
