/** Draws the generated sets. */

import { createHash } from 'node:crypto'
import { Random } from '../../core/random.ts'
import type { SyntheticDrawing } from '../../core/synthetic/drawing.ts'
import { otherDrawing } from '../../core/synthetic/others.ts'
import { pairOf } from '../../core/synthetic/pairs.ts'
import { styledDigit } from '../../core/synthetic/styles.ts'
import { variedDrawing } from '../../core/synthetic/varied.ts'
import type { Split } from './find.ts'
import type { GeneratedPart, GeneratedSet } from './generated-sets.ts'

/** Drawing `index` of a part. `originals` are those of the set it is made of, else empty. */
type Draw = (seed: number, index: number, originals: readonly SyntheticDrawing[], split: Split) => SyntheticDrawing

/** Variants of every drawing of a part of another set, which come one after the other as often as there are variants. */
const vary: Draw = (seed, index, originals) => variedDrawing(originals[index % originals.length], seed, index)

const DRAW: Readonly<Record<string, Draw>> = {
  styles: (seed, index) => styledDigit(seed, index),
  others: (seed, index, _, split) => otherDrawing(seed, index, split === 'test'),
  'pendigits-pairs': drawPair,
  'pendigits-varied': vary,
  'letters-varied': vary,
  'characters-varied': vary,
}

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
  { name, parts }: GeneratedSet,
  split: Split,
  originals: readonly SyntheticDrawing[],
): SyntheticDrawing[] {
  const { seed, count, each } = parts[split] as GeneratedPart
  const length = each ? count * originals.length : count
  return Array.from({ length }, (_, index) => DRAW[name](seed, index, originals, split))
}

/** SHA-256 of drawings as JSON lines, which pins in a card what was generated. */
export function digestOfDrawings(drawings: readonly SyntheticDrawing[]): string {
  const hash = createHash('sha256')
  for (const { label, writer, pen, strokes } of drawings)
    hash.update(`${JSON.stringify({ label, writer, pen, strokes })}\n`)
  return hash.digest('hex')
}
