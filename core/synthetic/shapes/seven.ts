/** The usual ways to write a 7, but for square lettering. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

/** A 7's bar and stem. `serif`: length of the stroke down at the bar's left end. */
function bar(draws: Draws, serif: number): Skeleton {
  const width = draws.between(0.5, 0.78)
  const tilt = draws.between(-0.03, 0.05)
  const left = draws.between(-0.02, 0.02)
  const skeleton = new Skeleton()
  if (serif > 0) skeleton.line([left + draws.between(-0.04, 0.03), serif], [left, 0])
  else skeleton.start(left, 0)
  if (draws.chance(0.3)) skeleton.to(width / 2, tilt / 2 + draws.between(-0.03, 0.05))
  skeleton.corner(width, tilt)
  const foot = width * draws.between(0.2, 0.75)
  if (draws.chance(0.4)) skeleton.to((width + foot) / 2 - draws.between(0, 0.1), draws.between(0.42, 0.55))
  return skeleton.corner(foot, 1)
}

function crossed(draws: Draws, serif: number): Skeleton {
  const skeleton = bar(draws, serif)
  const stroke = skeleton.strokes[0]
  const [top, foot] = [stroke.findLast(({ y }) => y < 0.2), stroke[stroke.length - 1]]
  const y = draws.between(0.4, 0.62)
  const x = (top?.x ?? 0) + (foot.x - (top?.x ?? 0)) * y
  const tilt = draws.between(-0.05, 0.05)
  return skeleton.line([x - draws.between(0.13, 0.26), y + tilt], [x + draws.between(0.1, 0.26), y - tilt])
}

export const SEVEN: readonly Style[] = [
  { name: 'plain', weight: 2.5, pen: 16, skeleton: (draws) => bar(draws, 0) },
  { name: 'crossed', weight: 2, pen: 14, skeleton: (draws) => crossed(draws, 0) },
  { name: 'serif', weight: 1.2, pen: 14, skeleton: (draws) => bar(draws, draws.between(0.08, 0.26)) },
  { name: 'serif-crossed', weight: 0.8, pen: 12, skeleton: (draws) => crossed(draws, draws.between(0.08, 0.22)) },
]
