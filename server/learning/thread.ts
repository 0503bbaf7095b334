/** The learning thread: does rounds one after the other, with memory of its own and in the background. */

import type { BackendFactory } from '../../core/backend/backend.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { nodeBackends } from '../backend.ts'
import { doJobs, type JobContext, moveToBackground } from '../threads/jobs.ts'
import type { LearningJob, LearningProgress, LearningResult } from './messages.ts'
import type { ReplaySetChoice } from './replay-choice.ts'
import { loadReplaySet, prepareReplaySet } from './replay-set.ts'
import { createRoundCaches } from './round-caches.ts'
import { runRound } from './run-round.ts'
import { createShippedBorders } from './shipped-border.ts'

/** Time after which preparing the replay set pauses, ms. */
const PREPARING = 20

const caches = createRoundCaches()
const borders = createShippedBorders()
let backends: BackendFactory | undefined
let loaded: { readonly key: string; readonly replaySet: ReplaySet } | undefined

// Rests in proportion to the time since the last rest, so that whatever was done in it counts: `duty` is the share of the time spent
// computing. Rests too short for a timer add up.
function restFor({ pause }: JobContext<LearningProgress>, duty: number): () => Promise<void> {
  let since = performance.now()
  let owed = 0
  return async () => {
    const began = performance.now()
    owed += (began - since) * (1 / duty - 1)
    await pause(owed)
    since = performance.now()
    owed = Math.max(0, owed - (since - began))
  }
}

async function replaySetOf(choice: ReplaySetChoice): Promise<ReplaySet> {
  const key = JSON.stringify(choice)
  if (loaded?.key !== key) loaded = { key, replaySet: await loadReplaySet(choice) }
  return loaded.replaySet
}

moveToBackground()
doJobs<LearningJob, LearningProgress, LearningResult>(async (job, context) => {
  const rest = restFor(context, job.duty)
  if (job.type === 'prepare') {
    let since = performance.now()
    await prepareReplaySet(job.replaySet, async () => {
      if (performance.now() - since < PREPARING) return
      await rest()
      since = performance.now()
    })
    return undefined
  }
  backends ??= await nodeBackends()
  const replaySet = await replaySetOf(job.replaySet)
  return runRound(job, { backends, replaySet, caches, borders, report: context.report, rest })
})
