/** Ruled and squared paper: thin lines cross the edges of the picture. The fields between them are no papers of their own. */

import type { Raster } from '../data/raster.ts'

/** Crossings that make paper ruled. */
const LINES = 6

/** Widest line: a pixel is compared with those this far along the edge, px. */
const REACH = 5

/** Pixels from the edge inwards whose mean is compared: a line goes on, noise does not. */
const DEPTH = 4

/** Levels by which a line differs from the paper at both sides of it, at least. */
const LEAST = 10

/** Whether thin lines, all lighter or all darker than the paper, cross the edges of a picture with sides of at least 16 px. */
export function isRuled(image: Raster): boolean {
  const { width, height } = image
  const counts = { dark: 0, light: 0 }
  for (const depth of [0, height - DEPTH]) countLines(profile(image, depth * width, 1, width, width), counts)
  for (const depth of [0, width - DEPTH]) countLines(profile(image, depth, width, height, 1), counts)
  return Math.max(counts.dark, counts.light) >= LINES
}

/** Along an edge of `count` pixels that lie `step` apart: sums of the channels and of DEPTH pixels that lie `inwards` apart. */
function profile(image: Raster, start: number, step: number, count: number, inwards: number): Float64Array {
  const { channels, data } = image
  const sums = new Float64Array(count)
  for (let k = 0; k < count; k++) {
    for (let d = 0; d < DEPTH; d++) {
      const i = (start + k * step + d * inwards) * channels
      sums[k] += channels === 4 ? (data[i] + data[i + 1] + data[i + 2]) / 3 : data[i]
    }
  }
  return sums
}

function countLines(sums: Float64Array, counts: { dark: number; light: number }): void {
  const least = LEAST * DEPTH
  let before = 0 // -1 in a dark line, 1 in a light one
  for (let k = REACH; k + REACH < sums.length; k++) {
    const [a, b] = [sums[k - REACH], sums[k + REACH]]
    const now = sums[k] < Math.min(a, b) - least ? -1 : sums[k] > Math.max(a, b) + least ? 1 : 0
    if (now !== before && now === -1) counts.dark++
    if (now !== before && now === 1) counts.light++
    before = now
  }
}
