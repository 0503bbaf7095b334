/** Rasterizes pen strokes as a canvas would show them, drawn with a round antialiased pen. */

import type { Raster } from './data/raster.ts'
import { InputError } from './errors.ts'
import type { Strokes } from './protocol.ts'

/** Side of the picture, px. */
const SIDE = 112

/** Longer side of the drawing, pen included, px: four times the 20 px it has after preprocessing. */
const DRAWING = 80

/** Diameter of the pen, px. */
const PEN = 9

/** Distance from its middle up to which the pen leaves ink, px. */
const REACH = PEN / 2 + 0.5

/** Square of the distance up to which the pen leaves full ink, px. */
const COVERED = (REACH - 1) * (REACH - 1)

/** Points of one drawing, at most. */
export const MAX_POINTS = 4096

/**
 * White ink on black paper, 1 byte per px. The drawing is scaled to a fixed size first, so unit and scale of the points make no
 * difference. Strokes of one point are dots.
 * @throws InputError 422 no_strokes without any point, bad_strokes where a coordinate is not finite, too_many_points
 */
export function rasterizeStrokes(strokes: Strokes): Raster {
  let left = Infinity
  let right = -Infinity
  let top = Infinity
  let bottom = -Infinity
  let count = 0
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      if (!Number.isFinite(x) || !Number.isFinite(y)) {
        throw new InputError(422, 'bad_strokes', 'A point must be two finite numbers')
      }
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
      count++
    }
  }
  if (count === 0) throw new InputError(422, 'no_strokes', 'Got no points: a drawing needs at least one stroke')
  if (count > MAX_POINTS) {
    throw new InputError(422, 'too_many_points', `Got ${count} points, at most ${MAX_POINTS} are accepted`)
  }

  // halved before subtracting, so that coordinates near the largest f64 do not overflow
  const extent = Math.max(right / 2 - left / 2, bottom / 2 - top / 2)
  const middleX = left / 2 + right / 2
  const middleY = top / 2 + bottom / 2
  const toPixel = (value: number, middle: number): number =>
    extent === 0 ? SIDE / 2 : SIDE / 2 + ((value / 2 - middle / 2) / extent) * (DRAWING - PEN)

  const data = new Uint8Array(SIDE * SIDE)
  for (const stroke of strokes) {
    if (stroke.length === 0) continue
    let fromX = toPixel(stroke[0][0], middleX)
    let fromY = toPixel(stroke[0][1], middleY)
    for (const [x, y] of stroke) {
      const toX = toPixel(x, middleX)
      const toY = toPixel(y, middleY)
      drawSegment(data, fromX, fromY, toX, toY)
      fromX = toX
      fromY = toY
    }
  }
  return { width: SIDE, height: SIDE, channels: 1, data, paper: 0 }
}

/**
 * Adds the segment from a to b, row by row. A pixel's ink is the distance of its centre inside the pen's edge, 0 to 1 px. The
 * covered area is convex: each row meets it in one span, and all pixels between two of full ink have full ink.
 */
function drawSegment(data: Uint8Array, ax: number, ay: number, bx: number, by: number): void {
  const dx = bx - ax
  const dy = by - ay
  const lengthSquared = dx * dx + dy * dy
  const ratio = lengthSquared > 0 ? REACH / Math.sqrt(lengthSquared) : 0
  const nx = -dy * ratio // from the middle of the segment to its edge
  const ny = dx * ratio
  const firstY = Math.max(0, Math.floor(Math.min(ay, by) - REACH))
  const lastY = Math.min(SIDE - 1, Math.ceil(Math.max(ay, by) + REACH))
  for (let y = firstY; y <= lastY; y++) {
    const py = y + 0.5
    const fromA = py - ay
    const fromB = py - by
    // the span: from the first to the last point where the row meets the pen at a, the pen at b, or one of both edges
    let x0 = SIDE
    let x1 = 0
    const chordA = REACH * REACH - fromA * fromA
    if (chordA > 0) {
      const half = Math.sqrt(chordA)
      x0 = ax - half
      x1 = ax + half
    }
    const chordB = REACH * REACH - fromB * fromB
    if (chordB > 0) {
      const half = Math.sqrt(chordB)
      x0 = Math.min(x0, bx - half)
      x1 = Math.max(x1, bx + half)
    }
    if (dy !== 0) {
      const t0 = (fromA - ny) / dy
      if (t0 > 0 && t0 < 1) {
        x0 = Math.min(x0, ax + nx + t0 * dx)
        x1 = Math.max(x1, ax + nx + t0 * dx)
      }
      const t1 = (fromA + ny) / dy
      if (t1 > 0 && t1 < 1) {
        x0 = Math.min(x0, ax - nx + t1 * dx)
        x1 = Math.max(x1, ax - nx + t1 * dx)
      }
    }
    const row = y * SIDE
    let first = Math.max(0, Math.ceil(x0 - 0.5))
    let last = Math.min(SIDE - 1, Math.floor(x1 - 0.5))
    // points are close together, so most of the span is drawn already: go from either end to the first pixel of full ink
    for (; first <= last; first++) {
      if (data[row + first] === 255) continue
      const v = levelAt(first + 0.5 - ax, fromA, dx, dy, lengthSquared)
      if (v === 255) break
      if (v > data[row + first]) data[row + first] = v
    }
    for (; last > first; last--) {
      if (data[row + last] === 255) continue
      const v = levelAt(last + 0.5 - ax, fromA, dx, dy, lengthSquared)
      if (v === 255) break
      if (v > data[row + last]) data[row + last] = v
    }
    for (let p = row + first; p <= row + last; p++) data[p] = 255
  }
}

/** Ink, 0..255, at (x, y) px from the start of a segment of (dx, dy) px. */
function levelAt(x: number, y: number, dx: number, dy: number, lengthSquared: number): number {
  const t = lengthSquared === 0 ? 0 : clamp01((x * dx + y * dy) / lengthSquared)
  const ex = x - t * dx
  const ey = y - t * dy
  const distanceSquared = ex * ex + ey * ey
  if (distanceSquared >= REACH * REACH) return 0
  return distanceSquared <= COVERED ? 255 : Math.floor((REACH - Math.sqrt(distanceSquared)) * 255 + 0.5)
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
