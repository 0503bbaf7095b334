/**
 * Finds the paper of a digit in a picture that shows more: a frame, bars, a title bar, a mat, a page with a canvas on it. The picture
 * is cropped to that paper, and what is left of its surroundings along its edges is painted over.
 */

import type { Raster } from '../data/raster.ts'
import { isRuled } from './ruled.ts'
import { colourReach, frequentColours } from './surround/colours.ts'
import { digitSide, findPanels, type Panel, surrounds } from './surround/panels.ts'
import { DIGIT, SPECK } from './surround/pieces.ts'
import { hasPlainEdges } from './surround/plain-edges.ts'
import { contains, heightOf, widthOf } from './surround/regions.ts'

/** Shortest side of a picture whose surroundings are looked for, px. */
const MIN_SIDE = 32

/** In a picture crossed by lines, a paper smaller than that is a field between them, and a larger one is ruled, shares of 0..1. */
const FIELD = 0.36 // of a side
const MOST_OF_RULED = 0.8 // of the area

/** Part of a picture. */
export interface Crop {
  readonly image: Raster
  readonly left: number // px of the picture
  readonly top: number
}

/** The paper of a picture, cropped; the picture itself where nothing is around it. Time and memory grow with its area. */
export function cropToPaper(image: Raster): Crop {
  const whole = { image, left: 0, top: 0 }
  if (image.paper !== undefined || Math.min(image.width, image.height) < MIN_SIDE || hasPlainEdges(image)) return whole
  const marks = new Uint8Array(image.width * image.height)
  const own = new Uint8Array(marks.length)
  const reach = colourReach(image)
  const paper = lookFor(image, reach, marks, own)
  if (!paper) return whole
  const { box } = paper.panel
  const [width, height] = [widthOf(box) / image.width, heightOf(box) / image.height]
  const isField = Math.min(width, height) < FIELD || width * height > MOST_OF_RULED
  return isField && isRuled(image) ? whole : cutOut(image, paper)
}

/** The paper among the panels of frequent colours, where pixels up to `reach` from a colour have it. */
function lookFor(image: Raster, reach: number, marks: Uint8Array, own: Uint8Array): Candidate | undefined {
  const colours = frequentColours(image, reach)
  const panels = colours.flatMap((colour) => findPanels(image, { colour, reach, page: colours[0] }, marks, own))
  panels.sort((a, b) => areaOf(a) - areaOf(b))
  return choosePaper(panels, false) ?? choosePaper(panels, true)
}

/** A panel with a digit on it, and the panels with a digit inside of that. */
interface Candidate {
  readonly panel: Panel
  readonly inner: readonly Panel[]
  readonly side: number // px, of the digit
}

/**
 * The panel with the largest digit; undefined where there is none.
 * @param panels the smallest first
 * @param bars whether a filled rectangle can be a digit
 */
function choosePaper(panels: readonly Panel[], bars: boolean): Candidate | undefined {
  const candidates: Candidate[] = []
  let best: Candidate | undefined
  for (const panel of panels) {
    if (panel.sides.some(({ crossed }) => crossed)) continue
    if (panel.sides.some(({ joined }) => joined) && panel.sides.some(({ open }) => open)) continue
    const inner = candidates.filter((other) => contains(panel.box, other.panel.box)).map((other) => other.panel)
    const side = digitSide(panel, inner, bars)
    if (side === 0) continue
    const candidate = { panel, inner, side }
    candidates.push(candidate)
    if (!best || side > best.side) best = candidate
  }
  return best
}

function areaOf({ box }: Panel): number {
  return widthOf(box) * heightOf(box)
}

/** The panel's part of the picture, with everything that is neither paper nor digit in the paper's colour. */
function cutOut(image: Raster, { panel, inner }: Candidate): Crop {
  const { box, colour, pieces, kinds } = panel
  const { channels } = image
  const [width, height] = [widthOf(box), heightOf(box)]
  const paint = new Uint8Array(kinds.length)
  for (let k = 0; k < kinds.length; k++) {
    if (kinds[k] === SPECK) continue
    if (kinds[k] !== DIGIT || inner.some((other) => surrounds(pieces, k, other))) paint[k] = 1
  }
  if (width === image.width && height === image.height && !paint.includes(1)) return { image, left: 0, top: 0 }
  const data = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++) {
    const from = ((box.top + y) * image.width + box.left) * channels
    data.set(image.data.subarray(from, from + width * channels), y * width * channels)
  }
  for (let r = 0; r < pieces.runs; r++) {
    if (paint[pieces.region[r]] === 0) continue
    const row = (pieces.row[r] - box.top) * width - box.left
    for (let p = row + pieces.first[r]; p <= row + pieces.last[r]; p++) data.set(colour, p * channels)
  }
  return { image: { width, height, channels, data }, left: box.left, top: box.top }
}
