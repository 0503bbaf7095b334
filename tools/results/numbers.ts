/** How many composed numbers are read right, and the table of that in docs/numbers.md. */

import { InputError } from '../../core/errors.ts'
import { createModel, modelMemory } from '../../core/models/create-model.ts'
import { judge, sureOf } from '../../core/models/verdict.ts'
import { readAtOnce } from '../../core/numbers/read.ts'
import { textOf } from '../../core/numbers/response.ts'
import { composeNumber, type DrawnDigit, drawNumber, type Spacing } from '../../core/synthetic/numbers.ts'
import { nodeBackends } from '../../server/backend.ts'
import { findStrokes } from '../../server/dataset/stroke-sets.ts'
import { readStrokes } from '../../server/dataset/strokes.ts'
import type { StoredModel } from '../../server/models/load.ts'
import { head, line } from '../generated-tables.ts'

/** Seed of the numbers; they are the same for every model. */
const SEED = 2026

/** What is measured: how the digits are placed, and whether the picture is read or the strokes. */
const KINDS: readonly { readonly title: string; readonly spacing: Spacing; readonly strokes: boolean }[] = [
  { title: 'picture, spaced', spacing: 'spaced', strokes: false },
  { title: 'picture, tight', spacing: 'tight', strokes: false },
  { title: 'picture, touching', spacing: 'touching', strokes: false },
  { title: 'strokes, spaced', spacing: 'spaced', strokes: true },
  { title: 'strokes, tight', spacing: 'tight', strokes: true },
  { title: 'strokes, touching', spacing: 'touching', strokes: true },
  { title: 'strokes, joined in one', spacing: 'joined', strokes: true },
]

/** Shares of numbers whose text was read right, in percent. */
export interface NumberFigures {
  readonly at: string // date
  readonly count: number // numbers of each kind
  readonly kinds: readonly { readonly title: string; readonly right: Readonly<Record<string, number>> }[] // by model
}

/**
 * Reads numbers composed of pendigits-test by each model.
 * @param count numbers of each kind
 */
export async function measureNumbers(
  models: readonly StoredModel[],
  dataDir: string,
  count: number,
): Promise<NumberFigures> {
  const path = findStrokes('pendigits', 'test', dataDir)
  if (path === undefined) throw new Error('pendigits is no set of strokes')
  const { content: digits } = await readStrokes(path)
  const backends = await nodeBackends()
  const kinds = KINDS.map(({ title }) => ({ title, right: {} as Record<string, number> }))
  for (const stored of models) {
    const { card, data } = stored
    const model = createModel(backends.create(modelMemory(card)), card, data)
    const ask = (input: Uint8Array) => {
      const { probabilities, ...rest } = judge(model.scores(input), sureOf(card))
      return { model: card.id, version: card.version, probabilities: [...probabilities], ...rest }
    }
    for (const [k, kind] of KINDS.entries()) {
      let right = 0
      for (let i = 0; i < count; i++) if (isRight(digits, kind, i, ask, sureOf(card))) right++
      kinds[k].right[card.id] = Math.round((1000 * right) / count) / 10
      console.log(`${card.id}, ${kind.title}: ${kinds[k].right[card.id]} %`)
    }
  }
  return { at: new Date().toISOString().slice(0, 10), count, kinds }
}

function isRight(
  digits: readonly DrawnDigit[],
  { spacing, strokes }: (typeof KINDS)[number],
  index: number,
  ask: Parameters<typeof readAtOnce>[1],
  sure: number,
): boolean {
  const number = composeNumber(digits, spacing, SEED, index)
  try {
    const drawing = strokes ? { strokes: number.strokes } : { raster: drawNumber(number) }
    return textOf(readAtOnce(drawing, ask, sure)) === number.text
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

/** The table of docs/numbers.md. */
export function numbersText({ at, count, kinds }: NumberFigures): string {
  const models = Object.keys(kinds[0].right)
  return [
    `Read right, every digit of it, of ${count} numbers of each kind; \`npm run results -- --numbers\` on ${at}.`,
    '',
    ...head('', ...models),
    ...kinds.map(({ title, right }) => line(title, ...models.map((id) => `${right[id].toFixed(1)} %`))),
  ].join('\n')
}
