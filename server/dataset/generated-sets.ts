/**
 * The sets that seeded generators draw: digits in many styles, what is not a digit, and variants of people's drawings. Nothing of
 * them is on disk; the same seed and count give the same drawings on every machine. `generate.ts` draws them.
 */

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
}

const OWN = { licence: 'MIT', citation: 'Inkling, generated' } as const
const PENDIGITS = { licence: 'CC BY 4.0', citation: 'Inkling, generated from pendigits (Alpaydin, Alimoglu)' } as const

// together at most as many drawings for training as MNIST has, beside pendigits, letters and characters themselves
export const GENERATED_SETS: readonly GeneratedSet[] = [
  {
    name: 'styles',
    title: 'Digits in many styles: with flags, feet, slashes, open and closed bowls, in square letters',
    ...OWN,
    parts: { train: { seed: 11, count: 12_000 }, test: { seed: 12, count: 2000 } },
  },
  {
    name: 'others',
    title:
      'Shapes, symbols, letters, scribbles and parts of digits; its test part has kinds that its training part lacks',
    ...OWN,
    parts: { train: { seed: 21, count: 11_400 }, test: { seed: 22, count: 2000 } },
  },
  {
    name: 'pendigits-pairs',
    title: 'Two or three digits of one writer beside each other',
    ...PENDIGITS,
    parts: { train: { seed: 31, count: 5000 }, test: { seed: 32, count: 1000 } },
    from: 'pendigits',
  },
  {
    name: 'pendigits-varied',
    title: 'The training part of pendigits as other hands and devices would have drawn it',
    ...PENDIGITS,
    parts: { train: { seed: 41, count: 2, each: true } },
    from: 'pendigits',
  },
  {
    name: 'letters-varied',
    title: 'The training part of letters as other hands and devices would have drawn it',
    licence: 'CC BY 4.0',
    citation: 'Inkling, generated from UJI Pen Characters (Llorens, Prat, Marzal, Vilar)',
    parts: { train: { seed: 51, count: 5, each: true } },
    from: 'letters',
  },
  {
    name: 'characters-varied',
    title: 'The training part of characters as other hands and devices would have drawn it',
    licence: 'MIT',
    citation: 'Inkling, generated from Omniglot (Lake, Salakhutdinov, Tenenbaum)',
    parts: { train: { seed: 61, count: 3, each: true } },
    from: 'characters',
  },
]

/** The sets on disk that a set is made of: itself, unless it is generated. */
export function setsOnDisk(name: string): string[] {
  const set = GENERATED_SETS.find((generated) => generated.name === name)
  if (set === undefined) return [name]
  return set.from === undefined ? [] : setsOnDisk(set.from)
}
