/** The usual ways to write 0 to 4, but for square lettering. */

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
  const [skeleton, rx] = ring(draws, square, 0.5, 0.85)
  const lean = draws.chance(0.75) ? 1 : -1
  // along the ellipse's diagonal, nearer to upright or flatter
  const [x, y] = [rx * draws.between(0.55, 0.85), 0.5 * draws.between(0.5, 0.8)]
  const [first, second] = [draws.between(low, high), draws.between(low, high)]
  return skeleton.line([lean * x * first, -y * first], [-lean * x * second, y * second])
}

const ZERO: readonly Style[] = [
  { name: 'oval', weight: 2, pen: 22, skeleton: (draws, square) => ring(draws, square, 0.5, 0.8)[0] },
  { name: 'narrow', weight: 1, pen: 11, sharp: true, skeleton: (draws, square) => ring(draws, square, 0.3, 0.5)[0] },
  { name: 'wide', weight: 1, pen: 22, skeleton: (draws, square) => ring(draws, square * 0.4, 0.8, 1.05)[0] },
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

/** A 1's flag and stem from the flag's end; `along` from the top down the flag in units of the height, `fall` how steep. */
function flagged(draws: Draws, along: number, fall: number, bow: number): Skeleton {
  const x = -along / Math.sqrt(1 + fall * fall)
  const skeleton = new Skeleton().start(x, -x * fall)
  if (bow !== 0) skeleton.to(x * 0.45, -x * fall * 0.5 + bow)
  return skeleton.corner(0, 0).corner(draws.between(-0.06, 0.03), 1)
}

const ONE: readonly Style[] = [
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
      new Skeleton().start(draws.between(0.2, 0.45) * (draws.chance(0.85) ? 1 : -0.5), 0).corner(0, 1),
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

/** A 2 down to its foot: hook, head and neck. Returns the skeleton and how far left the foot begins. */
function neck(draws: Draws, square: number): Skeleton {
  const width = draws.between(0.5, 0.75)
  const head = draws.between(0.2, 0.3)
  const from = draws.between(0.42, 0.6)
  return new Skeleton()
    .startArc(width / 2, head, width * draws.between(0.4, 0.5), head, from, 1.08, square * 0.6)
    .to(width * draws.between(0.55, 0.68), draws.between(0.56, 0.66))
}

const TWO: readonly Style[] = [
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
      const size = draws.between(0.06, 0.13)
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

const THREE: readonly Style[] = [
  {
    name: 'round',
    weight: 2,
    pen: 16,
    skeleton: (draws, square) => {
      const waist = draws.between(0.42, 0.52)
      const [upper, lower] = [draws.between(0.2, 0.3), draws.between(0.25, 0.36)]
      const tip = draws.between(0.05, 0.18)
      return new Skeleton()
        .startArc(0, waist / 2, upper, waist / 2, draws.between(0.52, 0.66), 1.17, square * 0.6)
        .corner(-draws.between(-0.02, 0.1), waist)
        .arc(tip * 0.3, (1 + waist) / 2, lower, (1 - waist) / 2, -0.17, draws.between(0.36, 0.46), square * 0.6)
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
          draws.between(0.36, 0.46),
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
        .arc(0, (1 + waist) / 2, lower, (1 - waist) / 2, -0.15, draws.between(0.36, 0.46))
    },
  },
  {
    name: 'flat-top',
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => {
      const waist = draws.between(0.36, 0.46)
      const width = draws.between(0.5, 0.7)
      const lower = draws.between(0.27, 0.36)
      return new Skeleton()
        .line(
          [draws.between(-0.02, 0.06), draws.between(-0.02, 0.04)],
          [width, draws.between(-0.03, 0.03)],
          [width * draws.between(0.35, 0.55), waist],
        )
        .arc(width - lower, (1 + waist) / 2, lower, (1 - waist) / 2, -0.2, draws.between(0.36, 0.46), square * 0.6)
    },
  },
]

const FOUR: readonly Style[] = [
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
    name: 'open-bowl', // the left side bends into the bar, as a u
    weight: 1,
    pen: 14,
    skeleton: (draws) => {
      const bar = draws.between(0.45, 0.6)
      const stem = draws.between(0.42, 0.58)
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
      const foot = draws.between(0, 0.25)
      const along = draws.between(0.35, 0.55)
      const left = draws.between(0.2, 0.34)
      const [x, y] = [top + (foot - top) * along, along]
      const drop = draws.between(-0.02, 0.1)
      return new Skeleton().line([x + draws.between(-0.02, 0.12), y + 0.03], [x - left, y - drop], [top, 0], [foot, 1])
    },
  },
  {
    name: 'lightning',
    weight: 0.5,
    pen: 10,
    skeleton: (draws) => {
      const bar = draws.between(0.5, 0.62)
      const right = draws.between(0.42, 0.6)
      return new Skeleton().line(
        [draws.between(0.25, 0.4), 0],
        [draws.between(-0.03, 0.03), bar],
        [right, bar - draws.between(0, 0.08)],
        [right, bar - draws.between(0.15, 0.28)],
        [right - draws.between(0, 0.12), 1],
      )
    },
  },
]

export const LOW_DIGITS: readonly (readonly Style[])[] = [ZERO, ONE, TWO, THREE, FOUR]
