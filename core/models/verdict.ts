/**
 * From a model's scores to its answer. A model of OUTPUTS scores says how likely a drawing is each digit or no digit at all; one of
 * CLASSES scores, older or imported, knows digits only.
 */

import { CLASSES, OTHER } from '../data/dataset.ts'
import type { Verdict } from '../protocol.ts'

const DEFAULT_SURE = 0.5 // of models whose card has no threshold

/** The score below which a model's best digit is an unsure one, 0..1. */
export function sureOf({ verdict }: { readonly verdict?: { readonly sure: number } }): number {
  return verdict?.sure ?? DEFAULT_SURE
}

/** An answer. */
export interface Judgement {
  readonly probabilities: Float32Array // [10], of the digits among themselves, sum 1
  readonly digit: number // 0..9, the first of the most probable
  readonly confidence: number // 0..1, its probability
  readonly score: number // 0..1, its score beside that of OTHER; the confidence where a model knows digits only
  readonly other: number // 0..1, the score of OTHER; 0 where a model knows digits only
  readonly verdict: Verdict
}

/**
 * The probabilities of the digits among themselves.
 * @param scores [10] or [11], sum 1
 * @returns [10], sum 1: ten scores as they are, otherwise a new array
 */
export function digitProbabilities(scores: Float32Array): Float32Array {
  if (scores.length <= CLASSES) return scores
  let sum = 0
  for (let c = 0; c < CLASSES; c++) sum += scores[c]
  // where no digit has a score, they are alike
  const probabilities = new Float32Array(CLASSES)
  for (let c = 0; c < CLASSES; c++) probabilities[c] = sum > 0 || Number.isNaN(sum) ? scores[c] / sum : 1 / CLASSES
  return probabilities
}

/**
 * The answer: not a digit where OTHER has the largest score; else unsure where the best digit's score is below `sure`; else a digit.
 * @param scores [10] or [11], sum 1
 * @param sure the card's threshold, 0..1; see `sureOf`
 */
export function judge(scores: Float32Array, sure = DEFAULT_SURE): Judgement {
  const probabilities = digitProbabilities(scores)
  let digit = 0
  for (let c = 1; c < CLASSES; c++) if (probabilities[c] > probabilities[digit]) digit = c
  const score = scores[digit]
  const other = scores.length > CLASSES ? scores[OTHER] : 0
  return {
    probabilities,
    digit,
    confidence: probabilities[digit],
    score,
    other,
    verdict: verdictOf(score, other, sure),
  }
}

/** The verdict on the scores of the best digit and of OTHER. */
export function verdictOf(score: number, other: number, sure: number): Verdict {
  if (other > score) return 'not-a-digit'
  return score < sure ? 'unsure' : 'digit'
}
