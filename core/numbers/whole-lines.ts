/**
 * Ink between cuts with its lines whole. A cut from top to bottom takes parts of a digit's lines and leaves parts of its neighbour's where
 * digits touch; here each line is given to the side of the cut that most of it is on.
 */

import type { Seam } from './seams.ts'
import { type End, type Mask, segmentsOf } from './skeleton.ts'

/** A line with more than this on both sides of a cut runs through two digits and is cut, in heights of a digit. */
const LONG = 0.25

/** How much it counts that a line goes straight on in another one, in heights of a digit on the other side; and how often that is looked at. */
const STRAIGHT = 0.15
const TURNS = 4

/** So far the direction of a line is looked at, in half widths of the pen. */
const ARM = 4

/** Lines through a joint that are told apart, at most: of more it is a blot, which all of them get. */
const MAX_ENDS = 8

/** What lies right of a cut and left of another one. */
export interface InkShare {
  readonly key: string // the same for the same ink
  readonly has: (cell: number) => boolean // of the mask's ink
}

/** The share right of the seam `from` - 1 and left of the seam `to` - 1, counted from 0. */
export type InkShares = (from: number, to: number) => InkShare

/** On which side of a seam a line is; of a line that is cut each side has a part. */
const [LEFT, CUT, RIGHT] = [0, 1, 2]

/** Shares of the ink between seams. @param height of a digit, cells */
export function wholeLines(mask: Mask, seams: readonly Seam[], height: number): InkShares {
  const { width } = mask
  const { count, of, joint, ends, lines, half } = segmentsOf(mask)
  const isLeft = (cell: number, seam: Seam): boolean => cell % width < seam.x[Math.floor(cell / width)]
  const straight = straightOn(ends, lines, half, width)
  const sides = seams.map((seam) => {
    const left = lines.map((line) => line.reduce((sum, cell) => sum + (isLeft(cell, seam) ? 1 : 0), 0) / height)
    const right = lines.map((line, k) => line.length / height - left[k])
    return sidesOf(left, right, straight)
  })
  return (from, to) => {
    const [left, right] = [from - 1, to - 1]
    /** 0: nothing of a segment, 1: what is between the seams, 2: all. */
    const inside = Uint8Array.from({ length: count }, (_, k) => {
      const [a, b] = [sides[left]?.[k] ?? RIGHT, sides[right]?.[k] ?? LEFT]
      return a === LEFT || b === RIGHT ? 0 : a === CUT || b === CUT ? 1 : 2
    })
    const between = (cell: number): boolean =>
      !(seams[left] && isLeft(cell, seams[left])) && !(seams[right] && !isLeft(cell, seams[right]))
    const covers = ends.map((all) => coverOf(all, inside, half, width))
    const bounds = inside.includes(1) ? `${from} ${to}` : ''
    return {
      key: `${inside.join('')} ${bounds}`,
      has: (cell) => {
        const most = of[cell] < 0 ? 0 : inside[of[cell]]
        return most === 2 || (most === 1 && between(cell)) || (joint[cell] >= 0 && covers[joint[cell]](cell))
      },
    }
  }
}

/** Two segments of which one goes on where the other ends. */
interface Pair {
  readonly a: number
  readonly b: number
  readonly turn: number // 1 straight on, 0 at a right angle
}

/** The segments that go on in each other through a joint: of all that end there, each is the other's best. */
function straightOn(
  joints: readonly (readonly End[])[],
  lines: readonly (readonly number[])[],
  half: number,
  width: number,
): Pair[] {
  const pairs: Pair[] = []
  for (const ends of joints) {
    if (ends.length > MAX_ENDS) continue
    const arms = ends.map(({ segment, cell }) => armOf(lines[segment], cell, ARM * half, width))
    const turns = arms.map((a) => arms.map((b) => (a === b ? -1 : -(a[0] * b[0] + a[1] * b[1]))))
    const best = turns.map((own) => own.indexOf(Math.max(...own)))
    for (const [k, other] of best.entries()) {
      if (other > k && best[other] === k && turns[k][other] > 0) {
        pairs.push({ a: ends[k].segment, b: ends[other].segment, turn: turns[k][other] })
      }
    }
  }
  return pairs
}

/** The direction, of length 1, in which a line leaves the cell where it ends. */
function armOf(line: readonly number[], end: number, reach: number, width: number): [number, number] {
  let [x, y] = [0, 0]
  for (const cell of line) {
    const dx = (cell % width) - (end % width)
    const dy = Math.floor(cell / width) - Math.floor(end / width)
    if (dx * dx + dy * dy > reach * reach) continue
    x += dx
    y += dy
  }
  const norm = Math.sqrt(x * x + y * y)
  return norm > 0 ? [x / norm, y / norm] : [0, 0]
}

/**
 * On which side of a seam each segment is: where most of it is, but together with the one that it goes on in.
 * @param left length of each on the left side, in heights of a digit
 */
function sidesOf(left: readonly number[], right: readonly number[], straight: readonly Pair[]): Uint8Array {
  const sides = Uint8Array.from(left, (length, k) =>
    Math.min(length, right[k]) > LONG ? CUT : length >= right[k] ? LEFT : RIGHT,
  )
  for (let turn = 0; turn < TURNS; turn++) {
    const pull = left.map((length, k) => length - right[k])
    for (const { a, b, turn: strength } of straight) {
      pull[a] += STRAIGHT * strength * (1 - sides[b])
      pull[b] += STRAIGHT * strength * (1 - sides[a])
    }
    for (const [k, sum] of pull.entries()) if (sides[k] !== CUT) sides[k] = sum >= 0 ? LEFT : RIGHT
  }
  return sides
}

/** The ink of a joint that is of a digit with some of the lines that end there: what a pen covers between their ends. */
function coverOf(ends: readonly End[], inside: Uint8Array, half: number, width: number): (cell: number) => boolean {
  const own = ends.filter(({ segment }) => inside[segment] > 0)
  if (own.length === 0 || own.length === ends.length || own.length > MAX_ENDS) return () => own.length > 0
  const point = ({ cell }: End): [number, number] => [cell % width, Math.floor(cell / width)]
  const points = own.map(point)
  if (own.length === 1) {
    // it ends here, or goes on under another one
    const all = ends.map(point)
    const mean = (axis: 0 | 1): number => all.reduce((sum, at) => sum + at[axis], 0) / all.length
    points.push([mean(0), mean(1)])
  }
  return (cell) => {
    const at: [number, number] = [cell % width, Math.floor(cell / width)]
    return points.some((a, k) => points.slice(k + 1).some((b) => distance2(at, a, b) <= half * half))
  }
}

/** The squared distance of a point from the line between two others. */
function distance2(at: readonly [number, number], a: readonly [number, number], b: readonly [number, number]): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const [ex, ey] = [at[0] - a[0], at[1] - a[1]]
  const length = dx * dx + dy * dy
  const along = length > 0 ? Math.max(0, Math.min(1, (ex * dx + ey * dy) / length)) : 0
  const [ox, oy] = [ex - along * dx, ey - along * dy]
  return ox * ox + oy * oy
}
