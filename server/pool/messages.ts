/** What goes between the server and the workers of its pool. */

import type { BackendName } from '../../core/backend/backend.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { Keepsake } from '../corrections/keepsake.ts'

/** What a worker starts with. */
export interface WorkerStart {
  readonly backend: BackendName
  readonly module: unknown // the compiled kernels, which all threads share; undefined for 'ts'
}

/** A version of a model, numbered; with its files where the worker has not got it yet. */
export interface WorkerModel {
  readonly key: number
  readonly files?: ModelFiles
}

/** What a worker is asked. Each but 'drop' and 'forget' gets one reply. */
export type Task =
  /** The first piece of reading a drawing, which all `models` are then asked about. `paid`: tokens that were paid for its size. */
  | {
      readonly type: 'read'
      readonly contentType: string | undefined
      readonly body: Uint8Array
      readonly paid: number
      readonly models: readonly WorkerModel[]
    }
  /** The next piece of it. */
  | { readonly type: 'next' }
  /** No further piece of it. */
  | { readonly type: 'drop' }
  /** Passes with dropout, counted from `first`. */
  | {
      readonly type: 'sample'
      readonly model: WorkerModel
      readonly input: Uint8Array
      readonly first: number
      readonly count: number
    }
  /** A model that is asked no more. */
  | { readonly type: 'forget'; readonly key: number }

/** To a worker. The pieces of one drawing have one id. */
export interface Command {
  readonly id: number
  readonly task: Task
}

/** A drawing that was read. */
export interface ReadDrawing {
  readonly input: Uint8Array // [784]
  /** What is kept of it; a word where that is the body as it came. */
  readonly keepsake: Keepsake | 'png' | 'json'
  readonly decode: number // ms
  readonly preprocess: number // ms
  readonly said: readonly (Said | undefined)[] // by the models, in their order; undefined where one cannot be loaded
}

/** What a model says of an input. */
export interface Said {
  readonly scores: Float32Array
  readonly infer: number // ms
}

export type TaskReply =
  /** The worker has started; of no task. */
  | { readonly type: 'ready' }
  | { readonly type: 'unfinished' }
  /** The picture costs that many tokens, more than were paid: it is unfinished until they are. */
  | { readonly type: 'owes'; readonly tokens: number }
  | { readonly type: 'read'; readonly drawing: ReadDrawing }
  /** [count, outputs] of passes; none where the model cannot be loaded. */
  | { readonly type: 'scores'; readonly scores: Float32Array; readonly infer: number }
  /** An InputError. */
  | { readonly type: 'refused'; readonly status: number; readonly code: string; readonly message: string }
  /** Any other error. */
  | { readonly type: 'failed'; readonly reason: string }

/** From a worker. */
export interface Report {
  readonly id: number
  readonly reply: TaskReply
}
