/** The benchmark's thread from outside: started for one run, and ended with it. */

import type { BackendName } from '../../core/backend/backend.ts'
import type { BenchmarkProgress, BenchmarkReport } from '../../core/protocol.ts'
import { createThread, type RunningJob } from '../threads/start.ts'

/** JavaScript objects that the thread may hold, MiB; models and operands are not among them. */
const HEAP = 96

/** What to measure. */
export interface BenchmarkJob {
  readonly weights: string // folder of models
  readonly replaced: boolean // whether models made of data sets on this machine replace shipped ones
  readonly memory: number // bytes that such a model may take
  readonly version: string // of the program
  readonly backend: BackendName | undefined // the only one to compare with TypeScript; all unless given
}

export interface BenchmarkRunner {
  run(onProgress: (progress: BenchmarkProgress) => void): RunningJob<BenchmarkReport>
}

export function createBenchmarkRunner(
  job: BenchmarkJob,
  url: URL = new URL('./thread.ts', import.meta.url),
): BenchmarkRunner {
  const thread = createThread<BenchmarkJob, BenchmarkProgress, BenchmarkReport>(url, {
    name: 'benchmark thread',
    heap: HEAP,
  })
  return { run: (onProgress) => thread.run(job, onProgress) }
}
