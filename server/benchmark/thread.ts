/** The benchmark's thread: measures this machine once, in short, behind everything else, and ends. */

import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { measurableBackends } from '../../core/benchmark/backends.ts'
import { benchmark } from '../../core/benchmark/benchmark.ts'
import { ESSENTIALS } from '../../core/benchmark/selection.ts'
import { wasmModules } from '../backend.ts'
import { ModelFolder } from '../models/folder.ts'
import { isReferenceModel, referencesRoot } from '../references/references.ts'
import { nodeEnvironment } from './environment.ts'
import type { BenchmarkMessage, BenchmarkOrder } from './runner.ts'

/** Of the thread, the server having 0: answers come first. */
const NICENESS = 10

const clock = () => performance.now()

/** Time between two messages on how far it is, ms. */
const TELLING = 200

const port = parentPort
if (!port) throw new Error('this is a thread of the server')
const tell = (message: BenchmarkMessage) => port.postMessage(message)

try {
  setPriority(0, NICENESS) // on Linux 0 is the thread that calls
} catch {
  // the system has no priorities
}

const { weights, replaced, memory, version, backend } = workerData as BenchmarkOrder
const accept = (card: Parameters<typeof isReferenceModel>[0]) => isReferenceModel(card, memory)
const zoo = new ModelFolder(weights, clock, () => {}, replaced ? { root: referencesRoot(), accept } : undefined)
const models = zoo.list().flatMap(({ id }) => {
  try {
    return zoo.load(id)
  } catch {
    return [] // a broken model: the server has said so
  }
})
const { backends, selfTest } = await measurableBackends(wasmModules(), backend)
const environment = nodeEnvironment(version, selfTest)
const processor = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
const run = benchmark({ backends, models, environment, clock, processor, quick: true, only: ESSENTIALS })
let told = Number.NEGATIVE_INFINITY
for (;;) {
  const { done, value } = run.next()
  if (done) {
    tell({ type: 'done', report: value })
    break
  }
  if (clock() - told < TELLING) continue
  told = clock()
  tell({ type: 'progress', ...value })
}
