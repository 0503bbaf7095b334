/**
 * What a hand and a device make of strokes: a smooth warp, slant, tremor, the points that are sampled, and whole pixels. For
 * digits of the generators and for drawings of people alike.
 */

import { affine } from '../augment/affine.ts'
import type { Draws } from './draws.ts'
import type { Place } from './skeleton.ts'

export interface Hand {
  readonly degrees: number // turned by, clockwise
  readonly aspect: number // factor of the width
  readonly slant: number // px of x per px of y, positive leans to the right
  readonly warp: number // largest shift by a smooth map of the plane, of the drawing's height
  readonly tremor: number // largest shift across a stroke, of the drawing's height
  readonly pace: number // distance of the sampled points where the stroke is straight, of the drawing's height; closer at bends
  readonly size: number // longer side, px; points are rounded to 1 px
}

/** Pen widths that fit no digit with two bowls are left to those with none: see `pen` of a style. Px of the 112 px raster. */
export const PENS = { thinnest: 4, thickest: 22 } as const

/** Length along which the tremor goes on in one direction, of the drawing's height. */
const TREMOR_LENGTH = 0.11

/** How much closer points are sampled where the stroke bends: a right angle counts as this much length. */
const BEND = 0.45

/** The strokes as this hand draws them, in px from 0 on; y points down. Strokes are changed. */
export function drawnBy(strokes: Place[][], hand: Hand, draws: Draws): Place[][] {
  const first = boxOf(strokes)
  const unit = Math.max(first.width, first.height, 1e-6)
  const map = warpAndTurn(hand, draws)
  for (const stroke of strokes) {
    for (const point of stroke) {
      const x = (2 * point[0] - 2 * first.left - first.width) / unit // -1..1
      const y = (2 * point[1] - 2 * first.top - first.height) / unit
      map(point, x, y)
    }
    if (hand.tremor > 0) tremble(stroke, hand.tremor, draws)
  }
  const sampled = strokes.map((stroke) => sample(stroke, hand.pace))
  const box = boxOf(sampled)
  const scale = hand.size / Math.max(box.width, box.height, 1e-6)
  return sampled.map((stroke) => rounded(stroke, scale, box.left, box.top))
}

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export function boxOf(strokes: readonly (readonly (readonly [number, number])[])[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      if (y > bottom) bottom = y
    }
  }
  return { left, top, width: right - left, height: bottom - top }
}

/** A map of the square from -1 to 1 to one of side 1: polynomials of degree 3 with small random factors, then the affine part. */
function warpAndTurn(hand: Hand, draws: Draws): (target: Place, x: number, y: number) => void {
  const factors = Array.from({ length: 10 }, () => draws.centred() * hand.warp)
  const { a, b, c, d } = affine(hand.degrees, hand.aspect / 2, 0.5, hand.slant)
  return (target, x, y) => {
    // each term is at most 1 on the square and moves different parts of it
    const [xx, yy, xy] = [x * x - 0.5, y * y - 0.5, x * y]
    const [cubicX, cubicY] = [y * (yy - 0.25) * 2, x * (xx - 0.25) * 2]
    const u = x + factors[0] * yy + factors[1] * xy + factors[2] * xx + factors[3] * cubicX + factors[4] * x * yy
    const v = y + factors[5] * xx + factors[6] * xy + factors[7] * yy + factors[8] * cubicY + factors[9] * y * xx
    target[0] = a * u + b * v
    target[1] = c * u + d * v
  }
}

/** Moves the points of a stroke by noise that changes smoothly along it. */
function tremble(stroke: readonly Place[], reach: number, draws: Draws): void {
  let [fromX, fromY, toX, toY] = [0, 0, reach * draws.centred(), reach * draws.centred()]
  let [lastX, lastY] = stroke[0]
  let along = TREMOR_LENGTH
  for (const point of stroke) {
    const [dx, dy] = [point[0] - lastX, point[1] - lastY]
    lastX = point[0]
    lastY = point[1]
    along += Math.sqrt(dx * dx + dy * dy)
    if (along >= TREMOR_LENGTH) {
      along = Math.min(along - TREMOR_LENGTH, TREMOR_LENGTH)
      fromX = toX
      fromY = toY
      toX = reach * draws.centred()
      toY = reach * draws.centred()
    }
    const t = along / TREMOR_LENGTH
    const weight = t * t * (3 - 2 * t)
    point[0] += fromX + (toX - fromX) * weight
    point[1] += fromY + (toY - fromY) * weight
  }
}

/** Points of a dense stroke as a device samples a pen that slows down at bends. Both ends are kept. */
function sample(stroke: readonly Place[], pace: number): Place[] {
  if (stroke.length < 3) return [...stroke]
  const kept: Place[] = [stroke[0]]
  let passed = 0
  for (let i = 1; i + 1 < stroke.length; i++) {
    const [x, y] = stroke[i]
    const [dx, dy] = [x - stroke[i - 1][0], y - stroke[i - 1][1]]
    const [ex, ey] = [stroke[i + 1][0] - x, stroke[i + 1][1] - y]
    const [length, next] = [Math.sqrt(dx * dx + dy * dy), Math.sqrt(ex * ex + ey * ey)]
    const turn = length > 0 && next > 0 ? Math.min(2, 1 - (dx * ex + dy * ey) / (length * next)) : 0
    passed += length + BEND * turn
    if (passed < pace && turn < 0.5) continue
    kept.push(stroke[i])
    passed = 0
  }
  kept.push(stroke[stroke.length - 1])
  return kept
}

/** In whole px, without points that repeat the one before. */
function rounded(stroke: readonly Place[], scale: number, left: number, top: number): Place[] {
  const result: Place[] = []
  for (const [x, y] of stroke) {
    const point: Place = [Math.floor((x - left) * scale + 0.5), Math.floor((y - top) * scale + 0.5)]
    const last = result[result.length - 1]
    if (last === undefined || last[0] !== point[0] || last[1] !== point[1]) result.push(point)
  }
  return result
}
