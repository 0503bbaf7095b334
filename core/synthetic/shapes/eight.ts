/** The usual ways to write a 8, but for square lettering. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

/** An 8 in one stroke: a closed walk of two lobes, from one of its joints. */
function figure(draws: Draws, square: number, from: number, gap: number): Skeleton {
  const waist = draws.between(0.4, 0.54)
  const [upper, lower] = [draws.between(0.15, 0.3), draws.between(0.19, 0.33)]
  const walk = new Skeleton()
    .startArc(0, waist / 2, upper, waist / 2, 1.08, 0.42, square * 0.5)
    .to(0, waist)
    .arc(0, (1 + waist) / 2, lower, (1 - waist) / 2, -0.08, 0.58, square * 0.5)
    .to(0, waist)
  const joints = walk.strokes[0]
  const first = Math.floor(from * joints.length)
  const mirror = draws.chance(0.2) ? -1 : 1
  const stroke = [...joints.slice(first), ...joints.slice(0, first + 1)].map(({ x, y }) => {
    return { x: x * mirror, y, corner: false }
  })
  const [start, end] = [stroke[0], stroke[stroke.length - 1]]
  start.x += gap * draws.centred()
  start.y += gap * draws.centred()
  end.x += gap * draws.centred()
  end.y += gap * draws.centred()
  const skeleton = new Skeleton()
  skeleton.strokes.push(stroke)
  return skeleton
}

export const EIGHT: readonly Style[] = [
  {
    name: 'from-top',
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => figure(draws, square, draws.between(0, 0.15), 0.06),
  },
  {
    name: 'from-anywhere',
    weight: 1.5,
    pen: 14,
    skeleton: (draws, square) => figure(draws, square, draws.uniform(), 0.06),
  },
  { name: 'open', weight: 1, pen: 9, skeleton: (draws, square) => figure(draws, square, draws.between(0, 0.12), 0.12) },
  {
    name: 'ribbon', // an S, and a straight stroke back to its start, which may be missed
    weight: 1.5,
    pen: 11,
    skeleton: (draws, square) => {
      const [upper, lower] = [draws.between(0.17, 0.28), draws.between(0.17, 0.28)]
      const [head, tail] = [draws.between(0.17, 0.24), draws.between(0.17, 0.24)]
      const mirror = draws.chance(0.8) ? 1 : -1
      const x = mirror * upper
      return new Skeleton()
        .startArc(0, head, x, head, draws.between(0.9, 1.02), 0.45, square * 0.4)
        .to(mirror * 0.02, 0.48)
        .arc(0, 1 - tail, mirror * lower, tail, -0.04, 0.53, square * 0.4)
        .to(x * draws.between(0.6, 1.15), draws.between(-0.04, 0.16))
    },
  },
  {
    name: 'circles',
    weight: 2,
    pen: 13,
    skeleton: (draws, square) => {
      const waist = draws.between(0.4, 0.54)
      const [upper, lower] = [draws.between(0.17, 0.29), draws.between(0.23, 0.34)]
      const overlap = draws.between(-0.02, 0.06)
      const [a, b] = [draws.uniform(), draws.uniform()]
      return new Skeleton()
        .startArc(draws.between(-0.04, 0.04), waist / 2, upper, waist / 2, a, a + draws.between(0.95, 1.04), square)
        .startArc(
          0,
          (1 + waist - overlap) / 2,
          lower,
          (1 - waist + overlap) / 2,
          b,
          b - draws.between(0.95, 1.04),
          square,
        )
    },
  },
]
