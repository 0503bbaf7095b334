/**
 * This machine's own benchmark: measured once, on a thread in the background, when it is first requested and nothing is being
 * learned. The report is kept, so that a restart does not measure again. Only the owner can start further runs.
 */

import type { BenchmarkProgress, BenchmarkReport, BenchmarkResponse } from '../../core/protocol.ts'
import type { RunningJob } from '../threads/start.ts'
import type { BenchmarkRunner } from './runner.ts'

/** Most runs that begin without the owner: one, and repetitions of what learning interrupted. */
const TRIES = 3

const WAITING = 'the phone is learning; it measures itself afterwards'
// the exact reason may name paths, so it goes to the log only
const FAILED = 'the measurement failed; the log of the server says why'
const INTERRUPTED = 'learning has interrupted it each time; the owner can start it'

export interface OwnBenchmark {
  /** Its state. Begins a run where there is no report. */
  state(): BenchmarkResponse
  /** Begins a run unless one is under way. While something is being learned, a later `state` begins it. */
  start(): BenchmarkResponse
  /** Stops the run under way. */
  close(): Promise<void>
}

export interface OwnBenchmarkParts {
  /** The stored report of this program on this machine, if there is one. */
  readonly read: () => BenchmarkReport | undefined
  /** Stores a report. */
  readonly write: (report: BenchmarkReport) => void
  readonly runner: BenchmarkRunner
  /** Whether something is being learned now: that comes first, and would spoil the figures. */
  readonly learning: () => boolean
  readonly warn: (message: string) => void
}

interface Running {
  readonly job: RunningJob<BenchmarkReport>
  progress: BenchmarkProgress
}

export function createOwnBenchmark({ read, write, runner, learning, warn }: OwnBenchmarkParts): OwnBenchmark {
  let report: BenchmarkReport | undefined
  let looked = false // for a stored report
  let requested = false // by the owner
  let tries = 0
  let running: Running | undefined
  let failure = ''
  let closed = false

  function response(): BenchmarkResponse {
    if (running) return { state: 'measuring', ...running.progress }
    if (requested) return { state: 'waiting', reason: WAITING }
    if (report) return { state: 'measured', report }
    return failure ? { state: 'failed', reason: failure } : { state: 'waiting', reason: WAITING }
  }

  function begin(): void {
    if (running || closed || learning()) return
    if (!requested && tries++ >= TRIES) {
      failure = INTERRUPTED
      return
    }
    requested = false
    const job = runner.run((progress) => {
      if (running?.job !== job) return
      running.progress = progress
      if (learning()) job.stop()
    })
    running = { job, progress: { done: 0, works: 0, work: '' } }
    void job.ended.then((end) => {
      running = undefined
      if (end.type === 'failed') {
        failure = FAILED
        if (!closed) warn(`this machine's benchmark failed: ${end.reason}`)
      }
      if (end.type === 'done') keep(end.result)
    })
  }

  function keep(fresh: BenchmarkReport): void {
    report = fresh
    failure = ''
    try {
      write(fresh)
    } catch (error) {
      // it is answered all the same, and measured again after a restart
      warn(`this machine's benchmark cannot be kept: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
    }
  }

  return {
    state() {
      if (!looked) {
        looked = true
        report = read()
      }
      if (requested || (!report && !failure)) begin()
      return response()
    },
    start() {
      requested = !running
      return this.state()
    },
    async close() {
      closed = true
      running?.job.stop()
      await running?.job.ended
    },
  }
}
