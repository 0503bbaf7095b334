/**
 * The sets that seeded generators draw: digits in many styles, what is not a digit, and variants of people's drawings. Nothing of
 * them is on disk; the same seed and count give the same drawings on every machine.
 */

import { createHash } from 'node:crypto'
import { Random } from '../../core/random.ts'
import type { SyntheticDrawing } from '../../core/synthetic/drawing.ts'
import { otherDrawing } from '../../core/synthetic/others.ts'
import { pairOf } from '../../core/synthetic/pairs.ts'
import { styledDigit } from '../../core/synthetic/styles.ts'
import { variedDrawing } from '../../core/synthetic/varied.ts'
import type { Split } from './find.ts'

/** How much of a set is drawn, from which seed. */
export interface GeneratedPart {
  readonly seed: number
  readonly count: number // drawings; variants of each drawing where the set is `each`
  readonly each?: true
}

export interface GeneratedSet {
  readonly name: string
  readonly title: string
  readonly licence: string
  readonly citation: string
  readonly parts: Partial<Record<Split, GeneratedPart>>
  readonly from?: string // the set of strokes whose drawings it is made of; the same writers
  readonly draw: Draw
}

/** Drawing `index` of a part. `originals` are those of the set it is made of, else empty. */
type Draw = (seed: number, index: number, originals: readonly SyntheticDrawing[], split: Split) => SyntheticDrawing

const OWN = { licence: 'MIT', citation: 'Inkling, generated' } as const
const PENDIGITS = { licence: 'CC BY 4.0', citation: 'Inkling, generated from pendigits (Alpaydin, Alimoglu)' } as const

/** Variants of every drawing of a part of another set, which come one after the other as often as there are variants. */
const vary: Draw = (seed, index, originals) => variedDrawing(originals[index % originals.length], seed, index)

// together at most as many drawings for training as MNIST has, beside pendigits, letters and characters themselves
export const GENERATED_SETS: readonly GeneratedSet[] = [
  {
    name: 'styles',
    title: 'Digits in many styles: with flags, feet, slashes, open and closed bowls, in square letters',
    ...OWN,
    parts: { train: { seed: 11, count: 12_000 }, test: { seed: 12, count: 2000 } },
    draw: (seed, index) => styledDigit(seed, index),
  },
  {
    name: 'others',
    title:
      'Shapes, symbols, letters, scribbles and parts of digits; its test part has kinds that its training part lacks',
    ...OWN,
    parts: { train: { seed: 21, count: 11_400 }, test: { seed: 22, count: 2000 } },
    draw: (seed, index, _, split) => otherDrawing(seed, index, split === 'test'),
  },
  {
    name: 'pendigits-pairs',
    title: 'Two or three digits of one writer beside each other',
    ...PENDIGITS,
    parts: { train: { seed: 31, count: 5000 }, test: { seed: 32, count: 1000 } },
    from: 'pendigits',
    draw: drawPair,
  },
  {
    name: 'pendigits-varied',
    title: 'The training part of pendigits as other hands and devices would have drawn it',
    ...PENDIGITS,
    parts: { train: { seed: 41, count: 2, each: true } },
    from: 'pendigits',
    draw: vary,
  },
  {
    name: 'letters-varied',
    title: 'The training part of letters as other hands and devices would have drawn it',
    licence: 'CC BY 4.0',
    citation: 'Inkling, generated from UJI Pen Characters (Llorens, Prat, Marzal, Vilar)',
    parts: { train: { seed: 51, count: 5, each: true } },
    from: 'letters',
    draw: vary,
  },
  {
    name: 'characters-varied',
    title: 'The training part of characters as other hands and devices would have drawn it',
    licence: 'MIT',
    citation: 'Inkling, generated from Omniglot (Lake, Salakhutdinov, Tenenbaum)',
    parts: { train: { seed: 61, count: 3, each: true } },
    from: 'characters',
    draw: vary,
  },
]

const PAIR_CHOICE = 2_000_000_000 // stream of core/random.ts; + index

/** Digits that one writer drew, side by side. */
function drawPair(seed: number, index: number, originals: readonly SyntheticDrawing[]): SyntheticDrawing {
  const random = new Random(seed, PAIR_CHOICE + index)
  const first = originals[random.below(originals.length)]
  const byWriter = ofWriter(originals, first.writer)
  const next = (): SyntheticDrawing => byWriter[random.below(byWriter.length)]
  const pair = pairOf(first, next(), seed, index)
  return random.uniform() < 0.2 ? pairOf(pair, next(), seed, index) : pair
}

const grouped = new WeakMap<readonly SyntheticDrawing[], ReadonlyMap<string, readonly SyntheticDrawing[]>>()

/** The drawings of a writer. Those of all writers are sorted once. */
function ofWriter(originals: readonly SyntheticDrawing[], writer: string): readonly SyntheticDrawing[] {
  const known = grouped.get(originals)
  if (known) return known.get(writer) ?? []
  const groups = new Map<string, SyntheticDrawing[]>()
  for (const drawing of originals) {
    const group = groups.get(drawing.writer)
    if (group) group.push(drawing)
    else groups.set(drawing.writer, [drawing])
  }
  grouped.set(originals, groups)
  return groups.get(writer) ?? []
}

/**
 * Draws a part of a set, which it must have.
 * @param originals the drawings of the same part of the set it is made of, else empty
 */
export function generate(
  { draw, parts }: GeneratedSet,
  split: Split,
  originals: readonly SyntheticDrawing[],
): SyntheticDrawing[] {
  const { seed, count, each } = parts[split] as GeneratedPart
  const length = each ? count * originals.length : count
  return Array.from({ length }, (_, index) => draw(seed, index, originals, split))
}

/** SHA-256 of drawings as JSON lines, which pins in a card what was generated. */
export function digestOfDrawings(drawings: readonly SyntheticDrawing[]): string {
  const hash = createHash('sha256')
  for (const { label, writer, pen, strokes } of drawings)
    hash.update(`${JSON.stringify({ label, writer, pen, strokes })}\n`)
  return hash.digest('hex')
}
