/**
 * Whether the label of a correction is plausible: the shipped model finds it possible, or another shipped model agrees. Most
 * false labels fail here, and so do the few honest ones that no model considers.
 */

import { digitProbabilities, judge } from '../models/verdict.ts'
import { NOT_A_DIGIT } from './round.ts'

/** A digit is possible when it is among this many most probable ones ... */
const RANKS = 3

/** ... and has at least this probability: when a model is sure, the order of all other digits is noise. */
const LEAST_PROBABILITY = 0.001

/** NOT_A_DIGIT is plausible where the shipped model's best digit scores less than this. */
const SURE = 0.9

/**
 * A digit is judged among the digits, whatever the models think of the drawing as none: odd handwriting is to be learned. That it
 * is none is judged as one more class, by models that know it.
 * @param label 0..9 or NOT_A_DIGIT
 * @param shipped scores of the shipped model that is to learn, [10] or [11]
 * @param secondOpinions scores of other shipped models
 */
export function isPlausible(label: number, shipped: Float32Array, secondOpinions: readonly Float32Array[]): boolean {
  const classes = (scores: Float32Array) => (label === NOT_A_DIGIT ? scores : digitProbabilities(scores))
  if (label === NOT_A_DIGIT && judge(shipped).score < SURE) return true
  const values = classes(shipped)
  if (label >= values.length) return false
  const probability = values[label]
  const above = values.reduce((count, p, c) => count + (p > probability || (p === probability && c < label) ? 1 : 0), 0)
  if (above < RANKS && probability >= LEAST_PROBABILITY) return true
  return secondOpinions.map(classes).some((scores) => scores.every((p) => p <= scores[label]))
}
