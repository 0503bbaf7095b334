/** How often a model turns drawings away, digits and others, and the threshold that decides it. */

import { CLASSES } from '../data/dataset.ts'
import type { Evaluation } from './evaluation.ts'
import { verdictOf } from './verdict.ts'

/** Share of validation digits that may be turned away in all. */
const TURNED_AWAY = 0.006

/** The threshold where OTHER alone takes that share or more. */
const LEAST_SURE = 0.2

/** An answer with more confidence than this is a confident one. */
const CONFIDENT = 0.9

/** Verdicts on the drawings of one kind, counts. */
export interface VerdictCounts {
  readonly images: number
  readonly digit: number
  readonly unsure: number
  readonly notADigit: number
  readonly refused: number // by preprocessing
  readonly confident: number // answered as a digit with a confidence over 0.9
}

/** Verdicts on a set: on its digits, and on what is none. */
export interface SetVerdicts {
  readonly digits: VerdictCounts
  readonly others: VerdictCounts
}

/**
 * Counts the verdicts of an evaluation.
 * @param labels of its set, 0..10
 * @param sure the model's threshold
 */
export function countVerdicts({ answers, scores, others, confidences }: Evaluation, labels: Uint8Array, sure: number) {
  const empty = () => ({ images: 0, digit: 0, unsure: 0, notADigit: 0, refused: 0, confident: 0 })
  const counts = { digits: empty(), others: empty() }
  for (const [i, label] of labels.entries()) {
    const kind = label < CLASSES ? counts.digits : counts.others
    kind.images++
    if (answers[i] === CLASSES) {
      kind.refused++
      continue
    }
    const verdict = verdictOf(scores[i], others[i], sure)
    kind[verdict === 'not-a-digit' ? 'notADigit' : verdict]++
    if (verdict === 'digit' && confidences[i] > CONFIDENT) kind.confident++
  }
  return counts satisfies SetVerdicts
}

/** The share of drawings that were not answered as a digit, 0..1; 0 of none. */
export function turnedAway({ images, digit }: VerdictCounts): number {
  return images === 0 ? 0 : (images - digit) / images
}

/**
 * The largest threshold, a multiple of 0.0001, with which at most 0.6 % of the digits of a validation set are turned away.
 * @param labels of the set, 0..10
 */
export function chooseSure({ answers, scores, others }: Evaluation, labels: Uint8Array): number {
  const digits = Uint32Array.from({ length: labels.length }, (_, i) => i).filter((i) => labels[i] < CLASSES)
  const kept = digits.filter((i) => answers[i] < CLASSES && others[i] <= scores[i])
  const spare = Math.floor(digits.length * TURNED_AWAY) - (digits.length - kept.length)
  if (spare < 0 || kept.length === 0) return LEAST_SURE
  const ascending = Float32Array.from(kept, (i) => scores[i]).sort()
  return Math.floor(10_000 * ascending[spare]) / 10_000
}
