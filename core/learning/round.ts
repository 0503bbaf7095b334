/**
 * A round of learning: it makes a candidate from the shipped model, corrections and replayed digits, or none if the gate refuses
 * all. It advances in small steps and its state is bytes, so that it can be throttled, stopped, and resumed after a power cut
 * with the same result. Arithmetic only: files, threads and clocks belong to the server.
 */

import { OTHER } from '../data/dataset.ts'
import type { ModelFiles } from '../models/source.ts'
import type { GateReport, GateTry } from '../protocol.ts'
import type { BorderDigits } from './border.ts'
import type { ReplaySet } from './replay-set.ts'
import type { Teachers } from './teachers.ts'

/** Label of a correction that says that a drawing is not a digit. */
export const NOT_A_DIGIT = OTHER

/** Whether a model of this type can learn. */
export function canLearn({ card }: Pick<ModelFiles, 'card'>): boolean {
  return card.type === 'network' || card.type === 'neighbours'
}

/** What somebody said of a drawing. */
export interface Correction {
  readonly input: Uint8Array // 784 bytes, as `preprocess` returns them
  readonly label: number // 0..9, or NOT_A_DIGIT
  readonly clientNetwork: number // sender; equal numbers are one client network, whose share of a step is bounded
  readonly fromOwner: boolean // the owner gave or approved it, or trusts who gave it: it need not be plausible
}

/** Whether a correction was believed; `held`: it counts once somebody else or the owner agrees. */
export type CorrectionVerdict = 'learned' | 'implausible' | 'held'

export interface RoundTask {
  readonly shipped: ModelFiles
  readonly served: ModelFiles // the version that answers now; the shipped one when nothing has been learned yet
  readonly secondOpinions: readonly ModelFiles[] // other shipped models, asked for a second opinion on a label
  readonly corrections: readonly Correction[] // in a fixed order: the result depends on it
  readonly teachers?: Teachers // anyone unless given
  readonly replaySet: ReplaySet
  readonly border?: BorderDigits // for the gate; it takes no notice of borders unless given
  readonly seed: number // u32
  /** Shared by rounds with the same shipped model and replay set: a round uses what is there and adds what is missing. */
  readonly cache?: RoundCache
}

/** Results of one round of a network that the next can use. */
export interface RoundCache {
  pool?: Uint32Array // numbers of the digits that are replayed; selecting them takes longest
  /** Large and quick to compute again, 45 MB for the largest shipped network: filled only where this object is given. */
  readonly large?: CachedFeatures
}

/** What the trunk and the shipped network compute of the replay set. */
export interface CachedFeatures {
  features?: Float32Array // of the pool and of what is replayed as no digit, [images, features]
  targets?: Float32Array // the shipped network's answers to those, [images, outputs]
  gate?: Float32Array // features of the gate's images, [images, features]
}

/** Progress of a round. */
export interface RoundStep {
  readonly phase: 'preparing' | 'training' | 'gate'
  readonly step: number
  readonly steps: number
  readonly loss?: number // mean cross-entropy of the corrections of the last steps, nats
  readonly accuracy?: number // 0..1, of the corrections of the last steps
  readonly tried?: GateTry // present when the gate has just decided
}

export interface RoundResult {
  readonly verdict: 'promoted' | 'refused' | 'unchanged'
  readonly reason: string // in words
  readonly verdicts: readonly CorrectionVerdict[] // one for each of the task
  readonly right: { readonly before: number; readonly after: number } // believed corrections answered correctly
  readonly tries: readonly GateTry[]
  readonly gate?: GateReport // of the last try
  readonly share?: number
  /** Present when promoted. The card's `version` and `weights` are still those of the shipped model. */
  readonly candidate?: ModelFiles
}

export interface Round {
  /** Does the next piece of work, some tens of ms on a fast machine; undefined when the round is over. */
  advance(): RoundStep | undefined
  /** Everything needed to resume from here; undefined while resuming would save nothing. */
  state(): Uint8Array<ArrayBuffer> | undefined
  /**
   * Resumes from a state of the same task.
   * @throws RangeError when the bytes are not such a state
   */
  restore(state: Uint8Array): void
  /** @throws Error before the end of the round */
  result(): RoundResult
}

/** A task whose card is of one type. */
export interface RoundOf<Card> extends RoundTask {
  readonly card: Card // of the shipped model
}
