/** The browser's own recogniser: the phone's models, the phone's code, run by this page. */

import type { WasmModules } from '../../core/backend/backend.ts'
import { createBackendFactory } from '../../core/backend/choose.ts'
import type { Raster } from '../../core/data/raster.ts'
import { InputError } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { decodeTensors } from '../../core/models/safetensors.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { preprocess } from '../../core/preprocess.ts'
import { type Recognition, Recognizer } from '../../core/recognizer.ts'

/** What a model would see of a picture, 784 bytes, or why nothing can be read from it. */
export type Sight =
  | { readonly kind: 'seen'; readonly input: Uint8Array }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }

/** Looks at a picture as every model does. Needs none to be here. */
export function look(raster: Raster): Sight {
  try {
    return { kind: 'seen', input: preprocess(raster) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { kind: 'refused', code: error.code, detail: error.message }
  }
}

export interface Engine {
  readonly backend: string
  readonly selfTest: string
  /**
   * Takes in a model, or a newer version of it.
   * @param file its weights, as the phone sends them
   * @throws Error fit to be shown, when this page can't run it
   */
  add(card: Card, file: Uint8Array): void
  /**
   * What a model that was added says; undefined where this machine has no memory for it now.
   * @param input as `look` gives it
   */
  recognize(input: Uint8Array, model: string): Recognition | undefined
}

/** Compiles the kernels and tests them; takes as long as they take to come. */
export async function createEngine(modules: WasmModules): Promise<Engine> {
  const files = new Map<string, ModelFiles>()
  const backend = await createBackendFactory(modules)
  const recognizer = new Recognizer(backend, {
    list: () => [...files.values()].map(({ card }) => card),
    load: (id) => files.get(id) ?? missing(id),
  })

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
    recognize(input, model) {
      try {
        return recognizer.recognize(input, model)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        return undefined
      }
    },
  }
}

function missing(id: string): never {
  throw new Error(`the model ${id} was never fetched`)
}
