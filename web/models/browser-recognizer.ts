/** The browser's own recogniser: the phone's models and the phone's code, run by this page. */

import type { BackendFactory, KernelModules } from '../../core/backend/backend.ts'
import { createBackendFactory } from '../../core/backend/choose.ts'
import type { Raster } from '../../core/data/raster.ts'
import { InputError } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { decodeTensors } from '../../core/models/safetensors.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { preprocess } from '../../core/preprocess.ts'
import { type Recognition, Recognizer } from '../../core/recognizer.ts'

/** The 784 bytes a model gets for a picture, or why the picture can't be read. */
export type PreparedInput =
  | { readonly kind: 'ready'; readonly pixels: Uint8Array }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }

/** Preprocesses a picture as for every model. No model needs to be loaded. */
export function prepareInput(raster: Raster): PreparedInput {
  try {
    return { kind: 'ready', pixels: preprocess(raster) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { kind: 'refused', code: error.code, detail: error.message }
  }
}

export interface BrowserRecognizer {
  readonly backend: string
  readonly selfTest: string
  /**
   * Adds a model, or a newer version of it.
   * @param file its weights, as the phone sends them
   * @throws Error with a message for the visitor, when this page can't run it
   */
  add(card: Card, file: Uint8Array): void
  /**
   * The prediction of a model that was added; undefined while this machine has too little memory for it.
   * @param pixels 784 bytes from `prepareInput`
   */
  recognize(pixels: Uint8Array, model: string): Recognition | undefined
  /** What was added; undefined where it was not. The same object until another version is added. */
  files(model: string): ModelFiles | undefined
  /** What the visitor taught: weights of their own, which answer beside those that answer for everyone. */
  readonly own: {
    /** Puts these in place of earlier ones; none where undefined. */
    set(model: string, files: ModelFiles | undefined): void
    /** As `recognize`; undefined too where the visitor has no weights of their own. */
    recognize(pixels: Uint8Array, model: string): Recognition | undefined
  }
}

/** Compiles the kernels and tests them. Waits until they have been fetched. */
export async function createBrowserRecognizer(modules: KernelModules): Promise<BrowserRecognizer> {
  const backend = await createBackendFactory(modules)
  const { files, recognizer, recognize } = createModels(backend)
  const own = createModels(backend)

  return {
    backend: backend.name,
    selfTest: backend.selfTest,
    add(card, file) {
      files.set(card.id, { card, data: decodeTensors(file, modelTensors(card)) })
      try {
        recognizer.load(card.id)
      } catch (error) {
        const problem = recognizer.broken().find(({ id }) => id === card.id)?.problem
        files.delete(card.id)
        throw problem === undefined ? error : new Error(problem)
      }
    },
    recognize,
    files: (model) => files.get(model),
    own: {
      set(model, given) {
        if (!given) own.files.delete(model)
        // another card, so that the recognizer loads it anew
        else own.files.set(model, { card: { ...given.card }, data: given.data })
      },
      recognize: (pixels, model) => (own.files.has(model) ? own.recognize(pixels, model) : undefined),
    },
  }
}

/** Models in memory, and their answers. */
function createModels(backend: BackendFactory) {
  const files = new Map<string, ModelFiles>()
  const recognizer = new Recognizer(backend, {
    list: () => [...files.values()].map(({ card }) => card),
    load: (id) => files.get(id) ?? missing(id),
  })
  function recognize(pixels: Uint8Array, model: string): Recognition | undefined {
    try {
      return recognizer.recognize(pixels, model)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return undefined
    }
  }
  return { files, recognizer, recognize }
}

function missing(id: string): never {
  throw new Error(`the model ${id} was never fetched`)
}
