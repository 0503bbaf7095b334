/**
 * Numbers composed of single digits that one person drew: spaced, tight, touching, or joined by a pen that was not lifted. Seeded,
 * so that anyone gets the same numbers of the same digits.
 */

import type { Raster } from '../data/raster.ts'
import type { Strokes } from '../protocol.ts'
import { Random } from '../random.ts'

/** How near the digits of a number are to each other. In a joined one each digit begins where the pen left the one before. */
export const SPACINGS = ['spaced', 'tight', 'touching', 'joined'] as const

export type Spacing = (typeof SPACINGS)[number]

/** A digit that somebody drew, in any unit. */
export interface DrawnDigit {
  readonly label: number // 0..9
  readonly writer: string
  readonly strokes: Strokes
}

export interface ComposedNumber {
  readonly text: string
  readonly strokes: Strokes // units of which a digit is about HEIGHT high
  readonly pen: number // its diameter, units
  readonly height: number // of a digit in the picture, px
}

/** Height of a digit before it is varied, units. */
const HEIGHT = 100

/** Distance between neighbouring points where digits are pushed together, units. */
const STEP = 4

const MOST_DIGITS = 6

/** First of the random streams of numbers, one for each spacing. */
const STREAM = 0x6e750000

type Point = readonly [number, number]

/**
 * A number of 2 to 6 digits by one of the writers.
 * @param digits of all writers; all of one writer may be in any order
 * @param index which number: each is independent of the others
 */
export function composeNumber(
  digits: readonly DrawnDigit[],
  spacing: Spacing,
  seed: number,
  index: number,
): ComposedNumber {
  const random = new Random(seed, STREAM + SPACINGS.indexOf(spacing))
  random.counter = index * 64 // more than one number draws
  const { writer } = digits[random.below(digits.length)]
  const own = digits.filter((one) => one.writer === writer)
  const count = 2 + random.below(MOST_DIGITS - 1)
  const pen = 6 + 6 * random.uniform()
  const height = 32 + 64 * random.uniform()
  const placed: Point[] = []
  const strokes: Point[][] = []
  let text = ''
  let right = 0
  for (let k = 0; k < count; k++) {
    const chosen = own[random.below(own.length)]
    const digit = resize(chosen.strokes, HEIGHT * (0.9 + 0.2 * random.uniform()), 10 * (random.uniform() - 0.5))
    const points = densely(digit)
    const nearness = random.uniform()
    const shift =
      k === 0
        ? 0
        : spacing === 'spaced'
          ? right + pen + 12 + 30 * nearness
          : clearance(placed, points, spacing === 'touching' ? pen * (0.3 + 0.5 * nearness) : pen + 2 + 6 * nearness)
    const moved = digit.map((stroke) => stroke.map(([x, y]): Point => [x + shift, y]))
    for (const [x, y] of points) {
      placed.push([x + shift, y])
      if (x + shift > right) right = x + shift
    }
    if (spacing === 'joined' && k > 0) strokes[strokes.length - 1].push(...(moved.shift() ?? []))
    strokes.push(...moved)
    text += chosen.label
  }
  return { text, strokes, pen, height }
}

/** The picture of a number: dark ink on white paper, with room around it. */
export function drawNumber({ strokes, pen, height }: ComposedNumber): Raster {
  const scale = height / HEIGHT
  const points = strokes.flat()
  const [left, top] = [least(points, 0, 1), least(points, 1, 1)]
  const [right, bottom] = [-least(points, 0, -1), -least(points, 1, -1)]
  const margin = 12 + Math.ceil((pen * scale) / 2)
  const width = Math.ceil((right - left) * scale) + 2 * margin
  const rows = Math.ceil((bottom - top) * scale) + 2 * margin
  const data = new Uint8Array(width * rows).fill(255)
  const radius = (pen * scale) / 2
  const place = ([x, y]: Point): Point => [(x - left) * scale + margin, (y - top) * scale + margin]
  for (const stroke of strokes) {
    for (let k = 0; k < stroke.length; k++) {
      drawLine(data, width, place(stroke[Math.max(0, k - 1)]), place(stroke[k]), radius)
    }
  }
  return { width, height: rows, channels: 1, data }
}

/** The digit `height` high, or as wide where it is wider than high, with its left edge at 0 and its middle at `middle`. */
function resize(strokes: Strokes, height: number, middle: number): Point[][] {
  const points = strokes.flat()
  const [left, top] = [least(points, 0, 1), least(points, 1, 1)]
  const [right, bottom] = [-least(points, 0, -1), -least(points, 1, -1)]
  const scale = height / Math.max(right - left, bottom - top, 1e-9)
  const centre = (top + bottom) / 2
  return strokes
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => stroke.map(([x, y]): Point => [(x - left) * scale, (y - centre) * scale + middle]))
}

/** Points along all strokes, at most STEP apart. */
function densely(strokes: readonly (readonly Point[])[]): Point[] {
  const points: Point[] = []
  for (const stroke of strokes) {
    let [x, y] = stroke[0]
    for (const [toX, toY] of stroke) {
      const steps = Math.ceil(Math.sqrt((toX - x) * (toX - x) + (toY - y) * (toY - y)) / STEP)
      for (let k = 1; k <= steps; k++) points.push([x + ((toX - x) * k) / steps, y + ((toY - y) * k) / steps])
      x = toX
      y = toY
    }
    points.push([x, y])
  }
  return points
}

/** How far the second points must be moved right to be at least `distance` from the first, and all right of them. */
function clearance(first: readonly Point[], second: readonly Point[], distance: number): number {
  let most = 0
  for (const [ax, ay] of first) {
    for (const [bx, by] of second) {
      const rest = distance * distance - (ay - by) * (ay - by)
      if (rest > 0) most = Math.max(most, ax - bx + Math.sqrt(rest))
    }
  }
  return most
}

/** The least coordinate times `sign`, which is 1 or -1. */
function least(points: readonly Point[], axis: 0 | 1, sign: number): number {
  let value = Infinity
  for (const point of points) if (point[axis] * sign < value) value = point[axis] * sign
  return value
}

/** Darkens the pixels up to `radius` px from a line, with an edge one px wide. */
function drawLine(data: Uint8Array, width: number, [ax, ay]: Point, [bx, by]: Point, radius: number): void {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const reach = radius + 1
  const [x0, x1] = [Math.floor(Math.min(ax, bx) - reach), Math.ceil(Math.max(ax, bx) + reach)]
  const [y0, y1] = [Math.floor(Math.min(ay, by) - reach), Math.ceil(Math.max(ay, by) + reach)]
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const [ex, ey] = [x + 0.5 - ax, y + 0.5 - ay]
      const along = length > 0 ? Math.max(0, Math.min(1, (ex * dx + ey * dy) / length)) : 0
      const [ox, oy] = [ex - along * dx, ey - along * dy]
      const ink = Math.max(0, Math.min(1, radius + 0.5 - Math.sqrt(ox * ox + oy * oy)))
      const level = Math.floor(255 * (1 - ink) + 0.5)
      if (level < data[y * width + x]) data[y * width + x] = level
    }
  }
}
