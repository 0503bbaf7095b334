/** A worker thread from inside: does the jobs it is given, one after the other, and reports how each of them ended. */

import { setImmediate } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import type { ThreadCommand, ThreadReport } from './messages.ts'
import { beNice } from './niceness.ts'

/** Of a thread in the background, the server having 0: answers come first. */
const NICENESS = 10

/** Thrown by `pause` when the job is to stop. */
export class Stopped extends Error {}

export interface JobContext<Progress> {
  report(progress: Progress): void
  /**
   * Waits so many ms, and until the messages that have arrived are read.
   * @throws Stopped when the job is to stop, also while it waits
   */
  pause(duration: number): Promise<void>
}

/** Does each job that arrives with `work`. What that throws is the reason why the job failed. */
export function doJobs<Job, Progress, Result>(
  work: (job: Job, context: JobContext<Progress>) => Result | Promise<Result>,
): void {
  const port = parentPort
  if (!port) throw new Error('this is a thread of the server')
  const send = (report: ThreadReport<Progress, Result>) => port.postMessage(report)
  let stopping = false
  let wake = () => {}
  const context: JobContext<Progress> = {
    report: (progress) => send({ type: 'progress', progress }),
    async pause(duration) {
      if (duration < 1) await setImmediate()
      else {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, duration)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      if (stopping) throw new Stopped()
    },
  }
  port.on('message', async (command: ThreadCommand<Job>) => {
    stopping = command.type === 'stop'
    if (command.type === 'stop') return wake()
    try {
      send({ type: 'done', result: await work(command.job, context) })
    } catch (error) {
      send(error instanceof Stopped ? { type: 'stopped' } : { type: 'failed', reason: reasonOf(error) })
    }
  })
}

/** Makes the thread that calls it yield the processor to all others. */
export function moveToBackground(): void {
  beNice(NICENESS)
}

// In words for anybody: the file system's own messages name paths.
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'there is no room left on the disk'
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return `a file cannot be read or written (${code})`
  return message ?? String(error)
}
