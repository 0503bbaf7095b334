/** A quick look at the edges of a picture: of most drawings it tells that there is nothing but paper around the digit. */

import type { Raster } from '../../data/raster.ts'
import { pixelKeys } from '../paper.ts'
import { colourAt, distanceAt } from './colours.ts'

/** Largest distance of a pixel of the outline from its first pixel, 0..255. */
const REACH = 8

/** Rows and columns along which ink is looked for, of either. */
const PROBES = 10

/** Probes that meet something at the same depth: on three sides, or on one alone and near the edge. */
const FEW = 3
const MANY = 5

/** Depth that is near the edge, as a share of the picture's, 0..1. */
const NEAR = 0.12

/** Pieces of ink along a probe from which one may be around another, and how many probes meet as many, some both ways. Most digits have two along a row. */
const PIECES = 3
const CROWDED = 4

/** Length of one piece of ink from which it may be a paper, as a share of the probe, 0..1, and probes with such a piece both ways. */
const LARGE = 0.25

/**
 * Whether the outline has one colour, and what comes behind it does not look like a frame, a bar, a sheet or a canvas.
 */
export function hasPlainEdges(image: Raster): boolean {
  const { width, height } = image
  const keys = pixelKeys(image)
  const key = keys[0]
  const colour = colourAt(image, 0)
  // most pixels equal the first, so that its key decides
  const differs = (p: number): boolean => distanceAt(image, p, colour) > REACH
  const bottom = (height - 1) * width
  for (let x = 0; x < width; x++)
    if ((keys[x] !== key && differs(x)) || (keys[bottom + x] !== key && differs(bottom + x))) return false
  for (let p = width; p < bottom; p += width) {
    if ((keys[p] !== key && differs(p)) || (keys[p + width - 1] !== key && differs(p + width - 1))) return false
  }

  const columns = probe(keys, differs, 1, width, width, height)
  const rows = probe(keys, differs, width, 1, height, width)
  if (columns.nearEdge || rows.nearEdge || columns.straight + rows.straight > 2) return false
  const crowded = Math.min(columns.crowded, rows.crowded) > 0 && columns.crowded + rows.crowded >= CROWDED
  return !crowded && Math.min(columns.large, rows.large) < FEW
}

/** What parallel probes meet. */
interface Met {
  readonly straight: number // of their two sides, those where some meet something at the same depth
  readonly nearEdge: boolean // whether many do, near an edge
  readonly crowded: number // probes that meet PIECES or more
  readonly large: number // probes that meet a LARGE one
}

/** Looks along PROBES lines of `depth` px, `across` apart from pixel to pixel, that begin on a side of `length` px. */
function probe(
  keys: ReturnType<typeof pixelKeys>,
  differs: (p: number) => boolean,
  along: number,
  across: number,
  length: number,
  depth: number,
): Met {
  const key = keys[0]
  const depths = [new Int32Array(PROBES), new Int32Array(PROBES)]
  let count = 0
  let crowded = 0
  let large = 0
  for (let k = 0; k < PROBES; k++) {
    const start = along * Math.floor(((2 * k + 1) * length) / (2 * PROBES))
    let first = -1
    let last = 0
    let pieces = 0
    let longest = 0
    for (let d = 0, p = start; d < depth; d++, p += across) {
      if (keys[p] === key || !differs(p)) continue
      const from = d
      do {
        d++
        p += across
      } while (d < depth && keys[p] !== key && differs(p))
      if (first < 0) first = from
      last = d - 1
      pieces++
      longest = Math.max(longest, d - from)
    }
    if (pieces >= PIECES) crowded++
    if (longest >= LARGE * depth) large++
    if (first < 0) continue
    depths[0][count] = first
    depths[1][count++] = depth - 1 - last
  }
  let straight = 0
  let nearEdge = false
  for (const side of depths) {
    const met = side.subarray(0, count).sort()
    if (largestGroup(met) >= FEW) straight++
    let near = 0
    while (near < count && met[near] <= NEAR * depth) near++
    if (largestGroup(met.subarray(0, near)) >= MANY) nearEdge = true
  }
  return { straight, nearEdge, crowded, large }
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
