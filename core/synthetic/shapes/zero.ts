/** The usual ways to write a 0, but for square lettering. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

/** A closed 0 of the given width whose ends meet nearly, wherever the writer starts. */
function ring(draws: Draws, square: number, low: number, high: number): [Skeleton, number] {
  const rx = draws.between(low, high) / 2
  const from = draws.between(0.55, 0.95)
  const turn = (draws.chance(0.75) ? -1 : 1) * draws.between(0.97, 1.05)
  return [new Skeleton().startArc(0, 0, rx, 0.5, from, from + turn, square, draws.between(0.93, 1.03)), rx]
}

function slashed(draws: Draws, square: number, low: number, high: number): Skeleton {
  const [skeleton, rx] = ring(draws, square, 0.56, 0.85)
  const lean = draws.chance(0.75) ? 1 : -1
  // along the ellipse's diagonal, nearer to upright or flatter
  const [x, y] = [rx * draws.between(0.55, 0.85), 0.5 * draws.between(0.5, 0.8)]
  const [first, second] = [draws.between(low, high), draws.between(low, high)]
  return skeleton.line([lean * x * first, -y * first], [-lean * x * second, y * second])
}

export const ZERO: readonly Style[] = [
  { name: 'oval', weight: 2, pen: 22, skeleton: (draws, square) => ring(draws, square, 0.5, 0.8)[0] },
  { name: 'narrow', weight: 1, pen: 11, sharp: true, skeleton: (draws, square) => ring(draws, square, 0.3, 0.5)[0] },
  { name: 'wide', weight: 1, pen: 22, skeleton: (draws, square) => ring(draws, square * 0.4, 0.8, 1.25)[0] },
  { name: 'slash-inside', weight: 1.5, pen: 10, skeleton: (draws, square) => slashed(draws, square, 0.75, 1.15) },
  { name: 'slash-across', weight: 3, pen: 10, skeleton: (draws, square) => slashed(draws, square, 1.3, 1.85) },
  {
    name: 'dotted',
    weight: 0.7,
    pen: 9,
    skeleton: (draws, square) => {
      const skeleton = ring(draws, square, 0.6, 0.85)[0]
      const x = draws.between(-0.03, 0.03)
      const y = draws.between(-0.05, 0.05)
      return skeleton.line([x, y], [x + draws.between(-0.02, 0.02), y + draws.between(0, 0.07)])
    },
  },
  {
    name: 'ends-cross', // at the top, as a loop or with ends that stand out
    weight: 1.5,
    pen: 12,
    skeleton: (draws, square) => {
      const rx = draws.between(0.5, 0.8) / 2
      const from = draws.between(0.72, 0.82)
      const out = draws.between(0.03, 0.14)
      const skeleton = new Skeleton().start(draws.between(0.1, 0.22), -0.5 - draws.between(-0.03, out))
      skeleton.arc(0, 0, rx, 0.5, from - 0.03, from - 0.9, square)
      return skeleton
        .to(rx * draws.between(0, 0.3), -0.5 + draws.between(-0.02, 0.05))
        .to(-rx * draws.between(0.1, 0.35), -0.5 - draws.between(-0.06, out))
    },
  },
  {
    name: 'gap',
    weight: 1,
    pen: 12,
    skeleton: (draws, square) => {
      const from = draws.between(0.68, 0.88)
      const end = from - 1 + draws.between(0.02, 0.06)
      return new Skeleton().startArc(0, 0, draws.between(0.5, 0.8) / 2, 0.5, from, end, square)
    },
  },
]
