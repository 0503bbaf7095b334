/** A part of the ARM run: jobs that run on this machine and on emulated ones, and the comparison of what they found. */

import { availableParallelism } from 'node:os'
import type { Tally } from './tally.ts'

export interface Job {
  readonly name: string
  /** Processor time it usually takes, s. The longest jobs begin first, so that no processor is left alone with one at the end. */
  readonly usual: number
  /** Does the work, and prints a few lines on it. What it throws is a failure of the run. */
  work(): Promise<void>
}

export interface Part {
  readonly jobs: readonly Job[]
  /** Called once all jobs have ended. */
  compare(tally: Tally): void
}

/** Runs all jobs, as many at a time as there are processors, since each keeps about one busy. Returns their times, s. */
export async function runJobs(tally: Tally, jobs: readonly Job[]): Promise<ReadonlyMap<string, number>> {
  const waiting = jobs.toSorted((a, b) => b.usual - a.usual)
  const seconds = new Map<string, number>()
  const runWaiting = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const started = performance.now()
      try {
        await job.work()
      } catch (error) {
        tally.failures.push(`${job.name}: ${error instanceof Error ? error.message : error}`)
      }
      seconds.set(job.name, (performance.now() - started) / 1000)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, runWaiting))
  return seconds
}
