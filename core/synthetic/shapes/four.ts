/** The usual ways to write a 4, but for square lettering. */

import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

export const FOUR: readonly Style[] = [
  {
    name: 'open',
    weight: 2,
    pen: 18,
    skeleton: (draws) => {
      const bar = draws.between(0.5, 0.68)
      const stem = draws.between(0.42, 0.55)
      const top = draws.between(0, 0.15)
      return new Skeleton()
        .line(
          [draws.between(0.02, 0.2), top],
          [draws.between(-0.05, 0.03), bar],
          [stem + draws.between(0.05, 0.28), bar + draws.between(-0.07, 0.05)],
        )
        .line([stem + draws.between(-0.03, 0.1), draws.between(-0.05, 0.2)], [stem + draws.between(-0.06, 0.03), 1])
    },
  },
  {
    name: 'open-low', // the stem begins a little above the bar
    weight: 0.7,
    pen: 12,
    skeleton: (draws) => {
      const bar = draws.between(0.48, 0.66)
      const stem = draws.between(0.32, 0.5)
      const right = stem + draws.between(0.04, 0.22)
      const tilt = draws.between(-0.05, 0.05)
      return new Skeleton()
        .line([draws.between(0.1, 0.32), 0], [0, bar], [right, bar + tilt])
        .line([stem + draws.between(0, 0.05), bar - draws.between(0.12, 0.32)], [stem - draws.between(0, 0.08), 1])
    },
  },
  {
    name: 'open-bowl', // the left side bends into the bar, as a u
    weight: 1,
    pen: 14,
    skeleton: (draws) => {
      const bar = draws.between(0.42, 0.6)
      const stem = draws.between(0.32, 0.58)
      return new Skeleton()
        .start(draws.between(0, 0.08), draws.between(0, 0.12))
        .to(-0.02, bar * 0.55)
        .to(draws.between(0.03, 0.1), bar)
        .to(stem * 0.6, bar + draws.between(0, 0.03))
        .to(stem + draws.between(0, 0.15), bar - draws.between(0.02, 0.12))
        .line([stem + draws.between(-0.02, 0.08), draws.between(-0.04, 0.1)], [stem + draws.between(-0.08, 0.02), 1])
    },
  },
  {
    name: 'triangle', // closed at the top, the bar crosses the stem
    weight: 2.5,
    pen: 14,
    sharp: true,
    skeleton: (draws) => {
      const bar = draws.between(0.55, 0.74)
      const stem = draws.between(0.4, 0.58)
      const apex = stem + draws.between(-0.03, 0.05)
      return new Skeleton()
        .line(
          [apex, 0],
          [draws.between(-0.03, 0.03), bar],
          [stem + draws.between(0.06, 0.28), bar + draws.between(-0.05, 0.03)],
        )
        .line([apex + draws.between(-0.03, 0.03), draws.between(-0.03, 0.06)], [stem + draws.between(-0.05, 0.03), 1])
    },
  },
  {
    name: 'closed', // in one stroke: the bar goes up the stem again or ends on it
    weight: 3,
    pen: 12,
    sharp: true,
    skeleton: (draws) => {
      const bar = draws.between(0.34, 0.57)
      const stem = draws.between(0.3, 0.5)
      const beyond = draws.chance(0.5) ? draws.between(-0.02, 0.02) : draws.between(0.02, 0.14)
      const tilt = draws.between(-0.06, 0.1)
      const apex = stem + draws.between(-0.1, 0.06)
      return new Skeleton().line(
        [stem + beyond, bar + tilt],
        [0, bar],
        [apex, 0],
        [stem + draws.between(-0.06, 0.1), 1],
      )
    },
  },
  {
    name: 'closed-slant', // a loop of three sides that hangs on a slanted stem
    weight: 1.5,
    pen: 10,
    sharp: true,
    skeleton: (draws) => {
      const top = draws.between(0.35, 0.6)
      const foot = draws.between(0.08, 0.35)
      const along = draws.between(0.35, 0.55)
      const left = draws.between(0.2, 0.34)
      const [x, y] = [top + (foot - top) * along, along]
      const drop = draws.between(-0.02, 0.1)
      return new Skeleton().line([x + draws.between(-0.02, 0.12), y + 0.03], [x - left, y - drop], [top, 0], [foot, 1])
    },
  },
  {
    name: 'lightning',
    weight: 0.3,
    pen: 10,
    skeleton: (draws) => {
      const bar = draws.between(0.5, 0.62)
      const right = draws.between(0.42, 0.6)
      return new Skeleton().line(
        [draws.between(0.25, 0.4), 0],
        [draws.between(-0.03, 0.03), bar],
        [right, bar - draws.between(0, 0.08)],
        [right, bar - draws.between(0.2, 0.32)],
        [right - draws.between(0, 0.12), 1],
      )
    },
  },
]
