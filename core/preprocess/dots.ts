/** Digits drawn with dots: neighbouring dots are joined by lines, where all there is are dots that follow each other in even distances. */

import type { Ink } from './ink.ts'
import type { Runs } from './runs.ts'

/** Dots of a drawing, at least and at most. With fewer it can't be read, with more it is a texture; both bound the work. */
export const LEAST_DOTS = 6
const MOST_DOTS = 128

/** Smallest dot, px; longer to shorter side, at most. */
const SMALLEST = 2
const SQUAT = 1.5

/** Sides of dots as multiples of the median dot's, at least and at most; what is larger are dots that touch. */
const SIMILAR = { least: 0.6, most: 1.6 } as const

/** Neighbours are joined up to this multiple of the median distance of the nearest; that is at most so many dots wide. */
const GAP = 1.5
const SPARSE = 6

/** Share of dots where lines may meet, and which may be joined to nothing, 0..1. */
const MEETING = 0.25
const LONELY = 0.1

/** Dots for each line beyond the first, at least. */
const PER_LINE = 8

/** Width of the lines, as a share of the dots'. */
const LINE = 0.8

/** Dots that touch are taken apart into squares of a dot's side; one counts with this share of it inked, 0..1. */
const FILLED = 0.3

/** The middle of a dot, px. */
interface Dot {
  readonly x: number
  readonly y: number
}

/** A connected piece of ink. */
interface Piece {
  left: number
  right: number
  readonly top: number
  bottom: number
  area: number
}

/** The drawing with lines between its dots; undefined where it isn't made of dots. Its amounts are a copy. */
export function joinDots(ink: Ink, runs: Runs): Ink | undefined {
  const pieces = findPieces(runs)
  const sides = [...pieces.values()]
    .filter(isSquat)
    .map(sideOf)
    .sort((a, b) => a - b)
  if (sides.length < LEAST_DOTS) return undefined
  const side = sides[sides.length >> 1]
  const dots = findDots(runs, pieces, side)
  if (!dots || dots.length > MOST_DOTS) return undefined
  const lines = findLines(dots, side)
  return lines ? drawLines(ink, lines, (side * LINE) / 2) : undefined
}

/** Every piece, by the index of its first run. */
function findPieces({ count, row, first, last, piece }: Runs): Map<number, Piece> {
  const pieces = new Map<number, Piece>()
  for (let k = 0; k < count; k++) {
    const length = last[k] - first[k] + 1
    const found = pieces.get(piece[k])
    if (!found) {
      pieces.set(piece[k], { left: first[k], right: last[k], top: row[k], bottom: row[k], area: length })
      continue
    }
    found.left = Math.min(found.left, first[k])
    found.right = Math.max(found.right, last[k])
    found.bottom = row[k]
    found.area += length
  }
  return pieces
}

function sideOf({ left, right, top, bottom }: Piece): number {
  return Math.max(right - left, bottom - top) + 1
}

function isSquat(piece: Piece): boolean {
  const shorter = Math.min(piece.right - piece.left, piece.bottom - piece.top) + 1
  return shorter >= SMALLEST && sideOf(piece) <= SQUAT * shorter
}

/** The dots; undefined where there are too few, or where less than half of the ink is in them. */
function findDots(runs: Runs, pieces: ReadonlyMap<number, Piece>, side: number): Dot[] | undefined {
  const dots: Dot[] = []
  const touching = new Map<number, Piece>()
  let [inDots, inOthers] = [0, 0]
  for (const [key, piece] of pieces) {
    const size = sideOf(piece)
    if (size < SIMILAR.least * side) continue // dust
    if (isSquat(piece) && size <= SIMILAR.most * side) {
      dots.push({ x: (piece.left + piece.right) / 2, y: (piece.top + piece.bottom) / 2 })
      inDots += piece.area
    } else {
      touching.set(key, piece)
      inOthers += piece.area
    }
  }
  if (dots.length < LEAST_DOTS || inOthers > inDots) return undefined
  if (touching.size > 0) takeApart(runs, touching, side, dots)
  return dots
}

/** Adds the dots of pieces in which dots touch each other. */
function takeApart(runs: Runs, pieces: ReadonlyMap<number, Piece>, side: number, dots: Dot[]): void {
  const squares = new Map<string, { area: number; x: number; y: number }>() // the sums of its pixels' places
  for (let k = 0; k < runs.count; k++) {
    const piece = pieces.get(runs.piece[k])
    if (!piece) continue
    const y = runs.row[k]
    for (let x = runs.first[k]; x <= runs.last[k]; x++) {
      const key = `${runs.piece[k]} ${Math.floor((x - piece.left) / side)} ${Math.floor((y - piece.top) / side)}`
      const square = squares.get(key) ?? { area: 0, x: 0, y: 0 }
      squares.set(key, { area: square.area + 1, x: square.x + x, y: square.y + y })
    }
  }
  for (const { area, x, y } of squares.values()) {
    if (area >= FILLED * side * side) dots.push({ x: x / area, y: y / area })
  }
}

type Line = readonly [from: Dot, to: Dot]

/**
 * Lines between neighbours: two dots without a third that is nearer to both than they are to each other (Toussaint 1980: the relative
 * neighbourhood graph). Undefined where these are not the strokes of a drawing: lonely dots, a net, many scraps.
 */
function findLines(dots: readonly Dot[], side: number): Line[] | undefined {
  const nearest = dots.map((dot) => Math.min(...dots.map((other) => (other === dot ? Infinity : distance(dot, other)))))
  const usual = [...nearest].sort((a, b) => a - b)[nearest.length >> 1]
  if (usual > SPARSE * side) return undefined
  const lines: Line[] = []
  const degrees = new Int32Array(dots.length)
  const group = Int32Array.from(dots, (_, k) => k) // of dots that are joined, as the index of one of them
  for (let i = 0; i < dots.length; i++) {
    for (let j = 0; j < i; j++) {
      const far = distance(dots[i], dots[j])
      if (far > GAP * usual) continue
      if (dots.some((dot) => distance(dot, dots[i]) < far && distance(dot, dots[j]) < far)) continue
      lines.push([dots[i], dots[j]])
      degrees[i]++
      degrees[j]++
      const [from, to] = [group[i], group[j]]
      for (let k = 0; k < group.length; k++) if (group[k] === from) group[k] = to
    }
  }
  const meeting = degrees.filter((degree) => degree > 2).length
  const lonely = degrees.filter((degree) => degree === 0).length
  const groups = new Set(group).size - lonely
  if (meeting > MEETING * dots.length || lonely > LONELY * dots.length) return undefined
  return groups <= 1 + Math.floor(dots.length / PER_LINE) ? lines : undefined
}

function distance(a: Dot, b: Dot): number {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y))
}

/** Adds lines as dark as the darkest ink. */
function drawLines(ink: Ink, lines: readonly Line[], radius: number): Ink {
  const { width, height } = ink
  const amount = new Uint8Array(ink.amount)
  let full = 0
  for (const v of amount) if (v > full) full = v
  for (const [a, b] of lines) {
    const [dx, dy] = [b.x - a.x, b.y - a.y]
    const squared = dx * dx + dy * dy
    const toY = Math.min(height - 1, Math.ceil(Math.max(a.y, b.y) + radius))
    const toX = Math.min(width - 1, Math.ceil(Math.max(a.x, b.x) + radius))
    for (let y = Math.max(0, Math.floor(Math.min(a.y, b.y) - radius)); y <= toY; y++) {
      for (let x = Math.max(0, Math.floor(Math.min(a.x, b.x) - radius)); x <= toX; x++) {
        const t = Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / squared))
        const inside = radius + 0.5 - distance({ x, y }, { x: a.x + t * dx, y: a.y + t * dy })
        const v = Math.floor(full * Math.max(0, Math.min(1, inside)))
        if (v > amount[y * width + x]) amount[y * width + x] = v
      }
    }
  }
  return { ...ink, amount }
}
