/**
 * This machine's own benchmark: measured once, on a thread behind everything else, when somebody first asks and nothing is
 * being learned; kept, so that a restart does not measure again. Strangers cause that one run, and the owner any.
 */

import type { BenchmarkProgress, BenchmarkReport, BenchmarkResponse } from '../../core/protocol.ts'
import type { BenchmarkJob, BenchmarkRunner } from './runner.ts'

/** Runs that are begun without the owner's wish: one, and again what learning cut short. */
const TRIES = 3

const WAITING = 'the phone is learning; it measures itself afterwards'
// what exactly is for the log: it may name paths
const FAILED = 'the measurement failed; the log of the server says why'
const INTERRUPTED = 'learning has interrupted it each time; the owner can start it'

export interface OwnBenchmark {
  /** How it stands. Begins it where it was never done. */
  state(): BenchmarkResponse
  /** Measures anew, or goes on doing so. While something is being learned it waits for a later `state`. */
  start(): BenchmarkResponse
  /** Ends what is under way. */
  close(): Promise<void>
}

export interface OwnBenchmarkParts {
  /** The report that is kept of this program on this machine, if there is one. */
  readonly read: () => BenchmarkReport | undefined
  /** Keeps a report. */
  readonly write: (report: BenchmarkReport) => void
  readonly runner: BenchmarkRunner
  /** Whether something is being learned now: that comes first, and would spoil the figures. */
  readonly learning: () => boolean
  readonly warn: (message: string) => void
}

interface Running {
  readonly job: BenchmarkJob
  progress: BenchmarkProgress
}

export function createOwnBenchmark({ read, write, runner, learning, warn }: OwnBenchmarkParts): OwnBenchmark {
  let report: BenchmarkReport | undefined
  let looked = false // whether one is kept
  let wanted = false // by the owner
  let tries = 0
  let running: Running | undefined
  let failure = ''
  let closed = false

  function standing(): BenchmarkResponse {
    if (running) return { state: 'measuring', ...running.progress }
    if (wanted) return { state: 'waiting', reason: WAITING }
    if (report) return { state: 'measured', report }
    return failure ? { state: 'failed', reason: failure } : { state: 'waiting', reason: WAITING }
  }

  function begin(): void {
    if (running || closed || learning()) return
    if (!wanted && tries++ >= TRIES) {
      failure = INTERRUPTED
      return
    }
    wanted = false
    const job = runner.run((progress) => {
      if (running?.job !== job) return
      running.progress = progress
      if (learning()) job.stop()
    })
    running = { job, progress: { done: 0, works: 0, work: '' } }
    void job.ended.then((how) => {
      running = undefined
      if (how.type === 'failed') {
        failure = FAILED
        if (!closed) warn(`this machine's benchmark failed: ${how.reason}`)
      }
      if (how.type === 'done') keep(how.report)
    })
  }

  function keep(fresh: BenchmarkReport): void {
    report = fresh
    failure = ''
    try {
      write(fresh)
    } catch (error) {
      // it is told all the same, and measured again after a restart
      warn(`this machine's benchmark cannot be kept: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
    }
  }

  return {
    state() {
      if (!looked) {
        looked = true
        report = read()
      }
      if (wanted || (!report && !failure)) begin()
      return standing()
    },
    start() {
      wanted = !running
      return this.state()
    },
    async close() {
      closed = true
      running?.job.stop()
      await running?.job.ended
    },
  }
}
