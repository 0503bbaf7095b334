/** A quick look at the edges of a picture: of most drawings it tells that there is nothing but paper around the digit. */

import type { Raster } from '../../data/raster.ts'
import { pixelKeys } from '../paper.ts'
import { colourAt, distanceAt } from './colours.ts'

/** Largest distance of a pixel of the outline from its first pixel, 0..255. */
const REACH = 8

/** Rows and columns along which the first ink is looked for. */
const PROBES = 12

/** Probes of one side that meet something at the same depth: on three sides, or on one alone and near the edge. */
const FEW = 3
const MANY = 6

/** Depth that is near the edge, as a share of the picture's, 0..1. */
const NEAR = 0.12

/**
 * Whether the outline has one colour, and what comes first behind it has no straight sides, as a frame, a bar or a canvas has.
 */
export function hasPlainEdges(image: Raster): boolean {
  const { width, height } = image
  const keys = pixelKeys(image)
  const key = keys[0]
  const colour = colourAt(image, 0)
  const differs = (p: number): boolean => keys[p] !== key && distanceAt(image, p, colour) > REACH
  const bottom = (height - 1) * width
  for (let x = 0; x < width; x++) if (differs(x) || differs(bottom + x)) return false
  for (let p = width; p < bottom; p += width) if (differs(p) || differs(p + width - 1)) return false

  let sides = 0
  const met = new Int32Array(PROBES)
  for (const [start, along, across, length, depth] of [
    [0, 1, width, width, height],
    [bottom, 1, -width, width, height],
    [0, width, 1, height, width],
    [width - 1, width, -1, height, width],
  ]) {
    let count = 0
    for (let k = 0; k < PROBES; k++) {
      let p = start + along * Math.floor(((2 * k + 1) * length) / (2 * PROBES))
      let d = 0
      while (d < depth && !differs(p)) {
        d++
        p += across
      }
      if (d < depth) met[count++] = d
    }
    const depths = met.subarray(0, count).sort()
    if (largestGroup(depths) >= FEW) sides++
    let near = 0
    while (near < count && depths[near] <= NEAR * depth) near++
    if (largestGroup(depths.subarray(0, near)) >= MANY) return false
  }
  return sides < 3
}

/** Size of the largest group of depths, which are in order, that differ by at most 1. */
function largestGroup(depths: Int32Array): number {
  let most = 0
  for (let k = 0, from = 0; k < depths.length; k++) {
    while (depths[k] - depths[from] > 1) from++
    most = Math.max(most, k - from + 1)
  }
  return most
}
