/** A worker of the pool: decodes and preprocesses drawings, and asks models about them. It knows no client and no store. */

import { flushCompileCache } from 'node:module'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Backend } from '../../core/backend/backend.ts'
import { wasmBackend } from '../../core/backend/wasm.ts'
import { release } from '../../core/data/release.ts'
import { InputError } from '../../core/errors.ts'
import { createModel, modelMemory } from '../../core/models/create-model.ts'
import type { Model } from '../../core/models/model.ts'
import { prepareDrawing } from '../../core/recognizer.ts'
import { inflate } from '../files/inflate.ts'
import { decodeDrawing, furtherTokens } from '../http/bodies/decoding.ts'
import { readDrawing } from '../http/bodies/drawing.ts'
import { beNice } from '../threads/niceness.ts'
import type { Command, ReadDrawing, Report, Said, Task, TaskReply, WorkerModel, WorkerStart } from './messages.ts'

/** A drawing that is being read. */
interface Reading {
  readonly work: Generator<void, ReadDrawing>
  readonly body: Uint8Array
}

/** Of a worker, the main thread having 0 and learning 10: sockets come first where all cores are busy. */
const NICENESS = 3

const port = parentPort as MessagePort
const { backend, module } = workerData as WorkerStart
const now = () => performance.now()
const loadedModels = new Map<number, Model | undefined>() // by key; undefined where it cannot be loaded
const unfinished = new Map<number, Reading>()
let owed = 0 // tokens of the drawing that is read at the moment
const create = await backendMaker()

beNice(NICENESS)
port.on('message', ({ id, task }: Command) => {
  const reply = answer(id, task)
  if (reply) port.postMessage({ id, reply } satisfies Report)
})
port.postMessage({ id: 0, reply: { type: 'ready' } } satisfies Report)
flushCompileCache() // it would be written when the thread ends by itself, which it does not

async function backendMaker(): Promise<(bytes: number) => Backend> {
  if (backend !== 'ts') return (bytes) => wasmBackend(backend, module, bytes)
  return (await import('../../core/backend/typescript.ts')).typescriptBackend
}

function answer(id: number, task: Task): TaskReply | undefined {
  try {
    return done(id, task)
  } catch (error) {
    if (task.type === 'read') release(task.body)
    drop(id)
    if (error instanceof InputError) {
      const { status, code, message } = error
      return { type: 'refused', status, code, message }
    }
    return { type: 'failed', reason: String(error) }
  }
}

function done(id: number, task: Task): TaskReply | undefined {
  switch (task.type) {
    case 'read':
      return step(id, { work: read(task), body: task.body })
    case 'next':
      return step(id, unfinished.get(id) as Reading)
    case 'drop':
      drop(id)
      return undefined
    case 'forget':
      loadedModels.delete(task.key)
      return undefined
    case 'sample':
      return sample(task)
  }
}

// Its memory at once: until the garbage collector comes, many others may have come.
function drop(id: number): void {
  const reading = unfinished.get(id)
  if (reading) release(reading.body)
  unfinished.delete(id)
}

function step(id: number, reading: Reading): TaskReply {
  const { done, value } = reading.work.next()
  if (done) {
    unfinished.delete(id)
    return { type: 'read', drawing: value }
  }
  unfinished.set(id, reading)
  const tokens = owed
  owed = 0
  return tokens > 0 ? { type: 'owes', tokens } : { type: 'unfinished' }
}

function* read({ contentType, body, paid, models }: Extract<Task, { type: 'read' }>): Generator<void, ReadDrawing> {
  const loaded = models.map(load) // now, for their files come with this message only
  function* charge(file: Uint8Array) {
    const tokens = furtherTokens(file)
    if (tokens <= paid) return
    owed = tokens
    yield // until the server has charged them
  }
  const decoded = yield* decodeDrawing(readDrawing(contentType, body, { inflate, charge }), () => release(body), now)
  const { input, preprocess } = prepareDrawing(() => decoded.raster, now)
  const said = loaded.map((model): Said | undefined => {
    const started = now()
    return model && { scores: model.scores(input).slice(), infer: now() - started }
  })
  const { keepsake, decode } = decoded
  const kept = 'png' in keepsake ? keepsake.png : 'json' in keepsake ? keepsake.json : undefined
  return {
    input,
    keepsake: kept === body ? ('png' in keepsake ? 'png' : 'json') : keepsake,
    decode,
    preprocess,
    said,
  }
}

function sample({ model, input, first, count }: Extract<Task, { type: 'sample' }>): TaskReply {
  let scores = new Float32Array(0)
  let done = 0
  const started = now()
  load(model)?.sample?.(input, first, count, (pass) => {
    if (done === 0) scores = new Float32Array(count * pass.length)
    scores.set(pass, done++ * pass.length)
  })
  return { type: 'scores', scores, infer: now() - started }
}

function load({ key, files }: WorkerModel): Model | undefined {
  if (files && !loadedModels.has(key)) {
    let model: Model | undefined
    try {
      model = createModel(create(modelMemory(files.card)), files.card, files.data)
    } catch {
      // the server finds out why, when it loads the model itself
    }
    loadedModels.set(key, model)
  }
  return loadedModels.get(key)
}
