/** Sorts the parts of a drawing, connected ink or strokes, into lines from top to bottom, and joins those that stand over each other. */

import { around, type PieceBox } from './pieces.ts'

/** A line has a part of at least this share of the highest part's height. A detached bar of a 5 has less. */
const LINE_HEIGHT = 0.4

/** Lower parts than this share of the line's height join the part that they stand over, under or in. */
const LOW = 0.45

/** Share of the narrower part's width that must stand over the other one: for low parts, and for any. */
const OVER_LOW = 0.5
const OVER = 0.8

/** The parts of each line, as indices. Lines are apart where a row of the drawing crosses no part and tall ones are on both sides. */
export function splitLines(boxes: readonly PieceBox[]): number[][] {
  const order = boxes.map((_, k) => k).sort((a, b) => boxes[a].top - boxes[b].top)
  const most = boxes.reduce((height, box) => Math.max(height, box.height), 0)
  const lines: number[][] = []
  let bottom = -Infinity
  for (const k of order) {
    if (lines.length === 0 || boxes[k].top > bottom) lines.push([])
    lines[lines.length - 1].push(k)
    bottom = Math.max(bottom, boxes[k].top + boxes[k].height)
  }
  // what is too low for a line belongs to the nearer of its neighbours
  const isLine = (line: readonly number[]) => around(line.map((k) => boxes[k])).height >= most * LINE_HEIGHT
  for (let k = 0; k < lines.length && lines.length > 1; ) {
    if (isLine(lines[k])) {
      k++
      continue
    }
    const gap = (a: number, b: number): number => {
      if (a < 0 || b >= lines.length) return Infinity
      const [above, below] = [around(lines[a].map((i) => boxes[i])), around(lines[b].map((i) => boxes[i]))]
      return below.top - above.top - above.height
    }
    const into = gap(k - 1, k) <= gap(k, k + 1) ? k - 1 : k + 1
    lines[into].push(...lines[k])
    lines.splice(k, 1)
    k = Math.max(0, Math.min(k, into) - 1)
  }
  return lines
}

/**
 * Joins the parts of a line that stand over each other: the bar of a 5, a slash in a 0, the parts of a broken stroke.
 * @returns groups of indices
 */
export function joinParts(boxes: readonly PieceBox[], parts: readonly number[], height: number): number[][] {
  const groups = parts.map((k) => [k])
  const places = parts.map((k) => boxes[k])
  for (let joined = true; joined; ) {
    joined = false
    for (let a = 0; a < groups.length; a++) {
      for (let b = groups.length - 1; b > a; b--) {
        if (!standsOver(places[a], places[b], height)) continue
        groups[a].push(...groups[b])
        places[a] = around([places[a], places[b]])
        groups.splice(b, 1)
        places.splice(b, 1)
        joined = true
      }
    }
  }
  return groups
}

function standsOver(a: PieceBox, b: PieceBox, height: number): boolean {
  const common = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)
  const low = Math.min(a.height, b.height) < height * LOW
  return common >= Math.min(a.width, b.width) * (low ? OVER_LOW : OVER) && common > 0
}
