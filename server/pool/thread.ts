/** A worker of the pool: decodes and preprocesses drawings, and asks models about them. It knows no client and no store. */

import { flushCompileCache } from 'node:module'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Backend } from '../../core/backend/backend.ts'
import { wasmBackend } from '../../core/backend/wasm.ts'
import { InputError } from '../../core/errors.ts'
import { createModel, modelMemory } from '../../core/models/create-model.ts'
import type { Model } from '../../core/models/model.ts'
import { prepareDrawing } from '../../core/recognizer.ts'
import { inflate } from '../files/inflate.ts'
import { decodeDrawing, furtherTokens } from '../http/bodies/decoding.ts'
import { readDrawing } from '../http/bodies/drawing.ts'
import { beNice } from '../threads/niceness.ts'
import type { Command, ReadDrawing, Report, Said, Task, TaskReply, WorkerModel, WorkerStart } from './messages.ts'

/** Thrown where a picture's size was not paid for. */
class Owes extends Error {
  readonly tokens: number

  constructor(tokens: number) {
    super('the picture is larger than was paid for')
    this.tokens = tokens
  }
}

/** Of a worker, the main thread having 0 and learning 10: sockets come first where all cores are busy. */
const NICENESS = 3

const port = parentPort as MessagePort
const { backend, module } = workerData as WorkerStart
const now = () => performance.now()
const loadedModels = new Map<number, Model | undefined>() // by key; undefined where it cannot be loaded
const unfinished = new Map<number, Generator<void, ReadDrawing>>()
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
    unfinished.delete(id)
    if (error instanceof Owes) return { type: 'owes', tokens: error.tokens }
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
      return step(id, read(task))
    case 'next':
      return step(id, unfinished.get(id) as Generator<void, ReadDrawing>)
    case 'drop':
      unfinished.delete(id)
      return undefined
    case 'forget':
      loadedModels.delete(task.key)
      return undefined
    case 'sample':
      return sample(task)
  }
}

function step(id: number, work: Generator<void, ReadDrawing>): TaskReply {
  const { done, value } = work.next()
  if (done) {
    unfinished.delete(id)
    return { type: 'read', drawing: value }
  }
  unfinished.set(id, work)
  return { type: 'unfinished' }
}

function* read({ contentType, body, paid, models }: Extract<Task, { type: 'read' }>): Generator<void, ReadDrawing> {
  const loaded = models.map(load) // now, for their files come with this message only
  const charge = (file: Uint8Array) => {
    const tokens = furtherTokens(file)
    if (tokens > paid) throw new Owes(tokens)
  }
  const decoded = yield* decodeDrawing(readDrawing(contentType, body, { inflate, charge }), () => {}, now)
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
