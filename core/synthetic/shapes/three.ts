/** The usual ways to write a 3, but for square lettering. */

import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

export const THREE: readonly Style[] = [
  {
    name: 'round',
    weight: 2,
    pen: 16,
    skeleton: (draws, square) => {
      const waist = draws.between(0.38, 0.54)
      const [upper, lower] = [draws.between(0.15, 0.3), draws.between(0.2, 0.36)]
      const tip = draws.between(0.05, 0.18)
      return new Skeleton()
        .startArc(0, waist / 2, upper, waist / 2, draws.between(0.52, 0.66), 1.17, square * 0.6)
        .corner(-draws.between(-0.02, 0.1), waist)
        .arc(tip * 0.3, (1 + waist) / 2, lower, (1 - waist) / 2, -0.17, draws.between(0.32, 0.47), square * 0.6)
    },
  },
  {
    name: 'smooth', // without an angle in the middle
    weight: 0.8,
    pen: 14,
    skeleton: (draws, square) => {
      const waist = draws.between(0.44, 0.52)
      return new Skeleton()
        .startArc(0, waist / 2, draws.between(0.22, 0.3), waist / 2, draws.between(0.52, 0.66), 1.14, square * 0.5)
        .to(draws.between(-0.02, 0.06), waist)
        .arc(
          0,
          (1 + waist) / 2,
          draws.between(0.26, 0.36),
          (1 - waist) / 2,
          -0.14,
          draws.between(0.32, 0.47),
          square * 0.5,
        )
    },
  },
  {
    name: 'looped', // a small loop in the middle
    weight: 0.7,
    pen: 8,
    skeleton: (draws) => {
      const waist = draws.between(0.42, 0.5)
      const size = draws.between(0.04, 0.08)
      const lower = draws.between(0.26, 0.36)
      return new Skeleton()
        .startArc(0, waist / 2, draws.between(0.24, 0.3), waist / 2, draws.between(0.52, 0.66), 1.17)
        .to(-0.05, waist + size)
        .to(-0.14, waist)
        .to(-0.05, waist - size)
        .arc(0, (1 + waist) / 2, lower, (1 - waist) / 2, -0.15, draws.between(0.32, 0.47))
    },
  },
  {
    name: 'flat-top',
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => {
      const waist = draws.between(0.32, 0.47)
      const width = draws.between(0.5, 0.7)
      const lower = draws.between(0.27, 0.36)
      return new Skeleton()
        .line(
          [draws.between(-0.02, 0.06), draws.between(-0.02, 0.04)],
          [width, draws.between(-0.03, 0.03)],
          [width * draws.between(0.35, 0.55), waist],
        )
        .arc(width - lower, (1 + waist) / 2, lower, (1 - waist) / 2, -0.2, draws.between(0.32, 0.47), square * 0.6)
    },
  },
]
