/** The learning thread from outside. */

import { createThread, type JobRunner } from '../threads/start.ts'
import type { LearningJob, LearningProgress, LearningResult } from './messages.ts'

/** After so long without a job the thread gives its memory back, ms. */
const IDLE = 60_000

/** How long the thread may take to stop, ms. */
const PATIENCE = 1500

/** JavaScript objects that the thread may hold, MiB; its images and weights are not among them. */
const HEAP = 96

export type LearningRunner = JobRunner<LearningJob, LearningProgress, LearningResult>

export function createLearningRunner(url: URL = new URL('./thread.ts', import.meta.url)): LearningRunner {
  return createThread(url, { name: 'learning thread', heap: HEAP, idle: IDLE, patience: PATIENCE, moved: weightsOf })
}

// The server has read them for the round alone.
function weightsOf(job: LearningJob): ArrayBuffer[] {
  if (job.type !== 'round') return []
  return [job.shipped, job.served, ...job.secondOpinions].map(({ data }) => data.buffer as ArrayBuffer)
}
