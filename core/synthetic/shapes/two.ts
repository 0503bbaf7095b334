/** The usual ways to write a 2, but for square lettering. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

/** A 2 down to its foot: hook, head and neck. Returns the skeleton and how far left the foot begins. */
function neck(draws: Draws, square: number): Skeleton {
  const width = draws.between(0.5, 0.9)
  const head = draws.between(0.18, 0.33)
  const from = draws.between(0.4, 0.62)
  return new Skeleton()
    .startArc(width / 2, head, width * draws.between(0.4, 0.5), head, from, 1.08, square * 0.6)
    .to(width * draws.between(0.5, 0.68), draws.between(0.58, 0.68))
}

export const TWO: readonly Style[] = [
  {
    name: 'flat-foot',
    weight: 2,
    pen: 18,
    skeleton: (draws, square) =>
      neck(draws, square)
        .corner(draws.between(-0.02, 0.08), draws.between(0.93, 1))
        .corner(draws.between(0.55, 0.85), draws.between(0.93, 1.02)),
  },
  {
    name: 'loop',
    weight: 1.5,
    pen: 9,
    skeleton: (draws, square) => {
      const skeleton = neck(draws, square).to(0.2, 0.86)
      const size = draws.between(0.06, 0.2)
      skeleton
        .to(0.06, 0.97)
        .to(-0.03, 0.96 - size * 0.5)
        .to(0.06, 0.93 - size)
        .to(0.22, 0.9 - size * 0.2)
      return skeleton
        .to(draws.between(0.4, 0.5), draws.between(0.96, 1.02))
        .to(draws.between(0.62, 0.9), draws.between(0.85, 0.97))
    },
  },
  {
    name: 'wave', // the foot is a wave from a sharp or narrow turn
    weight: 1,
    pen: 14,
    skeleton: (draws, square) =>
      neck(draws, square)
        .corner(draws.between(-0.02, 0.06), draws.between(0.92, 1))
        .to(draws.between(0.15, 0.25), draws.between(0.84, 0.9))
        .to(draws.between(0.4, 0.5), draws.between(0.95, 1))
        .to(draws.between(0.62, 0.85), draws.between(0.85, 0.97)),
  },
  {
    name: 'angular', // like a Z, with a head that bends
    weight: 1.5,
    pen: 14,
    skeleton: (draws) => {
      const width = draws.between(0.5, 0.75)
      const top = draws.between(0, 0.05)
      return new Skeleton()
        .start(draws.between(0, 0.06), top + draws.between(0.06, 0.18))
        .to(width * 0.35, top - 0.02)
        .to(width * 0.85, top + draws.between(0.02, 0.06))
        .to(width, draws.between(0.18, 0.28))
        .to(width * 0.75, draws.between(0.42, 0.5))
        .corner(draws.between(-0.02, 0.04), draws.between(0.95, 1))
        .corner(width * draws.between(0.9, 1.15), draws.between(0.95, 1.02))
    },
  },
]
