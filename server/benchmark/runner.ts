/** The benchmark's thread from outside: there for one run, and gone with it. */

import { Worker } from 'node:worker_threads'
import type { BackendName } from '../../core/backend/backend.ts'
import type { BenchmarkProgress, BenchmarkReport } from '../../core/protocol.ts'

/** Objects of JavaScript that the thread may hold, MiB; models and operands are not among them. */
const HEAP = 96

/** What the thread is told when it starts. */
export interface BenchmarkOrder {
  readonly weights: string // folder of models
  readonly replaced: boolean // whether what was made of data sets on this machine stands in for shipped models
  readonly memory: number // bytes that such a model may take
  readonly version: string // of the program
  readonly backend: BackendName | undefined // the only one to compare with TypeScript; all unless given
}

/** What the thread tells. */
export type BenchmarkMessage =
  | ({ readonly type: 'progress' } & BenchmarkProgress)
  | { readonly type: 'done'; readonly report: BenchmarkReport }
  | { readonly type: 'failed'; readonly reason: string }

/** How a run ended. */
export type BenchmarkEnd = Exclude<BenchmarkMessage, { type: 'progress' }> | { readonly type: 'stopped' }

export interface BenchmarkJob {
  readonly ended: Promise<BenchmarkEnd> // never rejects
  /** Ends it where it is. */
  stop(): void
}

export interface BenchmarkRunner {
  run(hear: (progress: BenchmarkProgress) => void): BenchmarkJob
}

export function createBenchmarkRunner(
  order: BenchmarkOrder,
  url: URL = new URL('./thread.ts', import.meta.url),
): BenchmarkRunner {
  return {
    run(hear) {
      const thread = new Worker(url, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP } })
      let end: BenchmarkEnd = { type: 'failed', reason: 'the thread ended' }
      thread.on('message', (message: BenchmarkMessage) => {
        if (message.type !== 'progress') end = message
        else {
          const { type: _, ...progress } = message
          hear(progress)
        }
      })
      thread.on('error', ({ message }) => {
        end = { type: 'failed', reason: message }
      })
      return {
        ended: new Promise((resolve) => thread.once('exit', () => resolve(end))),
        stop() {
          end = { type: 'stopped' }
          void thread.terminate()
        },
      }
    },
  }
}
