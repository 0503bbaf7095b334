/**
 * Skeletons of digits: strokes through joints, with curves between smooth joints and angles at corners. Lengths are in units of
 * about the digit's height; y points down.
 */

import type { Draws } from './draws.ts'

/** A point that can be changed in place. */
export type Place = [x: number, y: number]

/** A joint: a point that a stroke runs through. */
export interface Joint {
  x: number
  y: number
  readonly corner: boolean // the stroke changes its direction at once
}

/** Length of the pieces that curves are divided into. */
const PIECE = 0.035

/** Joints of a whole turn. */
const JOINTS_PER_TURN = 8

/** (cos, sin) of an angle in turns: 0 is right, 0.25 down, 0.5 left, 0.75 up. + - * / only; error below 4e-6. */
export function direction(turns: number): Place {
  const quarter = Math.floor(turns * 4 + 0.5)
  const x = (turns - quarter / 4) * 6.283185307179586 // -pi/4 to pi/4
  const xx = x * x
  const cos = 1 - (xx / 2) * (1 - (xx / 12) * (1 - (xx / 30) * (1 - xx / 56)))
  const sin = x * (1 - (xx / 6) * (1 - (xx / 20) * (1 - xx / 42)))
  switch (quarter & 3) {
    case 0:
      return [cos, sin]
    case 1:
      return [-sin, cos]
    case 2:
      return [-cos, -sin]
    default:
      return [sin, -cos]
  }
}

/** Strokes under construction. */
export class Skeleton {
  readonly strokes: Joint[][] = []

  /** Begins a stroke. */
  start(x: number, y: number): this {
    this.strokes.push([{ x, y, corner: true }])
    return this
  }

  /** Goes on smoothly. */
  to(x: number, y: number): this {
    this.strokes[this.strokes.length - 1].push({ x, y, corner: false })
    return this
  }

  /** Goes on to a corner. */
  corner(x: number, y: number): this {
    this.strokes[this.strokes.length - 1].push({ x, y, corner: true })
    return this
  }

  /** Goes through corners, or begins a stroke of corners. */
  line(...points: readonly (readonly [number, number])[]): this {
    this.start(...points[0])
    for (const point of points.slice(1)) this.corner(...point)
    return this
  }

  /**
   * Goes along part of an ellipse, both ends included.
   * @param from where it starts, turns, see `direction`; `to` > `from` is clockwise on the screen
   * @param square 0 an ellipse, 1 a rectangle
   * @param grow factor of the radii at the end: below 1 a spiral that ends inside
   */
  arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number, square = 0, grow = 1): this {
    const count = Math.max(2, Math.ceil(Math.abs(to - from) * JOINTS_PER_TURN))
    for (let i = 0; i <= count; i++) {
      const [x, y] = direction(from + ((to - from) * i) / count)
      const scale = (1 + ((grow - 1) * i) / count) / (1 - square + square * Math.max(Math.abs(x), Math.abs(y)))
      this.to(cx + rx * x * scale, cy + ry * y * scale)
    }
    return this
  }

  /** Begins a stroke at the start of such a part. */
  startArc(cx: number, cy: number, rx: number, ry: number, from: number, to: number, square = 0, grow = 1): this {
    this.strokes.push([])
    return this.arc(cx, cy, rx, ry, from, to, square, grow)
  }
}

/** Moves every joint by up to `by`, more at corners and ends than on curves. */
export function shake(strokes: readonly (readonly Joint[])[], by: number, draws: Draws): void {
  for (const stroke of strokes) {
    for (const joint of stroke) {
      const reach = joint.corner ? by : by * 0.6
      joint.x += reach * draws.centred()
      joint.y += reach * draws.centred()
    }
  }
}

/**
 * A stroke with its corners cut off.
 * @param size length that is cut on either side, at most 0.4 of the piece between two joints
 * @param round whether a curve takes the place of the corner, or a straight bevel
 */
export function bevel(stroke: readonly Joint[], size: number, round: boolean): Joint[] {
  const result: Joint[] = []
  for (let i = 0; i < stroke.length; i++) {
    const joint = stroke[i]
    if (!joint.corner || i === 0 || i === stroke.length - 1) {
      result.push(joint)
      continue
    }
    for (const next of [stroke[i - 1], stroke[i + 1]]) {
      const [dx, dy] = [next.x - joint.x, next.y - joint.y]
      const share = Math.min(0.4, size / Math.max(1e-6, Math.sqrt(dx * dx + dy * dy)))
      result.push({ x: joint.x + dx * share, y: joint.y + dy * share, corner: !round })
    }
  }
  return result
}

/** The points of a stroke, PIECE apart or closer: straight between corners, else the centripetal Catmull-Rom curve. */
export function trace(stroke: readonly Joint[]): Place[] {
  const points: Place[] = [[stroke[0].x, stroke[0].y]]
  for (let i = 0; i + 1 < stroke.length; i++) {
    const [from, to] = [stroke[i], stroke[i + 1]]
    const before = from.corner || i === 0 ? undefined : stroke[i - 1]
    const after = to.corner || i + 2 === stroke.length ? undefined : stroke[i + 2]
    addPiece(points, before, from, to, after)
  }
  return points
}

/** A cubic Hermite piece with the tangents of the centripetal Catmull-Rom curve; a missing neighbour leaves the chord's tangent. */
function addPiece(points: Place[], before: Joint | undefined, a: Joint, b: Joint, after: Joint | undefined): void {
  const [chordX, chordY] = [b.x - a.x, b.y - a.y]
  const length = Math.sqrt(chordX * chordX + chordY * chordY)
  if (length < 1e-6) return
  let [startX, startY, endX, endY] = [chordX, chordY, chordX, chordY]
  const d = Math.sqrt(length)
  if (before !== undefined) {
    const [x, y] = [a.x - before.x, a.y - before.y]
    const e = Math.max(1e-3, Math.sqrt(Math.sqrt(x * x + y * y)))
    startX = d * (x / e - (x + chordX) / (e + d)) + chordX
    startY = d * (y / e - (y + chordY) / (e + d)) + chordY
  }
  if (after !== undefined) {
    const [x, y] = [after.x - b.x, after.y - b.y]
    const e = Math.max(1e-3, Math.sqrt(Math.sqrt(x * x + y * y)))
    endX = d * (x / e - (x + chordX) / (e + d)) + chordX
    endY = d * (y / e - (y + chordY) / (e + d)) + chordY
  }
  // with one neighbour missing, that end's tangent is the one of a parabola
  if (before === undefined && after !== undefined) {
    startX = 1.5 * chordX - endX / 2
    startY = 1.5 * chordY - endY / 2
  }
  if (after === undefined && before !== undefined) {
    endX = 1.5 * chordX - startX / 2
    endY = 1.5 * chordY - startY / 2
  }
  const count = Math.ceil(length / PIECE)
  for (let i = 1; i <= count; i++) {
    const t = i / count
    const s = 1 - t
    const [h1, h2, h3] = [t * t * (3 - 2 * t), t * s * s, -t * t * s]
    points.push([a.x + h1 * chordX + h2 * startX + h3 * endX, a.y + h1 * chordY + h2 * startY + h3 * endY])
  }
}
