/** Pen strokes to a picture: what a canvas would have shown, drawn with a round antialiased pen. */

import { InputError } from './errors.ts'
import type { Strokes } from './protocol.ts'
import type { Raster } from './raster.ts'

/** Side of the picture, px. */
const SIDE = 112

/** Longer side of the drawing, pen included, px: four times the 20 px it has after preprocessing. */
const DRAWING = 80

/** Diameter of the pen, px. */
const PEN = 9

/** Points of one drawing, at most; a JSON body of 16 KiB holds 2,700. */
export const MAX_POINTS = 4096

/**
 * White ink on black paper, 1 byte per px. The drawing is scaled to a fixed size first, so the unit and the scale of the
 * points do not matter. Strokes of one point are dots. Throws InputError 422: no_strokes where there is no point at
 * all, bad_strokes where a coordinate is not a finite number, too_many_points.
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

  // Halves, so that the extent of coordinates near the largest double does not overflow.
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

/** Adds the pen's way from a to b. A pixel's ink is how far its centre lies inside the pen's edge, 0 to 1 px. */
function drawSegment(data: Uint8Array, ax: number, ay: number, bx: number, by: number): void {
  const reach = PEN / 2 + 0.5
  const dx = bx - ax
  const dy = by - ay
  const lengthSquared = dx * dx + dy * dy
  const covered = (reach - 1) * (reach - 1)
  const firstY = Math.max(0, Math.floor(Math.min(ay, by) - reach))
  const lastY = Math.min(SIDE - 1, Math.ceil(Math.max(ay, by) + reach))
  for (let y = firstY; y <= lastY; y++) {
    const py = y + 0.5
    // The part of the segment that this row can see limits the columns to look at.
    let x0 = Math.min(ax, bx)
    let x1 = Math.max(ax, bx)
    if (dy !== 0) {
      const t0 = clamp01((py - reach - ay) / dy)
      const t1 = clamp01((py + reach - ay) / dy)
      x0 = Math.min(ax + t0 * dx, ax + t1 * dx)
      x1 = Math.max(ax + t0 * dx, ax + t1 * dx)
    }
    const firstX = Math.max(0, Math.floor(x0 - reach))
    const lastX = Math.min(SIDE - 1, Math.ceil(x1 + reach))
    const down = (py - ay) * dy
    for (let x = firstX, p = y * SIDE + firstX; x <= lastX; x++, p++) {
      if (data[p] === 255) continue // points lie close: most of the pen's way is drawn already
      const px = x + 0.5
      const t = lengthSquared === 0 ? 0 : clamp01(((px - ax) * dx + down) / lengthSquared)
      const ex = px - ax - t * dx
      const ey = py - ay - t * dy
      const distanceSquared = ex * ex + ey * ey
      if (distanceSquared >= reach * reach) continue
      const level = distanceSquared <= covered ? 255 : Math.floor((reach - Math.sqrt(distanceSquared)) * 255 + 0.5)
      if (level > data[p]) data[p] = level
    }
  }
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
