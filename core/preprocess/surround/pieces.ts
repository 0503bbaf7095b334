/** What lies on a paper: which of the pieces can be a digit, and which are thin remains of a frame, rounded corners or specks. */

import { heightOf, type Rect, type Regions, widthOf } from './regions.ts'

/** Thickness of remains along an edge, at most: this share of the paper's shorter side, and never less than THIN px. */
const THIN_SHARE = 1 / 48
const THIN = 2

/** A wedge between a crooked frame and the box of its paper: its depth as a share of the paper's shorter side, length to depth. */
const WEDGE = 0.06
const WEDGE_LENGTH = 4

/** Part of a side that a rounded corner takes, at most, 0..1. */
const CORNER = 0.25

/** A line near an edge: its distance from it and its length, as shares of the paper's sides. */
const NEAR = 0.1
const LONG = 0.15

/** Least share of a straight line's box, 0..1, and of a frame's pixels that lie along its box. */
const LINE_FILL = 0.8
const FRAME_FILL = 0.97

/** A bar is a filled rectangle: longer side to shorter, at least, its share of its box, and its length to that of all digits. */
const BAR = 4
const BAR_FILL = 0.9
const OVER = 1.4

/** Longer side of a digit, at least: this share of the paper's shorter side, and px. */
const DIGIT_SHARE = 0.06
const DIGIT_SIDE = 6

export const DIGIT = 1
export const SPECK = 0
export const REMAINS = 2

/**
 * What each piece is: DIGIT, SPECK or REMAINS.
 * @param framed whether something is beyond all sides of the paper
 */
export function classifyRemains(paper: Rect, pieces: Regions, framed: boolean): Uint8Array {
  const { boxes } = pieces
  const [w, h] = [widthOf(paper), heightOf(paper)]
  const thin = thickestRemains(paper)
  const least = Math.max(DIGIT_SIDE, Math.min(w, h) * DIGIT_SHARE)
  const kinds = new Uint8Array(boxes.length)
  const frames: number[] = []
  const bars: number[] = []
  for (let k = 0; k < boxes.length; k++) {
    const box = boxes[k]
    const depth = depthFromEdge(paper, box)
    const isWedge =
      framed &&
      depth <= WEDGE * Math.min(w, h) &&
      Math.max(widthOf(box), heightOf(box)) >= WEDGE_LENGTH * Math.min(widthOf(box), heightOf(box))
    if (depth <= thin || isWedge || isCorner(paper, pieces, k)) kinds[k] = REMAINS
    else if (Math.max(widthOf(box), heightOf(box)) >= least) {
      kinds[k] = DIGIT
      if (isLine(paper, pieces, k, thin) || isOpenFrame(paper, pieces, k, thin)) frames.push(k)
    }
  }
  // a line is one of a frame if what else there is lies on its inner side; longer ones may be anywhere
  for (let k = 0; k < boxes.length; k++) {
    if (kinds[k] === DIGIT && !frames.includes(k) && isBar(pieces, k)) bars.push(k)
  }
  const digits = boxes.filter((_, k) => kinds[k] === DIGIT && !frames.includes(k) && !bars.includes(k))
  if (digits.length === 0) return kinds
  for (const k of frames) if (digits.every((digit) => isBehind(paper, boxes[k], digit, thin))) kinds[k] = REMAINS
  for (const k of bars) if (isBeyond(boxes[k], digits)) kinds[k] = REMAINS
  return kinds
}

/** Thickness of remains of a frame on a paper, at most, px. */
export function thickestRemains(paper: Rect): number {
  return Math.max(THIN, Math.ceil(Math.min(widthOf(paper), heightOf(paper)) * THIN_SHARE))
}

/** How far a box that touches an edge of the paper reaches away from it, px; Infinity if it touches none. */
function depthFromEdge(paper: Rect, box: Rect): number {
  let depth = Infinity
  if (box.left <= paper.left + 1) depth = Math.min(depth, box.right - paper.left)
  if (box.top <= paper.top + 1) depth = Math.min(depth, box.bottom - paper.top)
  if (box.right >= paper.right - 1) depth = Math.min(depth, paper.right - box.left)
  if (box.bottom >= paper.bottom - 1) depth = Math.min(depth, paper.bottom - box.top)
  return depth
}

/** Whether a piece is what a rounded corner leaves: all of its rows begin at the same edge of the paper. */
function isCorner(paper: Rect, pieces: Regions, k: number): boolean {
  const box = pieces.boxes[k]
  if (widthOf(box) > CORNER * widthOf(paper) || heightOf(box) > CORNER * heightOf(paper)) return false
  if (box.top > paper.top + 1 && box.bottom < paper.bottom - 1) return false
  const left = box.left <= paper.left + 1
  if (!left && box.right < paper.right - 1) return false
  for (let r = 0; r < pieces.runs; r++) {
    if (pieces.region[r] !== k) continue
    if (left ? pieces.first[r] > paper.left + 1 : pieces.last[r] < paper.right - 2) return false
  }
  return true
}

/** Whether a piece is a thin straight line near an edge of the paper and along it. */
function isLine(paper: Rect, pieces: Regions, k: number, thin: number): boolean {
  const box = pieces.boxes[k]
  const [w, h] = [widthOf(box), heightOf(box)]
  if (Math.min(w, h) > thin || pieces.areas[k] < LINE_FILL * w * h) return false
  if (w > h) {
    const near = Math.min(box.top - paper.top, paper.bottom - box.bottom)
    return w >= LONG * widthOf(paper) && near <= NEAR * heightOf(paper)
  }
  const near = Math.min(box.left - paper.left, paper.right - box.right)
  return h >= LONG * heightOf(paper) && near <= NEAR * widthOf(paper)
}

/** Whether a piece is nothing but thin straight lines along its large box: two to four sides of a rectangle. */
function isOpenFrame(paper: Rect, pieces: Regions, k: number, thin: number): boolean {
  const box = pieces.boxes[k]
  if (widthOf(box) < 2 * LONG * widthOf(paper) || heightOf(box) < 2 * LONG * heightOf(paper)) return false
  let along = 0
  for (let r = 0; r < pieces.runs; r++) {
    if (pieces.region[r] !== k) continue
    const length = pieces.last[r] - pieces.first[r] + 1
    if (pieces.row[r] < box.top + thin || pieces.row[r] >= box.bottom - thin) along += length
    else {
      along += Math.max(0, Math.min(length, box.left + thin - pieces.first[r]))
      along += Math.max(0, Math.min(length, pieces.last[r] + 1 - Math.max(pieces.first[r], box.right - thin)))
    }
  }
  return along >= FRAME_FILL * pieces.areas[k]
}

/** Whether a piece is a long filled rectangle: a bar, or a one in block letters. */
export function isBar(pieces: Regions, k: number): boolean {
  const [w, h] = [widthOf(pieces.boxes[k]), heightOf(pieces.boxes[k])]
  return Math.max(w, h) >= BAR * Math.min(w, h) && pieces.areas[k] >= BAR_FILL * w * h
}

/** Whether a bar lies beside all digits and is longer than they are together. */
function isBeyond(bar: Rect, digits: readonly Rect[]): boolean {
  const left = Math.min(...digits.map((box) => box.left))
  const right = Math.max(...digits.map((box) => box.right))
  const top = Math.min(...digits.map((box) => box.top))
  const bottom = Math.max(...digits.map((box) => box.bottom))
  if (widthOf(bar) > heightOf(bar))
    return widthOf(bar) >= OVER * (right - left) && (bar.bottom <= top || bar.top >= bottom)
  return heightOf(bar) >= OVER * (bottom - top) && (bar.right <= left || bar.left >= right)
}

/** Whether a box lies on the inner side of a line or an open frame. */
function isBehind(paper: Rect, line: Rect, box: Rect, thin: number): boolean {
  if (widthOf(line) <= thin) {
    const leftSide = line.left - paper.left < paper.right - line.right
    return leftSide ? box.left >= line.right : box.right <= line.left
  }
  if (heightOf(line) <= thin) {
    const upper = line.top - paper.top < paper.bottom - line.bottom
    return upper ? box.top >= line.bottom : box.bottom <= line.top
  }
  return box.left >= line.left && box.right <= line.right && box.top >= line.top && box.bottom <= line.bottom
}
