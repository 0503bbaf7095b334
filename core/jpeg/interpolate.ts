/** Rows of a component's samples, one for each pixel of the result. */

import type { Plane } from './plane.ts'

/** Samples that stand for two pixels each are mixed with a neighbour; fractions are of 1/16. */
const OWN = 3
const ROUND = 8
const SHIFT = 4

const SUMS = new Int16Array(1024)

/**
 * Row y of the result. Between samples of half the resolution values are linear, as libjpeg has them; of other resolutions the
 * nearest sample counts.
 * @param line written
 */
export function interpolateRow(line: Uint8Array, plane: Plane, y: number): void {
  const { columns, blockWidth, width, height, perColumn, perRow, samples } = plane
  const stride = columns * blockWidth
  const row = nearest(y, perRow, height)
  const start = row * stride
  if (perColumn === 1 && perRow === 1) {
    line.set(samples.subarray(start, start + line.length))
    return
  }
  const other = perRow === 1 / 2 ? neighbour(y, row, height) * stride : start
  const sums = width <= SUMS.length ? SUMS : new Int16Array(width)
  for (let x = 0; x < width; x++) sums[x] = OWN * samples[start + x] + samples[other + x]
  for (let x = 0; x < line.length; x++) {
    const own = nearest(x, perColumn, width)
    const beside = perColumn === 1 / 2 ? neighbour(x, own, width) : own
    line[x] = (OWN * sums[own] + sums[beside] + ROUND) >> SHIFT
  }
}

/** The one of `count` samples that is nearest to a pixel. */
function nearest(pixel: number, perPixel: number, count: number): number {
  return Math.min(count - 1, Math.floor((pixel + 0.5) * perPixel))
}

/** The sample on a pixel's other side, where there is one. */
function neighbour(pixel: number, own: number, count: number): number {
  return (pixel & 1) === 0 ? Math.max(0, own - 1) : Math.min(count - 1, own + 1)
}
