/** What the learner is made of. */

import type { TrainingEvent } from '../../core/protocol.ts'
import type { LearningPermit } from '../phone/learning-permit.ts'
import type { LearningRunner } from './runner.ts'
import type { RoundContext } from './task.ts'

export interface LearnerOptions extends RoundContext {
  readonly runner: LearningRunner
  readonly emit: (event: TrainingEvent) => void
  /** Models that learn, in the order of their turns. */
  readonly learners: () => readonly string[]
  /** Makes a model ready to answer. */
  readonly preload: (model: string) => void
  readonly warn: (message: string) => void
  /** Asked before and while something is learned; nobody unless given. */
  readonly permit?: LearningPermit | undefined
  readonly collect?: number // ms from a correction to its round
  readonly retry?: number // ms until what failed because of the disk is tried again
  readonly seed?: number
}
