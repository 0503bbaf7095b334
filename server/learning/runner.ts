/** The learning thread from outside: started when there is something to do, ended when there has been nothing for a while. */

import { Worker } from 'node:worker_threads'
import type { LearningCommand, LearningReport } from './messages.ts'

/** After so long without work the thread gives its memory back, ms. */
const IDLE = 60_000

/** How long a thread may take to hear that it shall stop, ms. */
const PATIENCE = 1500

/** Objects of JavaScript that the thread may hold, MiB; its images and weights are not among them. */
const HEAP = 96

/** How a piece of work ended. */
export type Ended = Extract<LearningReport, { type: 'done' | 'prepared' | 'stopped' | 'failed' }>

export interface RunningJob {
  readonly ended: Promise<Ended> // never rejects
  /** Asks it to stop; it ends as 'stopped' unless it was done just then. */
  stop(): void
}

/** Does one piece of work at a time. */
export interface LearningRunner {
  run(command: Exclude<LearningCommand, { type: 'stop' }>, hear: (report: LearningReport) => void): RunningJob
  /** Ends the thread, with what it does. */
  close(): Promise<void>
}

export function createThreadRunner(url: URL = new URL('./thread.ts', import.meta.url)): LearningRunner {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined

  function start(): Worker {
    const made = new Worker(url, { resourceLimits: { maxOldGenerationSizeMb: HEAP } })
    made.once('exit', () => {
      if (worker === made) worker = undefined
    })
    worker = made
    return made
  }

  function rest(): void {
    idle = setTimeout(() => void worker?.terminate(), IDLE)
    idle.unref()
    worker?.unref()
  }

  return {
    run(command, hear) {
      clearTimeout(idle)
      const thread = worker ?? start()
      thread.ref()
      let impatience: NodeJS.Timeout | undefined
      let stopping = false
      const ended = new Promise<Ended>((resolve) => {
        const finish = (how: Ended) => {
          clearTimeout(impatience)
          thread.off('message', listen).off('error', fail).off('exit', leave)
          rest()
          resolve(how)
        }
        const listen = (report: LearningReport) => {
          if (report.type === 'step' || report.type === 'gate') hear(report)
          else finish(report)
        }
        const fail = (error: Error) =>
          finish({ type: 'failed', reason: `the learning thread failed: ${error.message}` })
        const leave = () =>
          finish(stopping ? { type: 'stopped' } : { type: 'failed', reason: 'the learning thread ended' })
        thread.on('message', listen).on('error', fail).on('exit', leave)
      })
      thread.postMessage(command)
      return {
        ended,
        stop() {
          if (stopping) return
          stopping = true
          thread.postMessage({ type: 'stop' } satisfies LearningCommand)
          impatience = setTimeout(() => void thread.terminate(), PATIENCE)
        },
      }
    },

    async close() {
      clearTimeout(idle)
      await worker?.terminate()
    },
  }
}
