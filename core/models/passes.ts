/** The passes with dropout of one drawing, as they are averaged, wherever they are done. */

import { CLASSES } from '../data/dataset.ts'
import { InputError } from '../errors.ts'
import type { Card } from './card.ts'
import { hasDropout, modelOutputs } from './create-model.ts'
import { Samples } from './samples.ts'
import { digitProbabilities } from './verdict.ts'

/** Most passes with dropout that one recognition may ask for. */
export const MAX_SAMPLES = 1000

/** Passes averaged in their order. */
export interface Passes<Answer> {
  /** Number of passes that were added. */
  count(): number
  /** Number of passes that are still to be added. */
  left(): number
  /** Adds the scores of the next pass. */
  add(scores: Float32Array): void
  /** The answer of all passes so far, of which there must be one; with their number, and 10 standard deviations. */
  result(): Answer & { readonly samples: number; readonly spread: number[] }
}

/**
 * @param samples passes, 1..MAX_SAMPLES
 * @param answer of the mean of their scores
 * @throws InputError 422 bad_samples or no_dropout
 */
export function gatherPasses<Answer>(
  card: Card,
  samples: number,
  answer: (mean: Float32Array) => Answer,
): Passes<Answer> {
  if (!(Number.isInteger(samples) && samples >= 1 && samples <= MAX_SAMPLES)) {
    throw new InputError(422, 'bad_samples', `samples must be a whole number from 1 to ${MAX_SAMPLES}`)
  }
  if (!hasDropout(card)) throw new InputError(422, 'no_dropout', 'this model has no dropout to take samples with')
  const [passes, digits] = [new Samples(modelOutputs(card)), new Samples(CLASSES)]
  return {
    count: () => passes.count,
    left: () => samples - passes.count,
    add(scores) {
      passes.add(scores)
      digits.add(digitProbabilities(scores))
    },
    result: () => ({
      ...answer(passes.spread().mean),
      samples: passes.count,
      spread: [...digits.spread().deviation],
    }),
  }
}
