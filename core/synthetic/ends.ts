/** What happens where a pen is put down and lifted: strokes that end early or late, and hooks. In units of the drawing's height. */

import type { Draws } from './draws.ts'
import type { Place } from './skeleton.ts'

/** Points that a stroke needs for its ends to be changed. */
export const ENOUGH_FOR_ENDS = 5

/** Leaves out a little at either end. */
export function shorten(points: Place[], draws: Draws): void {
  const most = Math.min(3, Math.floor(points.length * 0.06) + 1)
  points.splice(points.length - draws.below(most + 1), most)
  points.splice(0, draws.below(most + 1))
}

/** Goes on beyond either end. */
export function lengthen(points: Place[], draws: Draws): void {
  for (const end of [0, 1]) {
    if (draws.chance(0.4)) continue
    const by = draws.between(0.02, 0.09)
    const [x, y, dx, dy] = outwards(points, end)
    const point: Place = [x + dx * by, y + dy * by]
    if (end === 0) points.unshift(point)
    else points.push(point)
  }
}

/** A short hook where the pen was put down or lifted while it moved. */
export function hook(points: Place[], draws: Draws): void {
  const end = draws.below(2)
  const [x, y, dx, dy] = outwards(points, end)
  const by = draws.between(0.02, 0.06)
  const side = draws.chance(0.5) ? 1 : -1
  const back = draws.between(-0.6, 0.4)
  const point: Place = [x + by * (dx * back - dy * side), y + by * (dy * back + dx * side)]
  if (end === 0) points.unshift(point)
  else points.push(point)
}

/** An end of a stroke, and the direction in which it ends. */
function outwards(points: readonly Place[], end: number): [x: number, y: number, dx: number, dy: number] {
  const [x, y] = points[end === 0 ? 0 : points.length - 1]
  const [fromX, fromY] = points[end === 0 ? 3 : points.length - 4]
  const [dx, dy] = [x - fromX, y - fromY]
  const length = Math.max(1e-6, Math.sqrt(dx * dx + dy * dy))
  return [x, y, dx / length, dy / length]
}
