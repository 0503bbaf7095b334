/** The ink of a picture in pieces: connected parts, cut where they may be several digits that touch. */

import type { Raster } from '../data/raster.ts'
import { InputError } from '../errors.ts'
import type { Ink } from '../preprocess/ink.ts'
import { findRuns } from '../preprocess/runs.ts'
import { inputOf, type PaperInk } from '../preprocess.ts'
import { joinParts, splitLines } from './lines.ts'
import { around, digitHeight, type PieceBox, type PieceLine } from './pieces.ts'
import { type CoarseInk, findSeams } from './seams.ts'

/** Parts of a drawing, at most. */
export const MAX_PARTS = 256

/** Parts whose longer side is below this share of the picture's, and below so many px, are dust. */
const DUST_SHARE = 1 / 32
const DUST_SIDE = 10

/** Rows of the grid on which paths are searched, about. */
const ROWS = 48

/** Narrower parts than this are one digit, or less, in heights of a digit. */
const NARROW = 0.3

/** Distances of cuts from each other, and from the ends of a part, in heights of a digit. */
const APART = 0.1
const MARGIN = 0.06

/** Ink that a cut may pass through, in widths of the pen, and cuts in the width of a digit's height, at most. */
const THICK = 3
const CUTS = 6

/** Paper around the pieces of a digit, px. */
const PAPER = 2

/** Runs of solid pixels: row, first, last, row, first, last ..., px. */
type Runs = number[]

interface Piece extends PieceBox {
  readonly runs: Runs
}

/**
 * The lines of a picture.
 * @param ink is read as long as the lines are used
 * @throws InputError 422 too_many_parts
 */
export function inkLines(ink: PaperInk): PieceLine[] {
  const parts = findParts(ink)
  if (parts.length === 0) return []
  if (parts.length > MAX_PARTS) {
    throw new InputError(422, 'too_many_parts', `Got ${parts.length} pieces of ink, at most ${MAX_PARTS} are accepted`)
  }
  const lines = splitLines(parts)
  return lines.map((line) =>
    lineOf(
      ink,
      line.map((k) => parts[k]),
      lines.length === 1,
    ),
  )
}

/** The connected pieces of solid ink that are no dust. */
function findParts({ amount, width, height, solid }: Ink): Piece[] {
  const { count, row, first, last, piece } = findRuns(amount, width, height, solid)
  const runs = new Map<number, Runs>()
  for (let k = 0; k < count; k++) {
    const own = runs.get(piece[k])
    if (own) own.push(row[k], first[k], last[k])
    else runs.set(piece[k], [row[k], first[k], last[k]])
  }
  const dust = Math.min(Math.max(width, height) * DUST_SHARE, DUST_SIDE)
  const parts: Piece[] = []
  for (const own of runs.values()) {
    const part = pieceOf(own)
    if (Math.max(part.width, part.height) >= dust) parts.push(part)
  }
  return parts
}

function pieceOf(runs: Runs): Piece {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1]
  for (let k = 0; k < runs.length; k += 3) {
    top = Math.min(top, runs[k])
    bottom = Math.max(bottom, runs[k])
    left = Math.min(left, runs[k + 1])
    right = Math.max(right, runs[k + 2])
  }
  return { runs, left, top, width: right - left + 1, height: bottom - top + 1 }
}

function lineOf(ink: PaperInk, parts: readonly Piece[], only: boolean): PieceLine {
  const height = digitHeight(parts)
  const joined = joinParts(
    parts,
    parts.map((_, k) => k),
    height,
  )
  const pen = penWidth(parts)
  const pieces: (Piece & { readonly middle: number })[] = []
  const cutBefore: { at: Piece; before: Piece; ink: number }[] = []
  for (const group of joined) {
    const whole = pieceOf(group.flatMap((k) => parts[k].runs))
    const { cut, inks } = cutPart(whole, height, pen)
    for (const [k, piece] of cut.entries()) {
      const placed = { ...piece, middle: middleOf(piece.runs) }
      if (k > 0) cutBefore.push({ at: placed, before: pieces[pieces.length - 1], ink: inks[k - 1] })
      pieces.push(placed)
    }
  }
  pieces.sort((a, b) => a.middle - b.middle)
  const cuts = new Array<number>(pieces.length - 1).fill(0)
  for (const { at, before, ink } of cutBefore) {
    const [a, b] = [pieces.indexOf(before as (typeof pieces)[number]), pieces.indexOf(at as (typeof pieces)[number])]
    for (let k = Math.min(a, b); k < Math.max(a, b); k++) cuts[k] += ink
  }
  const cropOf = (from: number, to: number): Ink => crop(ink, pieces.slice(from, to))
  return {
    boxes: pieces.map(({ left, top, width, height }) => ({ left: ink.left + left, top: ink.top + top, width, height })),
    cuts,
    height,
    pen: 0,
    // all of the drawing at once is what it is as a single digit, to the bit
    input: (from, to) => inputOf(only && from === 0 && to === pieces.length ? ink : cropOf(from, to)),
    drawing: (from, to) => {
      const { amount, width, height } = cropOf(from, to)
      const raster: Raster = { width, height, channels: 1, data: amount, paper: 0 }
      return { raster }
    },
  }
}

/** Mean width of the pen, px: a stroke has an area of length times width, and each row cuts it once or twice. */
function penWidth(parts: readonly Piece[]): number {
  const widths: number[] = []
  for (const { runs } of parts) for (let k = 0; k < runs.length; k += 3) widths.push(runs[k + 2] - runs[k + 1] + 1)
  widths.sort((a, b) => a - b)
  return widths[Math.floor(widths.length * 0.4)]
}

function middleOf(runs: Runs): number {
  let [mass, moment] = [0, 0]
  for (let k = 0; k < runs.length; k += 3) {
    const length = runs[k + 2] - runs[k + 1] + 1
    mass += length
    moment += (length * (runs[k + 1] + runs[k + 2])) / 2
  }
  return moment / mass
}

/** A part in pieces from left to right, and how much ink is between two of them, in widths of the pen. */
function cutPart(part: Piece, height: number, pen: number): { cut: Piece[]; inks: number[] } {
  if (part.width < height * NARROW) return { cut: [part], inks: [] }
  const cell = Math.max(1, Math.floor(part.height / ROWS))
  const grid = coarse(part, cell)
  const cells = (share: number): number => Math.max(1, Math.floor((height * share) / cell))
  const most = Math.ceil((CUTS * part.width) / height)
  const seams = findSeams(grid, cells(APART), cells(MARGIN), (THICK * pen) / cell, most)
  const runs: Runs[] = [[], ...seams.map((): Runs => [])]
  const places = new Int32Array(seams.length)
  for (let k = 0; k < part.runs.length; k += 3) {
    const [row, first, last] = [part.runs[k], part.runs[k + 1], part.runs[k + 2]]
    const y = Math.floor((row - part.top) / cell)
    for (const [i, { x }] of seams.entries()) places[i] = part.left + x[y] * cell
    places.sort()
    let from = first
    for (const [i, place] of places.entries()) {
      const to = Math.min(last, place - 1)
      if (to < from) continue
      runs[i].push(row, from, to)
      from = to + 1
    }
    if (from <= last) runs[seams.length].push(row, from, last)
  }
  const cut: Piece[] = []
  const inks: number[] = []
  let between = 0
  for (const [k, own] of runs.entries()) {
    if (k > 0) between += (seams[k - 1].ink * cell) / pen
    if (own.length === 0) continue
    if (cut.length > 0) inks.push(between)
    between = 0
    cut.push(pieceOf(own))
  }
  return { cut, inks }
}

function coarse(part: Piece, cell: number): CoarseInk {
  const [width, height] = [Math.ceil(part.width / cell), Math.ceil(part.height / cell)]
  const cover = new Float32Array(width * height)
  for (let k = 0; k < part.runs.length; k += 3) {
    const base = Math.floor((part.runs[k] - part.top) / cell) * width
    for (let x = part.runs[k + 1]; x <= part.runs[k + 2]; x++) cover[base + Math.floor((x - part.left) / cell)]++
  }
  for (let k = 0; k < cover.length; k++) cover[k] /= cell * cell
  return { width, height, cover }
}

/** The ink of some pieces and the fainter pixels beside it, on a picture of its own. */
function crop({ amount, width, height, solid, floor }: Ink, pieces: readonly Piece[]): Ink {
  const box = around(pieces)
  const [left, top] = [box.left - PAPER, box.top - PAPER]
  const [w, h] = [box.width + 2 * PAPER, box.height + 2 * PAPER]
  const own = new Uint8Array(w * h)
  for (const { runs } of pieces) {
    for (let k = 0; k < runs.length; k += 3) {
      for (let y = Math.max(0, runs[k] - 1); y <= Math.min(height - 1, runs[k] + 1); y++) {
        const [from, to] = [y * width, (y - top) * w - left]
        for (let x = Math.max(0, runs[k + 1] - 1); x <= Math.min(width - 1, runs[k + 2] + 1); x++) {
          if (amount[from + x] < solid) own[to + x] = amount[from + x]
        }
      }
      const [from, to] = [runs[k] * width, (runs[k] - top) * w - left]
      for (let x = runs[k + 1]; x <= runs[k + 2]; x++) own[to + x] = amount[from + x]
    }
  }
  return { width: w, height: h, amount: own, floor, solid }
}
