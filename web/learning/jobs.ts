/** What the page and its worker say to each other about learning. The worker is arithmetic alone: it fetches and keeps nothing. */

import type { BackendName } from '../../core/backend/backend.ts'
import type { GeneratorSizes } from '../../core/learning/generator.ts'
import type { Lesson } from '../../core/learning/personal.ts'
import type { ModelFiles } from '../../core/models/source.ts'

/** What the page sends. */
export type ToWorker =
  /** The first message: the kernels, and the weights of the generator of digits. `module` is missing where TypeScript computes. */
  | {
      readonly type: 'start'
      readonly backend: BackendName
      readonly module?: WebAssembly.Module
      readonly generator: { readonly sizes: GeneratorSizes; readonly data: Uint8Array }
    }
  /** The network that answers for everyone: what is learned starts from it. */
  | { readonly type: 'everyones'; readonly files: ModelFiles }
  /** Do beforehand what every job needs. */
  | { readonly type: 'prepare' }
  /** Learn from these drawings, in place of an earlier job. `job` counts. */
  | { readonly type: 'learn'; readonly job: number; readonly lessons: readonly Lesson[] }

/** What the worker answers. */
export type FromWorker =
  | { readonly type: 'prepared'; readonly ms: number }
  /** The weights that were learned, as the data of their tensors, and the SHA-256 of those. */
  | {
      readonly type: 'learned'
      readonly job: number
      readonly data: Uint8Array<ArrayBuffer>
      readonly sha256: string
      readonly ms: number
    }
  | { readonly type: 'failed'; readonly job: number; readonly reason: string }
