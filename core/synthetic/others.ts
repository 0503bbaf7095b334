/**
 * Drawings of what is not a digit: shapes, signs, letters, parts of digits, scribbles. What many people would take for a digit is not
 * among them, so that no two drawings that look alike have different labels.
 */

import { OTHER } from '../data/dataset.ts'
import { Random } from '../random.ts'
import type { SyntheticDrawing } from './drawing.ts'
import { DIGIT_PARTS } from './others/digit-parts.ts'
import {
  between,
  drawSkeleton,
  type Lines,
  type Manner,
  slanted,
  turned,
  withPointsBetween,
} from './others/notation.ts'
import { SCRIBBLES } from './others/scribbles.ts'
import { SHAPES, TURNING } from './others/shapes.ts'
import { LETTERS, SIGNS } from './others/signs.ts'

interface Kind {
  readonly name: string
  readonly thickest?: number // pen, px of the 112 px raster: a thicker one fills what is drawn, to a blob like a filled 0
  readonly draw: (random: Random, hand: Manner) => Lines
}

const MANY_STROKES = 4 // of a skeleton: from here on FINE is the thickest pen
const FINE = 11 // px
const OF_SPIRALS = 8 // px
const WRITERS = 6 // pseudo-writers of each kind
const HAND = 1_000_000_000 // stream of a pseudo-writer's hand; + number. Drawings have the streams from 0, + index

/** The kinds by family, and how many of 20 drawings are of the family. */
const FAMILIES: readonly { readonly kinds: readonly Kind[]; readonly share: number }[] = [
  { share: 4, kinds: Object.entries(SHAPES).map((entry) => skeletonKind(...entry, upright)) },
  { share: 2, kinds: [...Object.entries(TURNING).map((entry) => skeletonKind(...entry, anyWay)), arrow()] },
  { share: 3, kinds: Object.entries(SIGNS).map((entry) => skeletonKind(...entry, upright)) },
  { share: 5, kinds: [...Object.entries(LETTERS).map((entry) => skeletonKind(...entry, upright)), word()] },
  { share: 2, kinds: Object.entries(DIGIT_PARTS).map((entry) => skeletonKind(...entry, upright)) },
  {
    share: 4,
    kinds: Object.entries(SCRIBBLES).map(
      ([name, draw]): Kind => ({ name, draw, thickest: name.endsWith('spiral') ? OF_SPIRALS : Infinity }),
    ),
  },
]

const TWENTY = FAMILIES.flatMap(({ kinds, share }) => Array.from({ length: share }, () => kinds))

/** The names of all kinds, family by family. */
export const KINDS: readonly string[] = FAMILIES.flatMap(({ kinds }) => kinds.map(({ name }) => name))

/** Kinds that are left out of training, to measure how well unseen ones are turned away: one of six, none of the commonest. */
export const UNSEEN_KINDS: ReadonlySet<string> = new Set(
  [
    ['star-of-triangles', 'house-in-one-stroke', 'cloud', 'tulip', 'lightning', 'steaming-cup', 'umbrella', 'fish'],
    ['cylinder', 'key', 'anchor', 'boat', 'peace', 'ticked-box', 'noughts', 'butterfly', 'crown', 'mushroom', 'bed'],
    [
      'rainbow-of-three',
      'pencil',
      'comb',
      'crossing-arrows',
      'at',
      'percent',
      'yen',
      'much-less',
      'divided',
      'sum',
      'psi',
    ],
    [
      'forall',
      'notes',
      'copyright',
      'wifi',
      'cursor',
      'ae',
      'cyrillicZhe',
      'cyrillicEf',
      'aleph',
      'hiraganaA',
      'hanField',
    ],
    ['arabicSin', 'devanagariKa', 'turned-4', 'mirrored-7-crossed', 'square-spiral', 'waves', 'battlements', 'loops'],
  ].flat(),
)

/**
 * Drawing `index` of a seed.
 * @param unseen whether the kinds that are kept for measuring are among those drawn
 */
export function otherDrawing(seed: number, index: number, unseen = false): SyntheticDrawing {
  const random = new Random(seed, index)
  const family = TWENTY[random.below(TWENTY.length)]
  let kind: Kind
  do kind = family[random.below(family.length)]
  while (!unseen && UNSEEN_KINDS.has(kind.name))
  return drawKind(kind, seed, random)
}

/** A drawing of a kind by name. */
export function otherOfKind(name: string, seed: number, index: number): SyntheticDrawing {
  const kind = FAMILIES.flatMap(({ kinds }) => kinds).find((one) => one.name === name)
  if (kind === undefined) throw new Error(`there is no kind ${name}`)
  return drawKind(kind, seed, new Random(seed, index))
}

function drawKind({ name, draw, thickest = Infinity }: Kind, seed: number, random: Random): SyntheticDrawing {
  const number = random.below(WRITERS)
  const hand = handOf(seed, number * KINDS.length + KINDS.indexOf(name), random)
  const lines = withPointsBetween(slanted(draw(random, hand), hand))
  const finished = random.uniform() < 0.25 ? rounded(lines, between(random, 2, 5)) : lines
  return { label: OTHER, writer: `others:${name}:${number}`, strokes: finished, pen: Math.min(hand.pen, thickest) }
}

/** A writer's way of drawing, and how far one drawing is from it. */
function handOf(seed: number, writer: number, random: Random): Manner {
  const own = new Random(seed, HAND + writer)
  const pen = between(own, 5, 15) + between(random, -2, 4)
  return {
    slant: between(own, -0.12, 0.3) + between(random, -0.08, 0.08),
    aspect: between(own, 0.8, 1.2) * between(random, 0.93, 1.07),
    wobble: between(own, 0.6, 3.2) * between(random, 0.8, 1.3),
    pen: Math.max(4, random.uniform() < 0.05 ? pen + 4 : pen),
  }
}

/** The points of a coarse device. */
function rounded(lines: Lines, step: number): Lines {
  return lines.map((line) => line.map(([x, y]) => [Math.round(x / step) * step, Math.round(y / step) * step]))
}

function skeletonKind(name: string, skeleton: string, turn: (random: Random) => number): Kind {
  const thickest = skeleton.split(';').length >= MANY_STROKES ? FINE : Infinity
  return { name, thickest, draw: (random, hand) => turned(drawSkeleton(skeleton, hand, random), turn(random)) }
}

/** Tangents of half the angle: up to 8 degrees, or any. */
function upright(random: Random): number {
  return between(random, -0.07, 0.07)
}

function anyWay(random: Random): number {
  const t = between(random, -1, 1)
  return random.below(2) === 0 ? t : -1 / (Math.abs(t) < 0.05 ? 0.05 : t) // 90 degrees either way, or the other half
}

/** An arrow in any direction but upwards and to the upper right, where it is a 1 or a 7 to some. */
function arrow(): Kind {
  return {
    name: 'arrow',
    draw(random, hand) {
      const head = between(random, 15, 30)
      const skeleton = `0,50 100,50;${100 - head},${50 - head} 100,50 ${100 - head},${50 + head}`
      // from the right clockwise to the upper left: the half angle is -10 to 110 degrees
      const t = random.below(2) === 0 ? between(random, -0.15, 1) : 1 / (between(random, -0.35, 1) || 1)
      return turned(drawSkeleton(skeleton, hand, random), t)
    },
  }
}

/** Two or three letters beside each other. */
function word(): Kind {
  const skeletons = Object.values(LETTERS)
  return {
    name: 'word',
    draw: (random, hand) =>
      Array.from({ length: 2 + random.below(2) }, (_, i) => {
        const letter = drawSkeleton(skeletons[random.below(skeletons.length)], hand, random)
        const shift = 125 * i
        return letter.map((line) => line.map(([x, y]): [number, number] => [x * 0.9 + shift, y]))
      }).flat(),
  }
}
