/**
 * Drawings of people as another hand or device would have made them: another slant, pen, sampling, bows that close or stay open,
 * hooks at ends. What is drawn stays recognisable.
 */

import type { SyntheticDrawing } from './drawing.ts'
import { Draws } from './draws.ts'
import { ENOUGH_FOR_ENDS, hook, lengthen, shorten } from './ends.ts'
import { boxOf, drawnBy, type Hand, PENS } from './hand.ts'
import type { Place } from './skeleton.ts'

// The stream of core/random.ts: the index times STREAMS, plus this; see styles.ts.
const [VARIED, STREAMS] = [3, 4]

/** Distance of the points between which strokes are changed, of the drawing's longer side. */
const STEP = 0.03

/** Longest stroke, of the drawing's longer side: bounds time and memory for scribbles. */
const LONGEST = 40

/** Two ends of a stroke nearer than this may be drawn together, of the drawing's longer side. */
const NEAR = 0.16

/**
 * A drawing changed as seed and index say; label and writer stay. The same on every machine.
 * @param drawing of at least one point; y points down
 * @param seed u32
 * @param index below 2^30
 */
export function variedDrawing(drawing: SyntheticDrawing, seed: number, index: number): SyntheticDrawing {
  const draws = new Draws(seed, index * STREAMS + VARIED)
  const box = boxOf(drawing.strokes)
  const unit = Math.max(box.width, box.height)
  const scale = unit > 0 && Number.isFinite(unit) ? 1 / unit : 1
  const proportion = unit > 0 ? box.width / Math.max(box.height, box.width / 100) : 1
  const strokes: Place[][] = []
  const smooth = draws.chance(0.3) ? 1 + draws.below(3) : 0
  const drift = draws.chance(0.4) ? 0.06 : 0
  const ends = draws.uniform()
  for (const stroke of drawing.strokes) {
    if (stroke.length === 0) continue
    const points = evenly(
      stroke.map(([x, y]) => [(x - box.left) * scale, (y - box.top) * scale]),
      STEP,
    )
    smoothFast(points, smooth)
    if (points.length >= ENOUGH_FOR_ENDS) {
      if (ends < 0.22) closeBow(points, draws)
      else if (ends < 0.44) shorten(points, draws)
      else if (ends < 0.64) lengthen(points, draws)
      else if (ends < 0.78) hook(points, draws)
    }
    move(points, drift * draws.centred(), drift * draws.centred())
    strokes.push(...(draws.chance(0.04) ? interrupted(points, draws) : [points]))
  }
  const hand = handOf(drawing.label, proportion, draws)
  const pen =
    PENS.thinnest + (thickestFor(drawing.label, proportion) - PENS.thinnest) * draws.uniform() * draws.between(0.4, 1)
  return {
    label: drawing.label,
    writer: drawing.writer,
    strokes: drawnBy(strokes, hand, draws),
    pen: Math.floor(pen * 4 + 0.5) / 4,
  }
}

/** Pens that close the bowls of a digit make it another one; nobody knows for what is no digit. */
function thickestFor(label: number, proportion: number): number {
  const narrow = Math.min(1, proportion / 0.6)
  switch (label) {
    case 1:
      return 18
    case 7:
      return 14
    case 0:
      return 8 + 12 * narrow
    case 8:
      return 6 + 6 * narrow
    case 4:
      return 7 + 5 * narrow
    default:
      return 7 + 9 * narrow
  }
}

/** @param proportion width by height: what is wide already, or leans, is not made wider or leant further */
function handOf(label: number, proportion: number, draws: Draws): Hand {
  const oneOrSeven = label === 1 || label === 7 // told by the angle and length of a stroke
  const shaky = draws.uniform()
  const device = draws.uniform()
  return {
    degrees: (oneOrSeven ? 5 : 10) * draws.centred(),
    aspect: draws.between(0.65, Math.max(1, Math.min(oneOrSeven ? 1.12 : 1.45, 1.2 / proportion))),
    slant: draws.between(-0.22, proportion > 0.75 ? 0.08 : 0.32),
    warp: draws.between(0.02, 0.19),
    tremor: draws.chance(0.5) ? 0.035 * shaky * shaky : 0,
    pace: device < 0.3 ? draws.between(0.1, 0.24) : draws.between(0.03, 0.1),
    size: Math.floor(draws.chance(0.3) ? draws.between(22, 60) : draws.between(60, 300)),
  }
}

/** Points at the same distance along a stroke; both ends are kept. */
function evenly(stroke: readonly Place[], step: number): Place[] {
  const result: Place[] = [[...stroke[0]]]
  let left = step
  let room = LONGEST
  for (let i = 1; i < stroke.length && room > 0; i++) {
    const [x, y] = stroke[i - 1]
    const [dx, dy] = [stroke[i][0] - x, stroke[i][1] - y]
    const length = Math.sqrt(dx * dx + dy * dy)
    room -= length
    let at = left
    for (; at <= length; at += step) result.push([x + (dx * at) / length, y + (dy * at) / length])
    left = at - length
  }
  const last = stroke[stroke.length - 1]
  result.push([last[0], last[1]])
  return result
}

/** Rounds off what a fast pen rounds off: every pass takes a mean of three points. */
function smoothFast(points: readonly Place[], passes: number): void {
  for (let pass = 0; pass < passes; pass++) {
    let [beforeX, beforeY] = points[0]
    for (let i = 1; i + 1 < points.length; i++) {
      const [x, y] = points[i]
      points[i][0] = (beforeX + 2 * x + points[i + 1][0]) / 4
      points[i][1] = (beforeY + 2 * y + points[i + 1][1]) / 4
      beforeX = x
      beforeY = y
    }
  }
}

/** Draws the two ends of a stroke together, or apart, where they are near each other. */
function closeBow(points: readonly Place[], draws: Draws): void {
  const [first, last] = [points[0], points[points.length - 1]]
  const [dx, dy] = [last[0] - first[0], last[1] - first[1]]
  if (dx * dx + dy * dy > NEAR * NEAR) return
  const by = draws.between(-0.25, 0.5)
  const reach = Math.min(8, Math.floor(points.length / 4))
  for (let i = 0; i < reach; i++) {
    const share = by * (1 - i / reach)
    points[i][0] += dx * share
    points[i][1] += dy * share
    points[points.length - 1 - i][0] -= dx * share
    points[points.length - 1 - i][1] -= dy * share
  }
}

function move(points: readonly Place[], dx: number, dy: number): void {
  for (const point of points) {
    point[0] += dx
    point[1] += dy
  }
}

/** The two parts of a stroke with a small gap, where the pen lost contact. */
function interrupted(points: Place[], draws: Draws): Place[][] {
  if (points.length < 20) return [points]
  const at = Math.floor(points.length * draws.between(0.25, 0.75))
  return [points.slice(0, at), points.slice(at + 2 + draws.below(2))]
}
