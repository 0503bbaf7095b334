/** Jobs of the learning thread, and what it reports of them: a round to do, its progress, its outcome. */

import type { LiveTally } from '../../core/learning/live-tally.ts'
import type { Correction, CorrectionVerdict, RoundResult } from '../../core/learning/round.ts'
import type { Teachers } from '../../core/learning/teachers.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { GateTry, RoundProgress } from '../../core/protocol.ts'
import type { ReplaySetChoice } from './replay-choice.ts'

/** Everything a round of learning depends on. */
export interface RoundJob {
  readonly round: number
  readonly model: string
  readonly parent: number
  readonly seed: number
  readonly shipped: ModelFiles
  readonly served: ModelFiles
  readonly secondOpinions: readonly ModelFiles[]
  readonly corrections: readonly Correction[]
  readonly teachers: Teachers
  readonly firstUnseen: number // index of the first correction that the served version has not learned from
  readonly replaySet: ReplaySetChoice
  readonly identity: string // of the task: a checkpoint of another task is not resumed
  readonly checkpoint: string // path
  readonly interval: number // ms between two checkpoints
  readonly folder: string // where to write a version that passes
  readonly version: number // its number
  readonly duty: number // 0..1 of the time spent computing
}

/** The outcome of a round. A candidate that passed is on disk. */
export interface RoundOutcome extends Omit<RoundResult, 'candidate' | 'verdicts'> {
  readonly verdicts: readonly CorrectionVerdict[]
  readonly saved?: { readonly sha256: string; readonly bytes: number }
  readonly live: LiveTally // of the served version, on the plausible corrections it has not learned from
}

/** Either a round, or preparing the images of a data set to learn with. */
export type LearningJob =
  | ({ readonly type: 'round' } & RoundJob)
  | { readonly type: 'prepare'; readonly replaySet: ReplaySetChoice; readonly duty: number }

export type LearningProgress =
  | { readonly type: 'step'; readonly progress: RoundProgress }
  | { readonly type: 'gate'; readonly tried: GateTry }

/** Of a round; preparing has no result. */
export type LearningResult = RoundOutcome | undefined
