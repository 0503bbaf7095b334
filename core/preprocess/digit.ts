/** Separates the digit from dust, noise and dots: the connected pieces of a drawing are classified by size and shape. */

import { InputError } from '../errors.ts'
import { joinDots, LEAST_DOTS } from './dots.ts'
import type { Ink } from './ink.ts'
import { findRuns, type Runs, reuseOrAllocate } from './runs.ts'
import type { Grid } from './thickness.ts'

/** A piece is a speck if its longer side is below this share of the picture's, and below 10 px. */
const SPECK_SHARE = 1 / 32
const SPECK_SIDE = 10 // px

/** A piece about as wide as high is a dot if it is small and almost fills its box, and a blot if it is larger and fills it. */
const SQUAT = 1.3 // longer to shorter side, at most
const DOT_SHARE = 1 / 8 // of the picture's longer side, at most
const DOT_FILL = 0.65 // share of its box, at least; a disc has 0.785
const BLOT_FILL = 0.9 // the fullest digit among MNIST's 70,000 has 0.85

/** Shortest longer side of a stroke, px. */
const MIN_STROKE = 3

// Working memory for pictures up to this size, as in runs.ts.
const SPANS = new Int32Array(8192)
const STARTS = new Int32Array(1024)
const LEFT = new Int32Array(2048)
const RIGHT = new Int32Array(2048)
const BOTTOM = new Int32Array(2048)
const AREA = new Int32Array(2048)
const INK = new Uint8Array(131_072)

/**
 * The digit, cropped: every piece of solid ink that is not a speck, and the fainter pixels beside it. Dots belong to it only if
 * there is a stroke, or if they follow each other as in a dotted digit.
 * @throws InputError 422 too_little_ink without a stroke, no_background for a filled area
 */
export function isolateDigit(drawn: Ink): Grid {
  const { width, height, solid, floor } = drawn
  let ink = drawn
  let runs = findRuns(ink.amount, width, height, solid)
  const joined = hasDots(runs) ? joinDots(ink, runs) : undefined
  if (joined) {
    ink = joined
    runs = findRuns(ink.amount, width, height, solid)
  }
  const { amount } = ink
  const { first, last } = runs
  const starts = keepRuns(runs, classifyPieces(runs, Math.max(width, height)), height)
  const spans = reuseOrAllocate(SPANS, 6 * starts[height + 2]) // of the picture's bytes: from, to, from, to ...; a run counts in three rows
  let ends = 0 // values in `spans`
  let left = width
  let right = 0
  for (let y = 0; y < height; y++) {
    // runs of this row and its neighbours, merged from left to right, so that no pixel is examined twice
    let [above, here, below] = [starts[y], starts[y + 1], starts[y + 2]]
    const [aboveEnd, hereEnd, belowEnd] = [here, below, starts[y + 3]]
    let done = 0 // px
    while (above < aboveEnd || here < hereEnd || below < belowEnd) {
      let k = above < aboveEnd ? above : -1
      if (here < hereEnd && (k < 0 || first[here] < first[k])) k = here
      if (below < belowEnd && (k < 0 || first[below] < first[k])) k = below
      if (k < aboveEnd) above++
      else if (k < hereEnd) here++
      else below++
      let from = Math.max(done, first[k] - 1)
      let to = Math.min(width, last[k] + 2)
      done = Math.max(done, to)
      const base = y * width
      while (from < to && amount[base + from] <= floor) from++
      while (from < to && amount[base + to - 1] <= floor) to--
      if (from >= to) continue
      spans[ends++] = base + from
      spans[ends++] = base + to
      left = Math.min(left, from)
      right = Math.max(right, to)
    }
  }
  const top = Math.floor(spans[0] / width)
  const bottom = Math.ceil(spans[ends - 1] / width)
  return cutOut(ink, spans.subarray(0, ends), { left, top, width: right - left, height: bottom - top })
}

/** Whether there are as many pieces as a dotted digit has. */
function hasDots({ count, piece }: Runs): boolean {
  let pieces = 0
  for (let k = 0; k < count; k++) if (piece[k] === k) pieces++
  return pieces >= LEAST_DOTS
}

/** The ink in the spans, cropped to their box. */
function cutOut({ width, amount, floor }: Ink, spans: Int32Array, box: Box): Grid {
  const pixels = box.width * box.height
  const ink = pixels <= INK.length ? INK.subarray(0, pixels).fill(0) : new Uint8Array(pixels)
  for (let k = 0; k < spans.length; k += 2) {
    const y = Math.floor(spans[k] / width)
    const shift = (y - box.top) * box.width - y * width - box.left
    const end = spans[k + 1]
    for (let p = spans[k]; p < end; p++) {
      const v = amount[p]
      ink[p + shift] = v > floor ? v : 0
    }
  }
  return { width: box.width, height: box.height, ink }
}

/** A part of the picture, px. */
interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Moves the runs of the digit's pieces to the front; those of row y become starts[y + 1] to starts[y + 2] - 1. */
function keepRuns({ count, row, first, last, piece }: Runs, areas: Int32Array, height: number): Int32Array {
  const starts = reuseOrAllocate(STARTS, height + 3).fill(0, 0, height + 3)
  let n = 0
  for (let k = 0; k < count; k++) {
    if (areas[piece[k]] === 0) continue
    first[n] = first[k]
    last[n++] = last[k]
    starts[row[k] + 2] = n
  }
  for (let y = 1; y < height + 3; y++) if (starts[y] < starts[y - 1]) starts[y] = starts[y - 1]
  return starts
}

/**
 * The area of each piece at the index of its first run, px; 0 if it does not belong to the digit.
 * @param side the picture's longer side, px
 */
function classifyPieces(runs: Runs, side: number): Int32Array {
  const { count, row, first, last, piece } = runs
  const left = reuseOrAllocate(LEFT, count)
  const right = reuseOrAllocate(RIGHT, count)
  const bottom = reuseOrAllocate(BOTTOM, count)
  const area = reuseOrAllocate(AREA, count)
  for (let k = 0; k < count; k++) {
    const p = piece[k]
    const length = last[k] - first[k] + 1
    if (p === k) {
      left[p] = first[k]
      right[p] = last[k]
      area[p] = length
    } else {
      if (first[k] < left[p]) left[p] = first[k]
      if (last[k] > right[p]) right[p] = last[k]
      area[p] += length
    }
    bottom[p] = row[k]
  }
  const speck = Math.min(side * SPECK_SHARE, SPECK_SIDE)
  let strokes = 0
  let blots = 0
  for (let p = 0; p < count; p++) {
    if (piece[p] !== p) continue
    const w = right[p] - left[p] + 1
    const h = bottom[p] - row[p] + 1
    const longer = Math.max(w, h)
    if (longer < speck) {
      area[p] = 0
      continue
    }
    const squat = longer <= Math.min(w, h) * SQUAT
    const fill = area[p] / (w * h)
    const small = longer < Math.max(side * DOT_SHARE, MIN_STROKE)
    if (squat && !small && fill >= BLOT_FILL) blots++
    else if (longer >= MIN_STROKE && !(squat && small && fill >= DOT_FILL)) strokes++
  }
  if (strokes > 0) return area
  if (blots > 0)
    throw new InputError(422, 'no_background', 'A filled area: a digit needs strokes with paper around them')
  throw new InputError(422, 'too_little_ink', 'Only dots or specks: a digit needs at least one stroke')
}
