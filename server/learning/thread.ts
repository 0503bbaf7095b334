/** The learning thread: does rounds one after the other, with memory of its own and in the background. */

import type { BackendFactory } from '../../core/backend/backend.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { nodeBackends } from '../backend.ts'
import { doJobs, type JobContext, moveToBackground } from '../threads/jobs.ts'
import type { LearningJob, LearningProgress, LearningResult } from './messages.ts'
import { loadReplaySet, prepareReplaySet, type ReplaySetChoice } from './replay-set.ts'
import { createRoundCaches } from './round-caches.ts'
import { runRound } from './run-round.ts'

/** Time after which preparing the replay set pauses, ms. */
const PREPARING = 20

const caches = createRoundCaches()
let backends: BackendFactory | undefined
let loaded: { readonly key: string; readonly replaySet: ReplaySet } | undefined

// Pauses in proportion to the work done: `duty` is the share of the time spent computing.
function pauseAfter({ pause }: JobContext<LearningProgress>, duty: number): (worked: number) => Promise<void> {
  return (worked) => pause(worked * (1 / duty - 1))
}

async function replaySetOf(choice: ReplaySetChoice): Promise<ReplaySet> {
  const key = JSON.stringify(choice)
  if (loaded?.key !== key) loaded = { key, replaySet: await loadReplaySet(choice) }
  return loaded.replaySet
}

moveToBackground()
doJobs<LearningJob, LearningProgress, LearningResult>(async (job, context) => {
  const pause = pauseAfter(context, job.duty)
  if (job.type === 'prepare') {
    let since = performance.now()
    await prepareReplaySet(job.replaySet, async () => {
      const worked = performance.now() - since
      if (worked < PREPARING) return
      await pause(worked)
      since = performance.now()
    })
    return undefined
  }
  backends ??= await nodeBackends()
  const replaySet = await replaySetOf(job.replaySet)
  return runRound(job, { backends, replaySet, caches, report: context.report, pause })
})
