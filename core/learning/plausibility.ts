/**
 * Whether the label of a correction is plausible: the shipped model finds it possible, or another shipped model agrees. Most
 * false labels fail here, and so do the few honest ones that no model considers.
 */

import { NOT_A_DIGIT } from './round.ts'

/** A digit is possible when it is among this many most probable ones ... */
const RANKS = 3

/** ... and has at least this probability: when a model is sure, the order of all other digits is noise. */
const LEAST_PROBABILITY = 0.001

/** NOT_A_DIGIT is plausible where the shipped model's confidence is below this. */
const SURE = 0.9

/**
 * @param label 0..9 or NOT_A_DIGIT
 * @param shipped probabilities of the shipped model that is to learn
 * @param secondOpinions probabilities of other shipped models
 */
export function isPlausible(label: number, shipped: Float32Array, secondOpinions: readonly Float32Array[]): boolean {
  if (label === NOT_A_DIGIT) return Math.max(...shipped) < SURE
  const probability = shipped[label]
  const above = shipped.reduce(
    (count, p, c) => count + (p > probability || (p === probability && c < label) ? 1 : 0),
    0,
  )
  if (above < RANKS && probability >= LEAST_PROBABILITY) return true
  return secondOpinions.some((probabilities) => probabilities.every((p) => p <= probabilities[label]))
}
