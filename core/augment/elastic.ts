/**
 * A smooth random displacement of the plane (Simard, Steinkraus, Platt 2003): random vectors on a coarse grid, interpolated by
 * cubic B-splines. With 7 px between the vectors it is as smooth as the paper's Gaussian of 4 px.
 */

import { SIDE } from '../data/dataset.ts'

/** Distance of the grid's vectors, px. A cubic B-spline of this spacing has a standard deviation of 4.04 px. */
const SPACING = 7

/** Vectors along a side: one at each end of the picture's four spans, and one beyond either end. */
const CONTROLS = SIDE / SPACING + 3

/** Vectors of one displacement. */
export const VECTORS = CONTROLS * CONTROLS

/** Position of each pixel's centre between the vectors before and after it, 0..1. */
const BETWEEN = Float64Array.from({ length: SIDE }, (_, p) => ((p % SPACING) + 0.5) / SPACING)

/**
 * One component of the displacement of part of a row of pixels. It is a weighted mean of the vectors, so it stays in their range.
 * @param output [28], px, of which at least `left` to `right` are written
 * @param vectors the component at the points of the grid, [7][7], px
 * @param columns [7], working memory
 */
export function displaceRow(
  output: Float64Array,
  vectors: Float64Array,
  columns: Float64Array,
  y: number,
  left: number,
  right: number,
): void {
  const t = BETWEEN[y]
  const s = 1 - t
  const w0 = (s * s * s) / 6
  const w1 = (t * t * (3 * t - 6) + 4) / 6
  const w2 = (s * s * (3 * s - 6) + 4) / 6
  const w3 = (t * t * t) / 6
  for (let i = 0, p = Math.floor(y / SPACING) * CONTROLS; i < CONTROLS; i++, p++) {
    columns[i] =
      w0 * vectors[p] + w1 * vectors[p + CONTROLS] + w2 * vectors[p + 2 * CONTROLS] + w3 * vectors[p + 3 * CONTROLS]
  }
  // the same spline along the row, as one cubic per span
  for (let span = Math.floor(left / SPACING); span * SPACING <= right; span++) {
    const before = columns[span]
    const from = columns[span + 1]
    const to = columns[span + 2]
    const after = columns[span + 3]
    const c0 = (before + 4 * from + to) / 6
    const c1 = (to - before) / 2
    const c2 = (before + to) / 2 - from
    const c3 = (after - before) / 6 + (from - to) / 2
    for (let x = span * SPACING; x < (span + 1) * SPACING; x++) {
      const r = BETWEEN[x]
      output[x] = c0 + r * (c1 + r * (c2 + r * c3))
    }
  }
}
