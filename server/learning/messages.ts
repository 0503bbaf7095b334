/** What goes between the server and its learning thread: a round to do, how far it is, what it came to. */

import type { LiveTally } from '../../core/learning/live.ts'
import type { Lesson, LessonVerdict, RoundResult } from '../../core/learning/round.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { GateTry, RoundProgress } from '../../core/protocol.ts'
import type { TrustedChoice } from './replay-set.ts'

/** A round of learning, all of it. */
export interface Order {
  readonly round: number
  readonly model: string
  readonly parent: number
  readonly seed: number
  readonly shipped: ModelFiles
  readonly served: ModelFiles
  readonly opinions: readonly ModelFiles[]
  readonly lessons: readonly Lesson[]
  readonly unseen: number // lessons from this one on are such that the served version did not learn from
  readonly trusted: TrustedChoice
  readonly identity: string // of the task: a checkpoint of another is not gone on with
  readonly checkpoint: string // path
  readonly interval: number // ms between two checkpoints
  readonly folder: string // where to write a version that passes
  readonly version: number // its number
  readonly duty: number // 0..1 of the time spent computing
}

/** What a round came to. A candidate that passed is on disk. */
export interface Outcome extends Omit<RoundResult, 'candidate' | 'lessons'> {
  readonly verdicts: readonly LessonVerdict[]
  readonly saved?: { readonly sha256: string; readonly bytes: number }
  readonly live: LiveTally // of the served version, on the plausible lessons it did not learn from
}

/** What the thread is told. */
export type Command =
  | { readonly type: 'round'; readonly order: Order }
  | { readonly type: 'prepare'; readonly trusted: TrustedChoice; readonly duty: number } // images to learn with
  | { readonly type: 'stop' }

/** What the thread tells. */
export type Report =
  | { readonly type: 'step'; readonly progress: RoundProgress }
  | { readonly type: 'gate'; readonly tried: GateTry }
  | { readonly type: 'done'; readonly outcome: Outcome }
  | { readonly type: 'prepared' }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly reason: string }
