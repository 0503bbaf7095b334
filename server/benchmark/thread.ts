/** The benchmark's thread: measures this machine once, with the short benchmark, in the background. */

import { measurableBackends } from '../../core/benchmark/backends.ts'
import { benchmark } from '../../core/benchmark/benchmark.ts'
import { ESSENTIALS } from '../../core/benchmark/selection.ts'
import type { BenchmarkProgress, BenchmarkReport } from '../../core/protocol.ts'
import { nodeKernels } from '../backend.ts'
import { ModelFolder } from '../models/folder.ts'
import { isReferenceModel, referencesRoot } from '../references/references.ts'
import { doJobs, moveToBackground } from '../threads/jobs.ts'
import { nodeEnvironment } from './environment.ts'
import { NODE_METER } from './meter.ts'
import type { BenchmarkJob } from './runner.ts'

/** Time between two reports of progress, ms. */
const INTERVAL = 200

const { clock, processor } = NODE_METER

moveToBackground()
doJobs<BenchmarkJob, BenchmarkProgress, BenchmarkReport>(async (job, { report }) => {
  const { backends, selfTest } = await measurableBackends(nodeKernels(), job.backend)
  const environment = nodeEnvironment(job.version, selfTest)
  const models = loadModels(job)
  const run = benchmark({ backends, models, environment, clock, processor, quick: true, only: ESSENTIALS })
  let reported = Number.NEGATIVE_INFINITY
  for (;;) {
    const { done, value } = run.next()
    if (done) return value
    if (clock() - reported < INTERVAL) continue
    reported = clock()
    report(value)
  }
})

function loadModels({ weights, replaced, memory }: BenchmarkJob) {
  const accept = (card: Parameters<typeof isReferenceModel>[0]) => isReferenceModel(card, memory)
  const zoo = new ModelFolder(weights, clock, () => {}, replaced ? { root: referencesRoot(), accept } : undefined)
  return zoo.list().flatMap(({ id }) => {
    try {
      return zoo.load(id)
    } catch {
      return [] // a broken model: the server has reported it
    }
  })
}
