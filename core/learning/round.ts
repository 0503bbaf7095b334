/**
 * A round of learning: from the shipped model, the corrections of the corrections and replayed digits to a candidate that passed
 * the gate, or to none. It goes on in small pieces and its state is bytes, so that it can be slowed down, stopped, and
 * taken up after a power cut with the same result. Arithmetic only: files, threads and clocks belong to the server.
 */

import { CLASSES } from '../data/dataset.ts'
import type { ModelFiles } from '../models/source.ts'
import type { GateReport, GateTry } from '../protocol.ts'
import type { ReplaySet } from './replay-set.ts'

/** Label of a correction that is no digit: the one after those of the digits. */
export const NOT_A_DIGIT = CLASSES

/** A drawing and what it really was. */
export interface Correction {
  readonly input: Uint8Array // 784 bytes, what `preprocess` gave
  readonly label: number // 0..9, or NOT_A_DIGIT
  readonly clientNetwork: number // who taught it: equal numbers are one network; their share in a step is bounded
  readonly fromOwner: boolean // taught by the owner: need not be plausible
}

/** What became of a correction. */
export type CorrectionVerdict = 'learned' | 'implausible'

export interface RoundTask {
  readonly shipped: ModelFiles
  readonly served: ModelFiles // what answers now; the shipped one when nothing was learned yet
  readonly secondOpinions: readonly ModelFiles[] // of other shipped models, asked for a second opinion on a label
  readonly corrections: readonly Correction[] // in a fixed order: it counts
  readonly replaySet: ReplaySet
  readonly seed: number // u32
  /** What rounds share whose shipped model and replayed digits are the same: a round uses what it finds and adds the rest. */
  readonly cache?: RoundCache
}

/** Found out by one round of a network and good for the next. */
export interface RoundCache {
  pool?: Uint32Array // numbers of the replayed digits that are replayed: it takes longest to choose them
  /** What takes memory rather than time, 45 MB for the largest of the shipped networks: kept where there is an object for it. */
  readonly large?: CachedFeatures
}

export interface CachedFeatures {
  features?: Float32Array // of the pool, [pool, features]
  targets?: Float32Array // what the shipped network says of the pool, [pool, classes]
  gate?: Float32Array // of the gate's images, [images, features]
}

/** Where a round is. */
export interface RoundStep {
  readonly phase: 'preparing' | 'training' | 'gate'
  readonly step: number
  readonly steps: number
  readonly loss?: number // mean cross-entropy of the corrections of the last steps, nats
  readonly accuracy?: number // 0..1, of the corrections of the last steps
  readonly tried?: GateTry // when the gate has just decided
}

export interface RoundResult {
  readonly verdict: 'promoted' | 'refused' | 'unchanged'
  readonly reason: string // in words
  readonly verdicts: readonly CorrectionVerdict[] // one for each of the task
  readonly right: { readonly before: number; readonly after: number } // of the learned ones, answered right
  readonly tries: readonly GateTry[]
  readonly gate?: GateReport // of the last try
  readonly share?: number
  /** When promoted: card and data; the version and the weights' entry of the card are still those of the shipped model. */
  readonly candidate?: ModelFiles
}

export interface Round {
  /** Does the next piece of work, some tens of ms on a fast machine; undefined when the round is over. */
  advance(): RoundStep | undefined
  /** All that is needed to go on from here; undefined while that would be no more than starting anew. */
  state(): Uint8Array<ArrayBuffer> | undefined
  /** Goes on from a state of the same task. Throws RangeError when it is not one. */
  restore(state: Uint8Array): void
  /** What it came to. Throws Error before the end. */
  result(): RoundResult
}

/** The task of a round, its card being of one type. */
export interface RoundOf<Card> extends RoundTask {
  readonly card: Card // of the shipped model
}
