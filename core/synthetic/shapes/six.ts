/** The usual ways to write a 6, but for square lettering. */

import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

export const SIX: readonly Style[] = [
  {
    name: 'curved',
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => {
      const top = draws.between(0.42, 0.64) // of the loop
      const rx = draws.between(0.16, 0.35)
      const end = draws.between(-0.52, -0.4)
      return new Skeleton()
        .start(rx * draws.between(0.3, 1), draws.between(0, 0.04))
        .to(-rx * draws.between(0.1, 0.4), draws.between(0.15, 0.22))
        .to(-rx * draws.between(0.8, 1), draws.between(0.42, 0.5))
        .arc(0, (1 + top) / 2, rx, (1 - top) / 2, 0.48, end, square * 0.5, draws.between(0.95, 1.05))
    },
  },
  {
    name: 'straight', // a slanted or upright stem and a loop
    weight: 1,
    pen: 12,
    skeleton: (draws, square) => {
      const top = draws.between(0.42, 0.58)
      const rx = draws.between(0.22, 0.33)
      return new Skeleton()
        .start(rx * draws.between(-0.8, 0.6), 0)
        .corner(-rx, (1 + top) / 2 - 0.1)
        .arc(0, (1 + top) / 2, rx, (1 - top) / 2, 0.46, draws.between(-0.53, -0.42), square * 0.5)
    },
  },
  {
    name: 'short-stem', // a wide loop with a stroke that comes down to its left side
    weight: 3,
    pen: 13,
    skeleton: (draws, square) => {
      const ry = draws.between(0.27, 0.36)
      const rx = ry * draws.between(0.95, 1.5)
      const y = 1 - ry
      const deep = draws.between(-0.6, 0.25)
      return new Skeleton()
        .start(rx * draws.between(-0.45, 0.35), draws.between(0, 0.06))
        .corner(-rx * draws.between(0.75, 1), y + ry * (deep + 0.1))
        .arc(0, y, rx, ry, draws.between(0.44, 0.5), draws.between(-0.56, -0.46), square * 0.4)
    },
  },
  {
    name: 'hook', // nearly a 0: the loop is closed by a stroke from the right side back to the left
    weight: 1.5,
    pen: 11,
    skeleton: (draws, square) => {
      const rx = draws.between(0.27, 0.36)
      const top = draws.between(0.26, 0.38)
      return new Skeleton()
        .startArc(0, 0.5, rx, 0.5, draws.between(0.75, 0.86), 0.5, square * 0.4)
        .arc(0, (1 + top) / 2, rx, (1 - top) / 2, 0.42, draws.between(-0.44, -0.34), square * 0.4)
        .to(-rx * draws.between(0.7, 1), (1 + top) / 2 - draws.between(-0.02, 0.1))
    },
  },
  {
    name: 'open-loop', // the loop's end stops before the stem
    weight: 0.8,
    pen: 12,
    skeleton: (draws, square) => {
      const top = draws.between(0.42, 0.55)
      const rx = draws.between(0.24, 0.33)
      return new Skeleton()
        .start(rx * draws.between(0.2, 0.9), 0)
        .to(-rx * draws.between(0.2, 0.5), draws.between(0.18, 0.24))
        .to(-rx, draws.between(0.45, 0.55))
        .arc(
          0,
          (1 + top) / 2,
          rx,
          (1 - top) / 2,
          0.48,
          draws.between(-0.36, -0.28),
          square * 0.5,
          draws.between(0.8, 1),
        )
    },
  },
]
