/** The levels of a padded picture between its pixels: Catmull-Rom cubic interpolation (1974), which keeps thin strokes dark. */

import { type Box, PADDED } from './stroke.ts'

/** Distance from ink at which interpolated levels are paper for certain, px. */
export const REACH = 1

/**
 * A row of pixels, each from a place of its own. Where the four pixels around a place are paper the result is paper, though the
 * cubic would be slightly negative. A whole row at once, because a call per pixel would cost as much as the arithmetic.
 * @param output bytes; `count` of them, from `at` on, are written, rounded and held within 0..255
 * @param picture [34][34], padded
 * @param columns [count], columns of the places in the padded picture, px
 * @param rows [count], rows of the places, px
 * @param source box outside of which there is only paper; within it columns and rows are at least 1 and below 32
 * @param gain factor of every level
 */
export function resampleRow(
  output: Uint8Array,
  at: number,
  picture: Float64Array,
  columns: Float64Array,
  rows: Float64Array,
  source: Box,
  gain: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const u = columns[i]
    const v = rows[i]
    output[at + i] = 0
    if (!(u > source.left && u < source.right && v > source.top && v < source.bottom)) continue
    const column = u | 0
    const row = v | 0
    const p0 = (row - 1) * PADDED + column - 1
    const p1 = p0 + PADDED
    const p2 = p1 + PADDED
    const p3 = p2 + PADDED
    if (picture[p1 + 1] === 0 && picture[p1 + 2] === 0 && picture[p2 + 1] === 0 && picture[p2 + 2] === 0) continue
    const x = u - column
    const y = v - row
    const x0 = x * (x * (1 - 0.5 * x) - 0.5)
    const x1 = x * x * (1.5 * x - 2.5) + 1
    const x2 = x * (x * (2 - 1.5 * x) + 0.5)
    const x3 = x * x * (0.5 * x - 0.5)
    const above = x0 * picture[p0] + x1 * picture[p0 + 1] + x2 * picture[p0 + 2] + x3 * picture[p0 + 3]
    const upper = x0 * picture[p1] + x1 * picture[p1 + 1] + x2 * picture[p1 + 2] + x3 * picture[p1 + 3]
    const lower = x0 * picture[p2] + x1 * picture[p2 + 1] + x2 * picture[p2 + 2] + x3 * picture[p2 + 3]
    const below = x0 * picture[p3] + x1 * picture[p3 + 1] + x2 * picture[p3 + 2] + x3 * picture[p3 + 3]
    const level =
      gain *
      (y * (y * (1 - 0.5 * y) - 0.5) * above +
        (y * y * (1.5 * y - 2.5) + 1) * upper +
        y * (y * (2 - 1.5 * y) + 0.5) * lower +
        y * y * (0.5 * y - 0.5) * below)
    output[at + i] = level <= 0 ? 0 : level >= 255 ? 255 : (level + 0.5) | 0
  }
}
