/** A worker thread from outside: started when there is a job, ended when there has been none for a while. */

import { Worker } from 'node:worker_threads'
import type { JobEnd, ThreadCommand, ThreadReport } from './messages.ts'

export interface ThreadOptions<Job> {
  readonly name: string // in messages
  readonly heap?: number // MiB of JavaScript objects it may hold; Node's own limit unless given
  readonly idle?: number // ms without a job after which it ends, 0 unless given
  readonly patience?: number // ms it may take to stop before it is terminated, 0 unless given
  /** Memory that goes over to the thread with a job; the rest is copied. */
  readonly moved?: (job: Job) => readonly ArrayBuffer[]
}

export interface RunningJob<Result> {
  readonly ended: Promise<JobEnd<Result>> // never rejects
  /** Asks the thread to stop; the job ends as 'stopped' unless it was done just then. */
  stop(): void
}

/** Does one job at a time. */
export interface JobRunner<Job, Progress, Result> {
  run(job: Job, onProgress: (progress: Progress) => void): RunningJob<Result>
  /** Terminates the thread, whatever it does. */
  close(): Promise<void>
}

/** @param url of the thread's entry, which calls `doJobs` */
export function createThread<Job, Progress, Result>(
  url: URL,
  { name, heap, idle = 0, patience = 0, moved = () => [] }: ThreadOptions<Job>,
): JobRunner<Job, Progress, Result> {
  let worker: Worker | undefined
  let idleTimer: NodeJS.Timeout | undefined

  function start(): Worker {
    const started = new Worker(url, heap === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heap } })
    started.once('exit', () => {
      if (worker === started) worker = undefined
    })
    worker = started
    return started
  }

  // The next job starts another thread. A job that ends just now must not unref this one: the process would not wait for it.
  async function discard(): Promise<void> {
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }

  function rest(): void {
    idleTimer = setTimeout(discard, idle)
    idleTimer.unref()
    worker?.unref()
  }

  return {
    run(job, onProgress) {
      clearTimeout(idleTimer)
      const thread = worker ?? start()
      thread.ref()
      let stopTimer: NodeJS.Timeout | undefined
      let stopping = false
      const ended = new Promise<JobEnd<Result>>((resolve) => {
        const finish = (end: JobEnd<Result>) => {
          clearTimeout(stopTimer)
          thread.off('message', read).off('error', fail).off('exit', leave)
          rest()
          resolve(end)
        }
        const read = (report: ThreadReport<Progress, Result>) => {
          if (report.type === 'progress') onProgress(report.progress)
          else finish(report)
        }
        const fail = (error: Error) => {
          worker = undefined // it exits
          finish({ type: 'failed', reason: `the ${name} failed: ${error.message}` })
        }
        const leave = () => finish(stopping ? { type: 'stopped' } : { type: 'failed', reason: `the ${name} ended` })
        thread.on('message', read).on('error', fail).on('exit', leave)
      })
      thread.postMessage({ type: 'run', job } satisfies ThreadCommand<Job>, moved(job))
      return {
        ended,
        stop() {
          if (stopping) return
          stopping = true
          thread.postMessage({ type: 'stop' } satisfies ThreadCommand<Job>)
          stopTimer = setTimeout(() => void thread.terminate(), patience)
        },
      }
    },

    async close() {
      clearTimeout(idleTimer)
      await discard()
    },
  }
}
