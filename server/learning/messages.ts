/** What goes between the server and its learning thread: a round to do, how far it is, what it came to. */

import type { LiveTally } from '../../core/learning/live-tally.ts'
import type { Correction, CorrectionVerdict, RoundResult } from '../../core/learning/round.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { GateTry, RoundProgress } from '../../core/protocol.ts'
import type { ReplaySetChoice } from './replay-set.ts'

/** A round of learning, all of it. */
export interface RoundJob {
  readonly round: number
  readonly model: string
  readonly parent: number
  readonly seed: number
  readonly shipped: ModelFiles
  readonly served: ModelFiles
  readonly secondOpinions: readonly ModelFiles[]
  readonly corrections: readonly Correction[]
  readonly firstUnseen: number // the served version has not learned from the corrections from this one on
  readonly replaySet: ReplaySetChoice
  readonly identity: string // of the task: a checkpoint of another is not gone on with
  readonly checkpoint: string // path
  readonly interval: number // ms between two checkpoints
  readonly folder: string // where to write a version that passes
  readonly version: number // its number
  readonly duty: number // 0..1 of the time spent computing
}

/** What a round came to. A candidate that passed is on disk. */
export interface RoundOutcome extends Omit<RoundResult, 'candidate' | 'verdicts'> {
  readonly verdicts: readonly CorrectionVerdict[]
  readonly saved?: { readonly sha256: string; readonly bytes: number }
  readonly live: LiveTally // of the served version, on the plausible corrections it has not learned from
}

/** What the thread is told. */
export type LearningCommand =
  | { readonly type: 'round'; readonly order: RoundJob }
  | { readonly type: 'prepare'; readonly trusted: ReplaySetChoice; readonly duty: number } // images to learn with
  | { readonly type: 'stop' }

/** What the thread tells. */
export type LearningReport =
  | { readonly type: 'step'; readonly progress: RoundProgress }
  | { readonly type: 'gate'; readonly tried: GateTry }
  | { readonly type: 'done'; readonly outcome: RoundOutcome }
  | { readonly type: 'prepared' }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly reason: string }
