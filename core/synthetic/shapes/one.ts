/** The usual ways to write a 1, but for square lettering. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

/** A 1's flag and stem from the flag's end; `along` from the top down the flag in units of the height, `fall` how steep. */
function flagged(draws: Draws, along: number, fall: number, bow: number): Skeleton {
  const x = -along / Math.sqrt(1 + fall * fall)
  const skeleton = new Skeleton().start(x, -x * fall)
  if (bow !== 0) skeleton.to(x * 0.45, -x * fall * 0.5 + bow)
  return skeleton.corner(0, 0).corner(draws.between(-0.06, 0.03), 1)
}

export const ONE: readonly Style[] = [
  {
    name: 'bar',
    weight: 2,
    pen: 22,
    skeleton: (draws) => {
      const bow = draws.chance(0.6) ? 0 : draws.between(-0.05, 0.05)
      return new Skeleton().start(0, 0).to(bow, 0.5).to(draws.between(-0.04, 0.04), 1)
    },
  },
  {
    name: 'bar-leaning',
    weight: 1,
    pen: 18,
    skeleton: (draws) =>
      new Skeleton().start(draws.between(0.15, 0.4) * (draws.chance(0.85) ? 1 : -0.5), 0).corner(0, 1),
  },
  {
    name: 'flag-short',
    weight: 2,
    pen: 18,
    sharp: true,
    skeleton: (draws) => flagged(draws, draws.between(0.14, 0.3), draws.between(0.45, 1.6), draws.between(-0.01, 0.03)),
  },
  {
    name: 'flag-long',
    weight: 3,
    pen: 16,
    sharp: true,
    skeleton: (draws) => flagged(draws, draws.between(0.3, 0.56), draws.between(0.5, 1.5), draws.between(-0.03, 0.04)),
  },
  {
    name: 'flag-steep', // an upstroke of nearly the stem's length
    weight: 1,
    pen: 12,
    sharp: true,
    skeleton: (draws) => flagged(draws, draws.between(0.5, 0.85), draws.between(1.1, 2), draws.between(-0.03, 0.05)),
  },
  {
    name: 'flag-flat',
    weight: 1.5,
    pen: 14,
    sharp: true,
    skeleton: (draws) => {
      const along = draws.between(0.15, 0.34)
      return flagged(draws, along, draws.between(0.25, 0.4) + along * 0.6, 0)
    },
  },
  {
    name: 'flag-foot',
    weight: 2,
    pen: 14,
    sharp: true,
    skeleton: (draws) => {
      const skeleton = flagged(draws, draws.between(0.15, 0.45), draws.between(0.5, 1.5), 0)
      const tilt = draws.between(-0.03, 0.03)
      const y = 1 + draws.between(-0.03, 0.02)
      return skeleton.line([-draws.between(0.15, 0.35), y + tilt], [draws.between(0.12, 0.35), y - tilt])
    },
  },
  {
    name: 'serif-foot', // as printed: a short flat flag
    weight: 0.6,
    pen: 12,
    sharp: true,
    skeleton: (draws) => {
      const skeleton = flagged(draws, draws.between(0.12, 0.24), draws.between(0.05, 0.5), 0)
      return skeleton.line([-draws.between(0.18, 0.3), 1], [draws.between(0.18, 0.3), 1])
    },
  },
]
