/** The usual ways to write a 5, but for square lettering. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

/** A 5 from the top of its stem: stem, angle and bowl. `end`: how far the bowl goes round, turns. */
function stemAndBowl(skeleton: Skeleton, draws: Draws, square: number, left: number, end: number): Skeleton {
  const waist = draws.between(0.32, 0.5)
  const rx = draws.between(0.2, 0.36)
  const stem = left + draws.between(-0.1, 0.02)
  skeleton.corner(stem, waist + draws.between(0.02, 0.08))
  return skeleton.arc(stem + rx * 0.95, (1 + waist) / 2, rx, (1 - waist) / 2, -0.32, end, square * 0.5)
}

export const FIVE: readonly Style[] = [
  {
    name: 'one-stroke',
    weight: 2,
    pen: 16,
    skeleton: (draws, square) => {
      const bar = draws.between(0.35, 0.85)
      const top = draws.between(-0.2, 0.08) * bar
      const skeleton = new Skeleton().line([bar, top], [0.05, draws.between(-0.02, 0.04)])
      return stemAndBowl(skeleton, draws, square, 0.05, draws.between(0.36, 0.46))
    },
  },
  {
    name: 'bar-apart', // the bar is a stroke of its own, which may miss the stem
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => {
      const skeleton = new Skeleton().start(0.05, draws.between(0, 0.06))
      stemAndBowl(skeleton, draws, square, 0.05, draws.between(0.36, 0.46))
      const x = 0.05 + draws.between(-0.08, 0.12)
      const y = draws.between(-0.1, 0.05)
      return skeleton.line([x, y], [draws.between(0.38, 0.85), y + draws.between(-0.12, 0.05)])
    },
  },
  {
    name: 'bowl-closes',
    weight: 2,
    pen: 8,
    skeleton: (draws, square) => {
      const skeleton = new Skeleton().line([draws.between(0.5, 0.75), draws.between(-0.04, 0.04)], [0.05, 0])
      return stemAndBowl(skeleton, draws, square, 0.05, draws.between(0.46, 0.53))
    },
  },
  {
    name: 'smooth', // nearly an S, with the angle at the top
    weight: 1.2,
    pen: 14,
    sharp: true,
    skeleton: (draws, square) => {
      const waist = draws.between(0.4, 0.5)
      const rx = draws.between(0.25, 0.33)
      return new Skeleton()
        .line([draws.between(0.5, 0.68), draws.between(-0.04, 0.04)], [draws.between(0.06, 0.14), 0])
        .to(draws.between(-0.01, 0.04), waist * 0.65)
        .to(0.1, waist * 0.97)
        .arc(rx, (1 + waist) / 2, rx, (1 - waist) / 2, -0.2, draws.between(0.36, 0.46), square * 0.5)
    },
  },
]
