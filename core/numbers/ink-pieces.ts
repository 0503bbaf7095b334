/** The ink of a picture in pieces: connected parts, cut where they may be several digits that touch. */

import { InputError } from '../errors.ts'
import type { Ink } from '../preprocess/ink.ts'
import { findRuns } from '../preprocess/runs.ts'
import { inputOf, type PaperInk } from '../preprocess.ts'
import { joinParts, splitLines } from './lines.ts'
import { digitHeight, type PieceBox, type PieceLine, type PiecePart } from './pieces.ts'
import { type CoarseInk, findSeams, type Seam } from './seams.ts'
import { type InkShare, type InkShares, wholeLines } from './whole-lines.ts'

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

/** Cells of ink of which the lines are looked for, at most: some 40 digits have as many. */
const MAX_CELLS = 65_536

/** Pixels of a part that take as long as a question to the model, about. */
const PIXELS_PER_WORK = 32_768

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
  if (runs.length === 0) return { runs, left: Infinity, top: 0, width: 0, height: 0 }
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1]
  for (let k = 0; k < runs.length; k += 3) {
    top = Math.min(top, runs[k])
    bottom = Math.max(bottom, runs[k])
    left = Math.min(left, runs[k + 1])
    right = Math.max(right, runs[k + 2])
  }
  return { runs, left, top, width: right - left + 1, height: bottom - top + 1 }
}

/** Parts that are cut together, and the ways to cut them, from left to right. */
interface Group {
  readonly whole: Piece
  readonly cell: number // px
  readonly seams: readonly Seam[]
  readonly shares: InkShares | undefined // of its lines, where it has seams
}

function lineOf(ink: PaperInk, parts: readonly Piece[], only: boolean): PieceLine {
  const height = digitHeight(parts)
  const pen = penWidth(parts)
  const all = parts.map((_, k) => k)
  const groups = joinParts(parts, all, height)
    .map((own) => cutGroup(pieceOf(own.flatMap((k) => parts[k].runs)), height, pen))
    .sort((a, b) => middleOf(a.whole.runs) - middleOf(b.whole.runs))
  const places = groups.flatMap(({ seams }, group) => [...seams, undefined].map((_, k) => ({ group, k })))

  /** The ink of the pieces from..to-1: of each group what is between two of its seams. */
  function inkOf(from: number, to: number): Piece {
    const runs: Runs = []
    for (const { group, first, end } of spans(from, to)) addBetween(runs, group, first, end)
    return pieceOf(runs)
  }

  /** The groups of the pieces from..to-1, each with the seams between which it is. */
  function spans(from: number, to: number): { group: Group; first: number; end: number }[] {
    const found: { group: Group; first: number; end: number }[] = []
    for (let at = from; at < to; ) {
      const { group, k } = places[at]
      let end = at
      while (end < to && places[end].group === group) end++
      found.push({ group: groups[group], first: k, end: k + end - at })
      at = end
    }
    return found
  }

  const wholes = new Map<string, PiecePart>()
  const inks = groups.flatMap(({ seams, cell }) => [...seams.map((seam) => (seam.ink * cell) / pen), 0])
  return {
    count: places.length,
    cuts: inks.slice(0, -1),
    lefts: places.map((_, at) => ink.left + inkOf(at, at + 1).left),
    height,
    pen: 0,
    part(from, to) {
      // all of the drawing at once is what it is as a single digit, to the bit
      const single = only && from === 0 && to === places.length
      return partOf(inkOf(from, to), single, false)
    },
    wholePart(from, to) {
      const own = spans(from, to)
      if (own.some(({ group }) => group.seams.length > 0 && !group.shares)) return undefined
      const shares = own.map(({ group, first, end }) => ({ group, share: group.shares?.(first, end) }))
      const key = shares.map(({ group, share }) => `${groups.indexOf(group)} ${share?.key ?? ''}`).join()
      const known = wholes.get(key)
      if (known) return known
      const runs: Runs = []
      for (const { group, share } of shares) addShare(runs, group, share)
      if (sameRuns(runs, inkOf(from, to).runs)) return undefined
      const part = partOf(pieceOf(runs), false, true)
      wholes.set(key, part)
      return part
    },
  }

  function partOf(piece: Piece, single: boolean, whole: boolean): PiecePart {
    return {
      box: { left: ink.left + piece.left, top: ink.top + piece.top, width: piece.width, height: piece.height },
      work: 1 + (piece.width * piece.height) / PIXELS_PER_WORK,
      whole,
      gaps: gapsIn(piece),
      input: () => {
        if (piece.runs.length === 0) throw new InputError(422, 'too_little_ink', 'No ink between two cuts')
        return inputOf(single ? ink : crop(ink, piece))
      },
      drawing: () => {
        const { amount, width, height } = crop(ink, piece)
        return { raster: { width, height, channels: 1, data: amount, paper: 0 } }
      },
    }
  }
}

/** Adds the ink of a group that is in a share of it; all of it where it has none. */
function addShare(runs: Runs, { whole, cell }: Group, share: InkShare | undefined): void {
  const width = Math.ceil(whole.width / cell)
  for (let k = 0; k < whole.runs.length; k += 3) {
    const [row, first, last] = [whole.runs[k], whole.runs[k + 1], whole.runs[k + 2]]
    const base = Math.floor((row - whole.top) / cell) * width
    let start = -1
    for (let x = first; x <= last; ) {
      const column = Math.floor((x - whole.left) / cell)
      const own = !share || share.has(base + column)
      if (own && start < 0) start = x
      if (!own && start >= 0) {
        runs.push(row, start, x - 1)
        start = -1
      }
      x = whole.left + (column + 1) * cell
    }
    if (start >= 0) runs.push(row, start, last)
  }
}

function sameRuns(a: Runs, b: Runs): boolean {
  return a.length === b.length && a.every((value, k) => value === b[k])
}

/** Adds the ink of a group right of its seam from-1 and left of its seam to-1, counted from 0; beyond its seams there is no limit. */
function addBetween(runs: Runs, { whole, cell, seams }: Group, from: number, to: number): void {
  const [left, right] = [seams[from - 1]?.x, seams[to - 1]?.x]
  for (let k = 0; k < whole.runs.length; k += 3) {
    const [row, first, last] = [whole.runs[k], whole.runs[k + 1], whole.runs[k + 2]]
    const y = Math.floor((row - whole.top) / cell)
    const start = left ? Math.max(first, whole.left + left[y] * cell) : first
    const end = right ? Math.min(last, whole.left + right[y] * cell - 1) : last
    if (start <= end) runs.push(row, start, end)
  }
}

/** The gaps between columns with ink. */
function gapsIn({ runs, left, width }: Piece): number[] {
  const marks = new Uint8Array(width)
  for (let k = 0; k < runs.length; k += 3) marks.fill(1, runs[k + 1] - left, runs[k + 2] - left + 1)
  const gaps: number[] = []
  for (let x = 0; x < width; x++) {
    const start = x
    while (marks[x] === 0) x++
    if (x > start) gaps.push(x - start)
  }
  return gaps
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

/** The ways to cut parts that stand over each other. */
function cutGroup(whole: Piece, height: number, pen: number): Group {
  const cell = Math.max(1, Math.floor(whole.height / ROWS))
  const cells = (share: number): number => Math.max(1, Math.floor((height * share) / cell))
  const most = Math.ceil((CUTS * whole.width) / height)
  if (whole.width < height * NARROW) return { whole, cell, seams: [], shares: undefined }
  const grid = coarse(whole, cell)
  const seams = findSeams(grid, cells(APART), cells(MARGIN), (THICK * pen) / cell, most)
  if (seams.length === 0) return { whole, cell, seams, shares: undefined }
  const mask = {
    width: grid.width,
    height: grid.height,
    ink: Uint8Array.from(grid.cover, (share) => (share > 0 ? 1 : 0)),
  }
  const few = mask.ink.reduce((sum, value) => sum + value, 0) <= MAX_CELLS
  return { whole, cell, seams, shares: few ? wholeLines(mask, seams, height / cell) : undefined }
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
function crop({ amount, width, height, solid, floor }: Ink, box: Piece): Ink {
  const [left, top] = [box.left - PAPER, box.top - PAPER]
  const [w, h] = [box.width + 2 * PAPER, box.height + 2 * PAPER]
  const own = new Uint8Array(w * h)
  const { runs } = box
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
  return { width: w, height: h, amount: own, floor, solid }
}
