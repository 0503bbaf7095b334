/**
 * Whether a label can be believed before anything is learned from it: the shipped model finds it possible, or another
 * shipped model agrees with it. Most lies fail here, and so do the few honest labels that no model would have thought of.
 */

import { NOT_A_DIGIT } from './round.ts'

/** A digit counts as possible when it is among so many most probable ones ... */
const RANKS = 3

/** ... and has at least this probability: of a model that is sure, all others are noise. */
const LEAST = 0.001

/** A drawing can be no digit at all only where the shipped model is less sure of its answer than this. */
const SURE = 0.9

/**
 * @param label 0..9 or NOT_A_DIGIT
 * @param shipped probabilities of the shipped model that is to learn
 * @param opinions probabilities of other shipped models
 */
export function isPlausible(label: number, shipped: Float32Array, opinions: readonly Float32Array[]): boolean {
  if (label === NOT_A_DIGIT) return Math.max(...shipped) < SURE
  const own = shipped[label]
  const above = shipped.reduce((count, p, c) => count + (p > own || (p === own && c < label) ? 1 : 0), 0)
  if (above < RANKS && own >= LEAST) return true
  return opinions.some((probabilities) => probabilities.every((p) => p <= probabilities[label]))
}
