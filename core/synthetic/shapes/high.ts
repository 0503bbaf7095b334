/** The usual ways to write 5 to 9, but for square lettering. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

/** A 5 from the top of its stem: stem, angle and bowl. `end`: how far the bowl goes round, turns. */
function stemAndBowl(skeleton: Skeleton, draws: Draws, square: number, left: number, end: number): Skeleton {
  const waist = draws.between(0.36, 0.48)
  const rx = draws.between(0.26, 0.36)
  const stem = left + draws.between(-0.07, 0.02)
  skeleton.corner(stem, waist + draws.between(0.02, 0.08))
  return skeleton.arc(stem + rx * 0.95, (1 + waist) / 2, rx, (1 - waist) / 2, -0.32, end, square * 0.5)
}

const FIVE: readonly Style[] = [
  {
    name: 'one-stroke',
    weight: 2,
    pen: 16,
    skeleton: (draws, square) => {
      const top = draws.between(-0.05, 0.05)
      const skeleton = new Skeleton().line([draws.between(0.42, 0.7), top], [0.05, draws.between(-0.02, 0.05)])
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
      return skeleton.line([x, y], [draws.between(0.42, 0.75), y + draws.between(-0.08, 0.05)])
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

/** A loop that begins and ends at its left side, or its right: the 6's, or turned the 9's. */
const SIX: readonly Style[] = [
  {
    name: 'curved',
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => {
      const top = draws.between(0.42, 0.56) // of the loop
      const rx = draws.between(0.22, 0.33)
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

/** A 7's bar and stem. `serif`: length of the stroke down at the bar's left end. */
function bar(draws: Draws, serif: number): Skeleton {
  const width = draws.between(0.5, 0.78)
  const tilt = draws.between(-0.05, 0.05)
  const left = draws.between(-0.02, 0.02)
  const skeleton = new Skeleton()
  if (serif > 0) skeleton.line([left + draws.between(-0.04, 0.03), serif], [left, 0])
  else skeleton.start(left, 0)
  if (draws.chance(0.3)) skeleton.to(width / 2, tilt / 2 + draws.between(-0.03, 0.05))
  skeleton.corner(width, tilt)
  const foot = width * draws.between(0.2, 0.75)
  if (draws.chance(0.4)) skeleton.to((width + foot) / 2 - draws.between(0, 0.1), draws.between(0.42, 0.55))
  return skeleton.corner(foot, 1)
}

function crossed(draws: Draws, serif: number): Skeleton {
  const skeleton = bar(draws, serif)
  const stroke = skeleton.strokes[0]
  const [top, foot] = [stroke.findLast(({ y }) => y < 0.2), stroke[stroke.length - 1]]
  const y = draws.between(0.4, 0.62)
  const x = (top?.x ?? 0) + (foot.x - (top?.x ?? 0)) * y
  const tilt = draws.between(-0.05, 0.05)
  return skeleton.line([x - draws.between(0.13, 0.26), y + tilt], [x + draws.between(0.1, 0.26), y - tilt])
}

const SEVEN: readonly Style[] = [
  { name: 'plain', weight: 2.5, pen: 18, skeleton: (draws) => bar(draws, 0) },
  { name: 'crossed', weight: 2, pen: 14, skeleton: (draws) => crossed(draws, 0) },
  { name: 'serif', weight: 1.2, pen: 14, skeleton: (draws) => bar(draws, draws.between(0.08, 0.26)) },
  { name: 'serif-crossed', weight: 0.8, pen: 12, skeleton: (draws) => crossed(draws, draws.between(0.08, 0.22)) },
]

/** An 8 in one stroke: a closed walk of two lobes, from one of its joints. */
function figure(draws: Draws, square: number, from: number, gap: number): Skeleton {
  const waist = draws.between(0.42, 0.52)
  const [upper, lower] = [draws.between(0.18, 0.28), draws.between(0.23, 0.33)]
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

const EIGHT: readonly Style[] = [
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

const NINE: readonly Style[] = [
  {
    name: 'straight',
    weight: 2,
    pen: 14,
    skeleton: (draws, square) => {
      const ry = draws.between(0.21, 0.29)
      const rx = draws.between(0.2, 0.3)
      return new Skeleton()
        .startArc(0, ry, rx, ry, draws.between(0.92, 1), draws.between(0, 0.06), square * 0.5)
        .corner(rx * draws.between(0.95, 1.1), ry * draws.between(0.7, 1))
        .corner(rx * draws.between(0.3, 1.1), 1)
    },
  },
  {
    name: 'curled', // the stem ends in a hook to the left
    weight: 2,
    pen: 13,
    skeleton: (draws, square) => {
      const ry = draws.between(0.2, 0.28)
      const rx = draws.between(0.22, 0.3)
      return new Skeleton()
        .startArc(0, ry, rx, ry, draws.between(0.9, 1), draws.between(-0.02, 0.04), square * 0.5)
        .corner(rx, ry)
        .to(rx * draws.between(0.95, 1.1), 0.62)
        .to(rx * draws.between(0.6, 0.9), draws.between(0.85, 0.92))
        .to(0, 1)
        .to(-rx * draws.between(0.7, 1), draws.between(0.85, 0.93))
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

export const HIGH_DIGITS: readonly (readonly Style[])[] = [FIVE, SIX, SEVEN, EIGHT, NINE]
