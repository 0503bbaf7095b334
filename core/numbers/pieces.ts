/** A drawing in pieces, of which some that follow each other make a digit: what pictures and strokes have in common. */

import type { Raster } from '../data/raster.ts'
import type { Strokes } from '../protocol.ts'

/** A rectangle: px of a picture, or units of strokes. */
export interface PieceBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** What one digit of a number is drawn with. */
export type DigitDrawing = { readonly strokes: Strokes } | { readonly raster: Raster }

/** Pieces of a line that follow each other, together. */
export interface PiecePart {
  readonly box: PieceBox
  readonly work: number // to make its input and ask about it, 1 for a small one
  readonly whole: boolean // each of its lines is all in it, though a seam goes through some
  readonly gaps: readonly number[] // widths of what has no ink between its pieces
  /**
   * What preprocessing makes of it.
   * @throws InputError 422 where it is no ink to speak of
   */
  readonly input: () => Uint8Array
  readonly drawing: () => DigitDrawing
}

/** One line of a drawing, as pieces from left to right. */
export interface PieceLine {
  readonly count: number // of pieces
  /** After each piece but the last: how much ink is cut to end a digit there, in widths of the pen. 0 where nothing is. */
  readonly cuts: readonly number[]
  readonly lefts: readonly number[] // left edges of the pieces
  readonly height: number // that digits of this line have, about
  readonly pen: number // by how much ink is wider and higher than the boxes
  /** The pieces from..to-1. */
  readonly part: (from: number, to: number) => PiecePart
  /** The pieces from..to-1 with their lines whole, where cuts went through some of them; undefined where that is nothing else. */
  readonly wholePart?: (from: number, to: number) => PiecePart | undefined // the same one for the same ink
}

/** The box around boxes. */
export function around(boxes: readonly PieceBox[]): PieceBox {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const box of boxes) {
    left = Math.min(left, box.left)
    top = Math.min(top, box.top)
    right = Math.max(right, box.left + box.width)
    bottom = Math.max(bottom, box.top + box.height)
  }
  return { left, top, width: right - left, height: bottom - top }
}

/** Parts lower than this share of the highest one say nothing about the height of digits. */
const TALL = 0.5

/** The height of digits: the median of the tall parts'. */
export function digitHeight(boxes: readonly PieceBox[]): number {
  const most = boxes.reduce((height, box) => Math.max(height, box.height), 0)
  const tall = boxes.map((box) => box.height).filter((height) => height >= most * TALL)
  tall.sort((a, b) => a - b)
  return tall[tall.length >> 1] ?? 0
}

/** The gaps between boxes, from left to right. */
export function gapsBetween(boxes: readonly PieceBox[]): number[] {
  const gaps: number[] = []
  let right = Infinity
  for (const { left, width } of boxes.toSorted((a, b) => a.left - b.left)) {
    if (left > right) gaps.push(left - right)
    right = right === Infinity ? left + width : Math.max(right, left + width)
  }
  return gaps
}
