/** The usual ways to write a 9, but for square lettering. */

import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

export const NINE: readonly Style[] = [
  {
    name: 'straight',
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => {
      const ry = draws.between(0.16, 0.3)
      const rx = draws.between(0.17, 0.3)
      return new Skeleton()
        .startArc(0, ry, rx, ry, draws.between(0.9, 1), draws.between(0, 0.06), square * 0.5)
        .corner(rx * draws.between(0.95, 1.1), ry * draws.between(0.7, 1))
        .corner(rx * draws.between(0.3, 1.1), 1)
    },
  },
  {
    name: 'curled', // the stem ends in a hook to the left
    weight: 2,
    pen: 13,
    skeleton: (draws, square) => {
      const ry = draws.between(0.16, 0.28)
      const rx = draws.between(0.2, 0.3)
      const tail = draws.between(0.8, 1.7)
      return new Skeleton()
        .startArc(0, ry, rx, ry, draws.between(0.86, 1), draws.between(-0.02, 0.04), square * 0.5)
        .corner(rx, ry * draws.between(0.6, 1))
        .to(rx * draws.between(0.95, 1.15), 0.62)
        .to(rx * draws.between(0.6, 0.9), draws.between(0.85, 0.92))
        .to(-rx * (tail - 0.8), 1)
        .to(-rx * tail, draws.between(0.82, 0.95))
    },
  },
  {
    name: 'slanted', // a straight stem from the loop's right side far to the left
    weight: 1,
    pen: 13,
    skeleton: (draws, square) => {
      const ry = draws.between(0.2, 0.28)
      const rx = draws.between(0.22, 0.3)
      return new Skeleton()
        .startArc(0, ry, rx, ry, draws.between(0.88, 0.98), draws.between(0, 0.03), square * 0.4)
        .to(rx * 0.6, 0.55)
        .to(-rx * draws.between(0, 0.7), 1)
    },
  },
  {
    name: 'p-mirrored', // an upright stem with a bowl on its left
    weight: 1.5,
    pen: 13,
    sharp: true,
    skeleton: (draws, square) => {
      const ry = draws.between(0.2, 0.29)
      const width = draws.between(0.36, 0.5)
      const y = ry + draws.between(-0.02, 0.04)
      const stem = new Skeleton().line([0, draws.between(-0.04, 0.03)], [draws.between(-0.05, 0.05), 1])
      return stem
        .start(draws.between(-0.02, 0.02), y - ry)
        .arc(-width * 0.45, y, width * 0.55, ry, -0.2, -0.8, square * 0.7)
        .to(0, y + ry * draws.between(0.75, 0.95))
    },
  },
  {
    name: 'open-loop',
    weight: 0.8,
    pen: 12,
    skeleton: (draws, square) => {
      const ry = draws.between(0.21, 0.29)
      const rx = draws.between(0.22, 0.3)
      return new Skeleton()
        .startArc(0, ry, rx, ry, draws.between(0.86, 0.9), 0.06, square * 0.5)
        .to(rx * 0.9, ry * draws.between(0.85, 1))
        .corner(rx * draws.between(0.95, 1.1), draws.between(0, 0.1))
        .corner(rx * draws.between(0.4, 1), 1)
    },
  },
]
