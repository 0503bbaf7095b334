/** Rasterizes pen strokes as a canvas would show them: a round antialiased pen along a curve through the points. */

import type { Raster } from './data/raster.ts'
import { InputError } from './errors.ts'
import { curveThrough, type StrokePoint } from './preprocess/curve.ts'
import type { Strokes } from './protocol.ts'

/** Side of the picture, px. */
const SIDE = 112

/** Longer side of the drawing, pen included, px: four times the 20 px it has after preprocessing. */
const DRAWING = 80

/** Diameter of the usual pen, px. */
const PEN = 9

/** Diameters of the pen, px. */
const MIN_PEN = 1
const MAX_PEN = 40

/** Differences of lengths below this come from rounding, px. */
const ROUNDING = 1e-6

/** Shares of a segment by which the line across its start is moved back, so that rounding leaves no gap. */
const SLACK = 1e-9

/** Points of one drawing, at most. */
export const MAX_POINTS = 4096

/**
 * White ink on black paper, 1 byte per px. The drawing is scaled to a fixed size first, so unit and scale of the points make no
 * difference. Strokes of one point are dots.
 * @param pen diameter of the pen, px of the picture of 112 x 112 px; 1 to 40
 * @throws InputError 422 no_strokes without any point, bad_strokes where a coordinate is not finite, too_many_points
 * @throws RangeError for another pen
 */
export function rasterizeStrokes(strokes: Strokes, pen = PEN): Raster {
  if (!(pen >= MIN_PEN && pen <= MAX_PEN)) throw new RangeError(`pen of ${pen} px, expected ${MIN_PEN} to ${MAX_PEN}`)
  const data = new Uint8Array(SIDE * SIDE)
  const reach = pen / 2 + 0.5
  for (const curve of placeCurves(strokes, pen)) {
    let [fromX, fromY] = curve[0]
    for (let k = 0; k < curve.length; k++) {
      const toX = curve[k][0]
      const toY = curve[k][1]
      drawSegment(data, reach, fromX, fromY, toX, toY)
      fromX = toX
      fromY = toY
    }
  }
  return { width: SIDE, height: SIDE, channels: 1, data, paper: 0 }
}

/** The curves through the strokes' points, px, in the middle of the picture; none is empty. */
function placeCurves(strokes: Strokes, pen: number): StrokePoint[][] {
  const toPixels = scaleToPixels(strokes, pen)
  const pieces = Math.floor(MAX_POINTS / strokes.reduce((sum, { length }) => sum + length, 0))
  const curves: StrokePoint[][] = []
  for (const stroke of strokes) {
    if (stroke.length === 0) continue
    curves.push(curveThrough(stroke.map(toPixels), pen, pieces))
  }
  // between its points a curve may reach beyond them
  const longest = DRAWING - pen
  const { left, right, top, bottom } = boxOf(curves)
  const extent = Math.max(right - left, bottom - top)
  if (extent <= longest + ROUNDING) return curves
  const scale = longest / extent
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2]
  return curves.map((curve) =>
    curve.map((point) => [SIDE / 2 + (point[0] - middleX) * scale, SIDE / 2 + (point[1] - middleY) * scale] as const),
  )
}

/** Maps a point of the drawing to px of the picture, the points' box to its middle. */
function scaleToPixels(strokes: Strokes, pen: number): (point: StrokePoint) => StrokePoint {
  let count = 0
  for (const stroke of strokes) {
    for (const point of stroke) {
      if (!Number.isFinite(point[0]) || !Number.isFinite(point[1])) {
        throw new InputError(422, 'bad_strokes', 'A point must be two finite numbers')
      }
    }
    count += stroke.length
  }
  if (count === 0) throw new InputError(422, 'no_strokes', 'Got no points: a drawing needs at least one stroke')
  if (count > MAX_POINTS) {
    throw new InputError(422, 'too_many_points', `Got ${count} points, at most ${MAX_POINTS} are accepted`)
  }

  const { left, right, top, bottom } = boxOf(strokes)
  // halved before subtracting, so that coordinates near the largest f64 do not overflow
  const extent = Math.max(right / 2 - left / 2, bottom / 2 - top / 2)
  const middleX = left / 2 + right / 2
  const middleY = top / 2 + bottom / 2
  const toPixel = (value: number, middle: number): number =>
    extent === 0 ? SIDE / 2 : SIDE / 2 + ((value / 2 - middle / 2) / extent) * (DRAWING - pen)
  return (point) => [toPixel(point[0], middleX), toPixel(point[1], middleY)]
}

/** The box of all points. */
function boxOf(strokes: Strokes) {
  let left = Infinity
  let right = -Infinity
  let top = Infinity
  let bottom = -Infinity
  for (const stroke of strokes) {
    // read by index: to take a point apart makes an iterator, which takes longer than all of this
    for (let k = 0; k < stroke.length; k++) {
      const x = stroke[k][0]
      const y = stroke[k][1]
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      if (y > bottom) bottom = y
    }
  }
  return { left, right, top, bottom }
}

/**
 * Adds the segment from a to b, row by row, but for the half disc behind a: what was drawn up to a covers that. A pixel's ink is the
 * distance of its centre inside the pen's edge, 0 to 1 px. The covered area is convex: each row meets it in one span, and all pixels
 * between two of full ink have full ink.
 * @param reach distance from its middle up to which the pen leaves ink, px
 */
function drawSegment(data: Uint8Array, reach: number, ax: number, ay: number, bx: number, by: number): void {
  const dx = bx - ax
  const dy = by - ay
  const lengthSquared = dx * dx + dy * dy
  const ratio = lengthSquared > 0 ? reach / Math.sqrt(lengthSquared) : 0
  const nx = -dy * ratio // from the middle of the segment to its edge
  const ny = dx * ratio
  const beside = Math.abs(ny)
  const perY = 1 / dy
  const slope = beside > 0 ? nx / ny : 0 // of the line across
  const firstY = Math.max(0, Math.floor(Math.min(ay - beside, by - reach)))
  const lastY = Math.min(SIDE - 1, Math.ceil(Math.max(ay + beside, by + reach)))
  for (let y = firstY; y <= lastY; y++) {
    const py = y + 0.5
    const fromA = py - ay
    const fromB = py - by
    // the span: from the first to the last point where the row meets the pen at b, one of both edges, or the line across a
    let x0 = SIDE
    let x1 = 0
    const chord = reach * reach - fromB * fromB
    if (chord > 0) {
      const half = Math.sqrt(chord)
      x0 = bx - half
      x1 = bx + half
    }
    if (dy !== 0) {
      const t0 = (fromA - ny) * perY
      if (t0 > -SLACK && t0 < 1) {
        const x = ax + nx + t0 * dx
        if (x < x0) x0 = x
        if (x > x1) x1 = x
      }
      const t1 = (fromA + ny) * perY
      if (t1 > -SLACK && t1 < 1) {
        const x = ax - nx + t1 * dx
        if (x < x0) x0 = x
        if (x > x1) x1 = x
      }
    }
    if (Math.abs(fromA) < beside * (1 + SLACK)) {
      const x = ax + fromA * slope
      if (x < x0) x0 = x
      if (x > x1) x1 = x
    }
    const row = y * SIDE
    let first = x0 <= 0.5 ? 0 : Math.ceil(x0 - 0.5) | 0 // whole numbers to the compiler, too
    let last = x1 >= SIDE - 0.5 ? SIDE - 1 : Math.floor(x1 - 0.5) | 0
    // points are close together, so most of the span is drawn already: go from either end to the first pixel of full ink
    for (; first <= last; first++) {
      if (data[row + first] === 255) continue
      const v = levelAt(first + 0.5 - ax, fromA, dx, dy, lengthSquared, reach)
      if (v === 255) break
      if (v > data[row + first]) data[row + first] = v
    }
    for (; last > first; last--) {
      if (data[row + last] === 255) continue
      const v = levelAt(last + 0.5 - ax, fromA, dx, dy, lengthSquared, reach)
      if (v === 255) break
      if (v > data[row + last]) data[row + last] = v
    }
    for (let p = row + first; p <= row + last; p++) data[p] = 255
  }
}

/** Ink, 0..255, at (x, y) px from the start of a segment of (dx, dy) px. */
function levelAt(x: number, y: number, dx: number, dy: number, lengthSquared: number, reach: number): number {
  const t = lengthSquared === 0 ? 0 : clamp01((x * dx + y * dy) / lengthSquared)
  const ex = x - t * dx
  const ey = y - t * dy
  const distanceSquared = ex * ex + ey * ey
  if (distanceSquared >= reach * reach) return 0
  return distanceSquared <= (reach - 1) * (reach - 1) ? 255 : ((reach - Math.sqrt(distanceSquared)) * 255 + 0.5) | 0
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
