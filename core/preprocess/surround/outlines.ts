/**
 * Papers without straight sides: a sheet lying at an angle, the inside of a circle or of a box drawn by hand. Only what such a paper
 * encloses can be its digit.
 */

import type { Raster } from '../../data/raster.ts'
import { type Colour, colourAt, distanceAt } from './colours.ts'
import { DIGIT, REMAINS, SPECK } from './pieces.ts'
import { findRegions, heightOf, type Rect, type Regions, widthOf } from './regions.ts'

/** Longer side of the paper, at least, as a share of the picture's, 0..1. */
const LEAST = 0.15

/** Least share of its box that the paper covers with what it encloses, 0..1: a square on its corner has a half. */
const COVERED = 0.5

/** Least share of that without what it encloses, 0..1: a paper is more than its digit, the blurred edge of a stroke is not. */
const OWN = 0.6

/** A paper has one colour: share of its runs, 0..1, whose middle is within that share of the reach from it. A blurred edge has not. */
const FLAT = 0.6
const FLAT_REACH = 1 / 3

/** In most rows there is that much paper on both sides of the digit: px, a share of the paper's width, and the share of rows. */
const MARGIN = 6
const MARGIN_SHARE = 0.05
const MARGIN_ROWS = 0.6

/** From this share on the outline is a box and no zero, 0..1. */
const SQUARE = 0.9

/** Least distance of colours across the outline, 0..255, and the share of rows where it is met. */
const SHARP = 16
const SHARP_SHARE = 0.8

/** Pixels within which the outline is crossed. */
const SOFT = 3

/** Where neighbouring pixels differ by more than that, 0..255, a blurred outline is not over; and it is so wide at most, px. */
const STILL = 4
const BLUR = 16

/** Longer side of a digit, at least, as a share of the paper's shorter side. */
const DIGIT_SHARE = 0.15

/** Distance up to which two colours are taken for the same ink, 0..255. */
const SAME_INK = 48

/**
 * Where what is around the paper goes on, and has the digit's colour, a letter in thick pen looks the same: paper and digit are its
 * stroke and its loops. From these shares on it is a sheet, 0..1: of its box that it covers, of that without the digit; and what the
 * digit covers of its own box, at most.
 */
const SHEET = 0.78
const SHEET_OWN = 0.75
const STROKE_FILL = 0.55

/** Width of a line around the paper, at most, as a share of its shorter side. */
const LINE = 0.12

/** How far the middle of a straight stroke is from the line between its ends, at most, as a share of its longer side. */
const STRAIGHT = 0.1

/** What a region encloses, and what is around it. */
export interface Enclosed {
  readonly pieces: Regions
  readonly kinds: Uint8Array // of each piece
}

/**
 * What one of the regions encloses, if its outline is sharp and it encloses a digit; undefined otherwise.
 * @param reach how far pixels of the regions are from their colour, at most, 0..255
 * @param page the most frequent colour of the picture
 * @param own working memory, a byte for each pixel
 */
export function findEnclosed(
  image: Raster,
  regions: Regions,
  k: number,
  { colour, reach, page }: { colour: Colour; reach: number; page: Colour },
  own: Uint8Array,
): Enclosed | undefined {
  const { width, height } = image
  const box = regions.boxes[k]
  if (Math.max(widthOf(box), heightOf(box)) < LEAST * Math.max(width, height)) return undefined
  if (box.left === 0 || box.top === 0 || box.right === width || box.bottom === height) return undefined
  for (let y = box.top; y < box.bottom; y++) own.fill(0, y * width + box.left, y * width + box.right)
  const ends = new Int32Array(2 * heightOf(box)).fill(-1) // first and last pixel of every row
  const lengths = new Int32Array(heightOf(box)) // px, of the last run of every row
  const margin = Math.max(MARGIN, MARGIN_SHARE * widthOf(box))
  let wide = 0 // ends of rows with a margin
  let flat = 0
  let count = 0
  for (let r = 0; r < regions.runs; r++) {
    if (regions.region[r] !== k) continue
    const row = regions.row[r]
    count++
    const middle = row * width + ((regions.first[r] + regions.last[r]) >> 1)
    if (distanceAt(image, middle, colour) <= reach * FLAT_REACH) flat++
    own.fill(1, row * width + regions.first[r], row * width + regions.last[r] + 1)
    const at = 2 * (row - box.top)
    const length = regions.last[r] + 1 - regions.first[r]
    if (ends[at] < 0) {
      ends[at] = regions.first[r]
      if (length >= margin) wide++
    }
    if (ends[at + 1] >= 0 && lengths[row - box.top] >= margin) wide--
    ends[at + 1] = regions.last[r]
    lengths[row - box.top] = length
    if (length >= margin) wide++
  }
  if (wide < 2 * MARGIN_ROWS * heightOf(box)) return undefined
  if (flat < FLAT * count) return undefined
  const line = Math.floor(LINE * Math.min(widthOf(box), heightOf(box)))
  const outside = sharpOutline(image, box, ends, line + 1)
  if (!outside) return undefined
  const pieces = findRegions(own, width, box, 0, true)
  const kinds = new Uint8Array(pieces.boxes.length)
  const least = DIGIT_SHARE * Math.min(widthOf(box), heightOf(box))
  let covered = regions.areas[k]
  const digits: number[] = []
  for (let j = 0; j < kinds.length; j++) {
    const piece = pieces.boxes[j]
    const edge =
      piece.left === box.left || piece.top === box.top || piece.right === box.right || piece.bottom === box.bottom
    if (edge) kinds[j] = REMAINS
    else {
      covered += pieces.areas[j]
      kinds[j] = Math.max(widthOf(piece), heightOf(piece)) >= least ? DIGIT : SPECK
      if (kinds[j] === DIGIT) digits.push(j)
    }
  }
  const share = covered / (widthOf(box) * heightOf(box))
  if (share < COVERED || regions.areas[k] < OWN * covered || digits.length === 0) return undefined
  const inks = digits.map((j) => strokePixel(image, pieces, j, colour))
  const inColour = (other: Colour): boolean => inks.some((p) => distanceAt(image, p, other) <= SAME_INK)
  const inOutside = inColour(outside.colour)
  if (inOutside && digits.length === 1 && share < SQUARE && isStraight(pieces, digits[0])) {
    return undefined // a zero with a stroke, or a one in a circle
  }
  if ((inOutside && outside.width > line) || inColour(page)) {
    const filled = digits.some((j) => inkShare(image, pieces, j, colour, reach) > STROKE_FILL)
    if (share < SHEET || regions.areas[k] < SHEET_OWN * covered || filled) return undefined
  }
  return { pieces, kinds }
}

/** The pixel of a piece that differs most from the paper: its ink without the blur of its edges. */
function strokePixel(image: Raster, pieces: Regions, k: number, colour: Colour): number {
  let most = -1
  let pixel = 0
  for (let r = 0; r < pieces.runs; r++) {
    if (pieces.region[r] !== k) continue
    const row = pieces.row[r] * image.width
    for (let x = pieces.first[r]; x <= pieces.last[r]; x++) {
      const d = distanceAt(image, row + x, colour)
      if (d <= most) continue
      most = d
      pixel = row + x
    }
  }
  return pixel
}

/** Share of a piece's box that does not have the paper's colour, 0..1. */
function inkShare(image: Raster, pieces: Regions, k: number, colour: Colour, reach: number): number {
  let ink = 0
  for (let r = 0; r < pieces.runs; r++) {
    if (pieces.region[r] !== k) continue
    const row = pieces.row[r] * image.width
    for (let x = pieces.first[r]; x <= pieces.last[r]; x++) if (distanceAt(image, row + x, colour) > reach) ink++
  }
  return ink / (widthOf(pieces.boxes[k]) * heightOf(pieces.boxes[k]))
}

/** Whether a pixel differs clearly from the next but one: pixels of an enlarged picture come in pairs. */
function changes(image: Raster, p: number, outward: number): boolean {
  return distanceAt(image, p + 2 * outward, colourAt(image, p)) > STILL
}

/** What is just outside of the rows' ends: its colour, and its median width up to `most` px; undefined if the region fades away there. */
function sharpOutline(
  image: Raster,
  { top }: Rect,
  ends: Int32Array,
  most: number,
): { colour: Colour; width: number } | undefined {
  let sharp = 0
  const widths = new Int32Array(ends.length)
  let outside: Colour = []
  for (let k = 0; k < ends.length; k++) {
    const p = (top + (k >> 1)) * image.width + ends[k]
    const outward = k % 2 === 0 ? -1 : 1
    const room = k % 2 === 0 ? ends[k] : image.width - 1 - ends[k]
    const inside = colourAt(image, p)
    for (let d = 1; d <= SOFT && d <= room; d++) {
      if (distanceAt(image, p + d * outward, inside) < SHARP) continue
      let beyond = d // past the blur of the outline
      while (beyond + 1 < room && beyond < d + BLUR && changes(image, p + beyond * outward, outward)) beyond++
      const colour = colourAt(image, p + beyond * outward)
      let width = beyond - d
      while (width < most && d + width < room && distanceAt(image, p + (d + width + 1) * outward, colour) <= SAME_INK)
        width++
      widths[sharp++] = d + width === room ? most : width
      if (k <= ends.length >> 1) outside = colour
      break
    }
  }
  if (sharp < SHARP_SHARE * ends.length) return undefined
  return { colour: outside, width: widths.subarray(0, sharp).sort()[sharp >> 1] }
}

/** Whether a piece is one straight stroke from its top to its bottom. */
function isStraight(pieces: Regions, k: number): boolean {
  const box = pieces.boxes[k]
  const middles = new Int32Array(heightOf(box)).fill(-1) // twice the middle of each row
  for (let r = 0; r < pieces.runs; r++) {
    if (pieces.region[r] !== k) continue
    const at = pieces.row[r] - box.top
    if (middles[at] >= 0) return false
    middles[at] = pieces.first[r] + pieces.last[r]
  }
  const n = middles.length
  const most = 2 * STRAIGHT * Math.max(widthOf(box), heightOf(box))
  for (let y = 0; y < n; y++) {
    const line = middles[0] + ((middles[n - 1] - middles[0]) * y) / Math.max(1, n - 1)
    if (Math.abs(middles[y] - line) > most) return false
  }
  return true
}
