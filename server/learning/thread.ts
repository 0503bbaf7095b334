/** The learning thread: does rounds one after the other, with a memory of its own and behind everything else. */

import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { BackendFactory } from '../../core/backend/backend.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { nodeBackends } from '../backend.ts'
import type { LearningCommand, LearningReport } from './messages.ts'
import { loadReplaySet, prepareReplaySet, type ReplaySetChoice } from './replay-set.ts'
import { createRoundCaches } from './round-caches.ts'
import { runRound, Stopped } from './run-round.ts'

/** Of the thread, the server having 0: answers come first. */
const NICENESS = 10

const port = parentPort
if (!port) throw new Error('this is a thread of the server')

try {
  setPriority(0, NICENESS) // on Linux 0 is the thread that calls
} catch {
  // the system has no priorities
}

let stopping = false
let backends: BackendFactory | undefined
let trusted: { readonly key: string; readonly images: ReplaySet } | undefined

const keeping = createRoundCaches()
const tell = (report: LearningReport) => port.postMessage(report)

/** Rests in proportion to the work done, and hears what has come meanwhile. */
function breather(duty: number) {
  return async (worked: number) => {
    const rest = worked * (1 / duty - 1)
    await new Promise<void>((resolve) => (rest >= 1 ? setTimeout(resolve, rest) : setImmediate(resolve)))
    if (stopping) throw new Stopped()
  }
}

async function imagesOf(choice: ReplaySetChoice): Promise<ReplaySet> {
  const key = JSON.stringify(choice)
  if (trusted?.key !== key) trusted = { key, images: await loadReplaySet(choice) }
  return trusted.images
}

async function obey(command: Exclude<LearningCommand, { type: 'stop' }>): Promise<LearningReport> {
  if (command.type === 'prepare') {
    let since = performance.now()
    const breathe = breather(command.duty)
    await prepareReplaySet(command.trusted, async () => {
      const worked = performance.now() - since
      if (worked < 20) return
      await breathe(worked)
      since = performance.now()
    })
    return { type: 'prepared' }
  }
  const { order } = command
  backends ??= await nodeBackends()
  const images = await imagesOf(order.replaySet)
  return {
    type: 'done',
    outcome: await runRound(order, {
      backends,
      replaySet: images,
      caches: keeping,
      report: tell,
      rest: breather(order.duty),
    }),
  }
}

port.on('message', async (command: LearningCommand) => {
  if (command.type === 'stop') {
    stopping = true
    return
  }
  stopping = false
  try {
    tell(await obey(command))
  } catch (error) {
    if (error instanceof Stopped) tell({ type: 'stopped' })
    else tell({ type: 'failed', reason: reasonOf(error) })
  }
})

// In words for anybody: the file system's own messages name paths.
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'there is no room left on the disk'
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return `a file cannot be read or written (${code})`
  return message ?? String(error)
}
