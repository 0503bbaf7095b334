/** Pen strokes in pieces: whole strokes, and parts of strokes that may run through several digits. */

import { InputError } from '../errors.ts'
import { preprocess } from '../preprocess.ts'
import type { Strokes } from '../protocol.ts'
import { rasterizeStrokes } from '../strokes.ts'
import { MAX_PARTS } from './ink-pieces.ts'
import { joinParts, splitLines } from './lines.ts'
import { around, digitHeight, gapsBetween, type PieceBox, type PieceLine } from './pieces.ts'

type Point = readonly [number, number]
type Stroke = readonly Point[]

/** Strokes wider than this are cut, in heights of a digit: they may be several digits. */
const WIDE = 0.75

/** How far a stroke is looked at on both sides of a corner, and how near to each other cuts are, in heights of a digit. */
const ARM = 0.1
const APART = 0.12

/** Least turn of a corner: the cosine between its arms. */
const CORNER = 0.7

/** Width of the pen, in heights of a digit: as strokes are rasterized. */
const PEN = 0.09

/** Widths of the pen that a cut of a stroke counts as. */
const CUT = 1

interface Part extends PieceBox {
  readonly strokes: Strokes
}

/**
 * The lines of a drawing by pen.
 * @throws InputError 422 no_strokes, bad_strokes, too_many_points, too_many_parts
 */
export function strokeLines(strokes: Strokes): PieceLine[] {
  rasterizeStrokes(strokes) // checks them
  const parts = strokes.filter((stroke) => stroke.length > 0).map((stroke) => partOf([stroke]))
  if (parts.length > MAX_PARTS) {
    throw new InputError(422, 'too_many_parts', `Got ${parts.length} strokes, at most ${MAX_PARTS} are accepted`)
  }
  const lines = splitLines(parts)
  return lines.map((line) =>
    lineOf(
      strokes,
      line.sort((a, b) => a - b).map((k) => parts[k]),
      lines.length === 1,
    ),
  )
}

function partOf(strokes: Strokes): Part {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      left = Math.min(left, x)
      top = Math.min(top, y)
      right = Math.max(right, x)
      bottom = Math.max(bottom, y)
    }
  }
  return { strokes, left, top, width: right - left, height: bottom - top }
}

function lineOf(strokes: Strokes, parts: readonly Part[], only: boolean): PieceLine {
  const height = digitHeight(parts) || Math.max(...parts.map(({ width }) => width))
  const cut = parts.map((part) => (part.width > height * WIDE ? cutStroke(part.strokes[0], height) : [part]))
  const pieces = cut.flat()
  // pieces of one stroke stay apart and in the order in which they were drawn; all others that stand over each other are joined
  const uncut = parts.map((_, k) => k).filter((k) => cut[k].length === 1)
  const groups = [
    ...joinParts(parts, uncut, height).map((group) => [
      partOf(group.sort((a, b) => a - b).flatMap((k) => parts[k].strokes)),
    ]),
    ...cut.filter((own) => own.length > 1),
  ]
  const middle = (own: readonly Part[]): number => {
    const box = partOf(own.flatMap(({ strokes }) => strokes))
    return box.left + box.width / 2
  }
  const placed = groups.map((own) => ({ own, middle: middle(own) })).sort((a, b) => a.middle - b.middle)
  const ordered = placed.flatMap(({ own }) =>
    own.length > 1 && middle(own.slice(0, 1)) > middle(own.slice(-1)) ? own.toReversed() : own,
  )
  const cuts: number[] = []
  for (let k = 0; k + 1 < ordered.length; k++) {
    const together = groups.some((own) => own.includes(ordered[k]) && own.includes(ordered[k + 1]))
    cuts.push(together ? CUT : 0)
  }
  const whole = (from: number, to: number): boolean => only && from === 0 && to === ordered.length
  return {
    count: ordered.length,
    cuts,
    lefts: ordered.map(({ left }) => left),
    height,
    pen: height * PEN,
    part(from, to) {
      const own = ordered.slice(from, to)
      const drawn = whole(from, to) ? strokes : joinPieces(own, pieces)
      const { left, top, width, height } = around(own)
      return {
        box: { left, top, width, height },
        work: 1,
        whole: false,
        gaps: gapsBetween(own),
        input: () => preprocess(rasterizeStrokes(drawn)),
        drawing: () => ({ strokes: drawn }),
      }
    },
  }
}

/** The strokes of pieces in the order in which they were drawn, with pieces of one stroke put together again. */
function joinPieces(chosen: readonly Part[], drawn: readonly Part[]): Strokes {
  const strokes: Point[][] = []
  for (const stroke of drawn
    .filter((part) => chosen.includes(part))
    .concat(chosen.filter((part) => !drawn.includes(part)))) {
    for (const points of stroke.strokes) {
      const before = strokes.at(-1)?.at(-1)
      // a cut leaves its point to both sides
      if (before && points[0] === before) strokes[strokes.length - 1].push(...points.slice(1))
      else strokes.push([...points])
    }
  }
  return strokes
}

/** A stroke cut at its corners and at its highest, lowest, leftmost and rightmost points. */
function cutStroke(stroke: Stroke, height: number): Part[] {
  const along = lengths(stroke)
  const total = along[along.length - 1]
  const sharp: { k: number; turn: number }[] = []
  for (let k = 1; k + 1 < stroke.length; k++) {
    if (along[k] < height * ARM || total - along[k] < height * ARM) continue
    const turn = turnAt(stroke, along, k, height * ARM)
    if (turn < CORNER || isExtreme(stroke, k)) sharp.push({ k, turn: turn - (isExtreme(stroke, k) ? 0.3 : 0) })
  }
  sharp.sort((a, b) => a.turn - b.turn)
  const chosen: number[] = []
  for (const { k } of sharp) {
    if (chosen.every((other) => Math.abs(along[k] - along[other]) >= height * APART)) chosen.push(k)
  }
  chosen.sort((a, b) => a - b)
  const ends = [...chosen, stroke.length - 1]
  return ends.map((end, i) => partOf([stroke.slice(i === 0 ? 0 : ends[i - 1], end + 1)]))
}

function lengths(stroke: Stroke): Float64Array {
  const along = new Float64Array(stroke.length)
  for (let k = 1; k < stroke.length; k++) {
    const [dx, dy] = [stroke[k][0] - stroke[k - 1][0], stroke[k][1] - stroke[k - 1][1]]
    along[k] = along[k - 1] + Math.sqrt(dx * dx + dy * dy)
  }
  return along
}

/** Cosine of the angle by which a stroke turns at a point, between arms of a length: 1 where it goes straight on. */
function turnAt(stroke: Stroke, along: Float64Array, k: number, arm: number): number {
  let before = k
  while (before > 0 && along[k] - along[before] < arm) before--
  let after = k
  while (after < stroke.length - 1 && along[after] - along[k] < arm) after++
  const [ax, ay] = [stroke[k][0] - stroke[before][0], stroke[k][1] - stroke[before][1]]
  const [bx, by] = [stroke[after][0] - stroke[k][0], stroke[after][1] - stroke[k][1]]
  const norm = Math.sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
  return norm > 0 ? (ax * bx + ay * by) / norm : 1
}

function isExtreme(stroke: Stroke, k: number): boolean {
  return [0, 1].some((axis) => {
    const [a, b, c] = [stroke[k - 1][axis], stroke[k][axis], stroke[k + 1][axis]]
    return (b > a && b >= c) || (b < a && b <= c)
  })
}
