/**
 * Skeletons of shapes and signs as short texts, and drawings of them: the same strokes as another hand would make them.
 *
 * A skeleton is strokes parted by `;`. A stroke is points `x,y` from 0 to 100, y down, joined by straight lines, or by a curve where it
 * begins with `~`. `o x,y,rx,ry` is an ellipse, and a single point is a dot.
 */

import type { Random } from '../../random.ts'

export type Spot = readonly [x: number, y: number]
export type Lines = Spot[][]

/** How one pseudo-writer draws. */
export interface Manner {
  readonly slant: number // px to the right per px upwards
  readonly aspect: number // width by height
  readonly wobble: number // standard deviation of each point, of 100
  readonly pen: number // px of the 112 px raster
}

const STEPS = 6 // pieces of a curve between two points
const PIECE = 9 // longest piece of a straight line: strokes are drawn as curves through their points, which would round the corners
const [COS, SIN] = [0.9238795325112867, 0.3826834323650898] // of an eighth of half a turn

/** Draws what a skeleton says, with joints that miss each other a little. */
export function drawSkeleton(skeleton: string, hand: Manner, random: Random): Lines {
  return skeleton.split(';').map((text) => {
    const curved = text.startsWith('~')
    if (text.startsWith('o')) {
      const [x, y, rx, ry] = text.slice(1).split(',').map(Number)
      return drawEllipse(x, y, rx, ry, hand, random)
    }
    const points = text
      .slice(curved ? 1 : 0)
      .trim()
      .split(' ')
      .map((point): Spot => {
        const [x, y] = point.split(',').map(Number)
        return shaken([x, y], hand.wobble, random)
      })
    return curved ? smoothThrough(points) : points
  })
}

/** An ellipse that begins anywhere and does not always close. */
export function drawEllipse(x: number, y: number, rx: number, ry: number, hand: Manner, random: Random): Spot[] {
  let [c, s] = [1, 0]
  const turn = (): void => {
    ;[c, s] = [c * COS - s * SIN, s * COS + c * SIN]
  }
  for (let skip = random.below(16); skip > 0; skip--) turn()
  const [wide, high] = [rx * (1 + 0.1 * normal(random)), ry * (1 + 0.1 * normal(random))]
  const count = 16 + random.below(3)
  const points: Spot[] = []
  for (let i = 0; i <= count; i++) {
    points.push(shaken([x + wide * c, y + high * s], Math.min(hand.wobble, rx / 6) / 2, random))
    turn()
  }
  return points
}

/** A point somewhere near. */
export function shaken([x, y]: Spot, wobble: number, random: Random): Spot {
  return [x + wobble * normal(random), y + wobble * normal(random)]
}

/** About normal, by the sum of four uniforms: mean 0, standard deviation 1, never beyond 3.5. */
export function normal(random: Random): number {
  return (random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2) * 1.7320508075688772
}

/** Uniform from low to high. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform()
}

/** The same lines with points on them, as a pen leaves them. */
export function withPointsBetween(lines: Lines): Lines {
  return lines.map((line) => {
    const points: Spot[] = line.slice(0, 1)
    for (let i = 1; i < line.length; i++) {
      const [[ax, ay], [bx, by]] = [line[i - 1], line[i]]
      const pieces = Math.ceil(Math.max(Math.abs(bx - ax), Math.abs(by - ay)) / PIECE)
      for (let k = 1; k <= pieces; k++) points.push([ax + ((bx - ax) * k) / pieces, ay + ((by - ay) * k) / pieces])
    }
    return points
  })
}

/** A Catmull-Rom curve through points. */
export function smoothThrough(points: readonly Spot[]): Spot[] {
  const curve: Spot[] = [points[0]]
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]]
    const [before, after] = [points[i - 2] ?? a, points[i + 1] ?? b]
    for (let k = 1; k <= STEPS; k++) {
      const t = k / STEPS
      const at = (axis: 0 | 1): number => {
        const [start, end] = [(b[axis] - before[axis]) / 2, (after[axis] - a[axis]) / 2]
        const across = b[axis] - a[axis]
        return a[axis] + t * (start + t * (3 * across - 2 * start - end + t * (start + end - 2 * across)))
      }
      curve.push([at(0), at(1)])
    }
  }
  return curve
}

/** Turns lines about the middle by an angle whose half has the tangent t: any angle but half a turn. */
export function turned(lines: Lines, t: number): Lines {
  const [c, s] = [(1 - t * t) / (1 + t * t), (2 * t) / (1 + t * t)]
  return lines.map((line) =>
    line.map(([x, y]): Spot => [50 + c * (x - 50) - s * (y - 50), 50 + s * (x - 50) + c * (y - 50)]),
  )
}

/** Stretches and slants lines as a hand does. */
export function slanted(lines: Lines, { slant, aspect }: Manner): Lines {
  return lines.map((line) => line.map(([x, y]): Spot => [(x - 50) * aspect + (50 - y) * slant, y - 50]))
}
