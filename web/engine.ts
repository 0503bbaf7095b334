/** The browser's own recogniser: the phone's model, the phone's code, run by this page. */

import { createBackend, type WasmModules } from '../core/backend.ts'
import { InputError } from '../core/errors.ts'
import { type Card, parseCard } from '../core/models/card.ts'
import { parameterLayout } from '../core/models/network.ts'
import { decodeSafetensors } from '../core/models/safetensors.ts'
import { preprocess } from '../core/preprocess.ts'
import type { Raster } from '../core/raster.ts'
import { type Recognition, Recognizer, recognizerMemory } from '../core/recognizer.ts'
import { fetchCard, fetchModels, fetchWeights, type Reply } from './api.ts'
import { persist } from './patience.ts'

/** What the page thinks of a picture, or why it thinks nothing. */
export type Opinion =
  | { readonly kind: 'answer'; readonly recognition: Recognition; readonly input: Uint8Array; readonly ms: number }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }

export interface Engine {
  readonly backend: string
  readonly selfTest: string
  readonly card: Card
  recognize(raster: Raster): Opinion
}

/**
 * Fetches the phone's default model and starts it here. Asks again for as long as the phone is away.
 * @param waiting told of every try that failed
 * @throws Error when what the phone sent can't be used by this page
 */
export async function loadEngine(modules: WasmModules, waiting: (reply: Reply<unknown>) => void): Promise<Engine> {
  const { models } = await persist(fetchModels, waiting)
  const id = (models.find((model) => model.default) ?? models[0])?.id ?? ''
  const card = parseCard(await persist(() => fetchCard(id), waiting))
  const weights = await persist(() => fetchWeights(id), waiting)
  const parameters = decodeSafetensors(weights, parameterLayout(card.layers))
  const backend = await createBackend(modules, recognizerMemory([card]))
  const recognizer = new Recognizer(backend)
  recognizer.add(card, parameters)

  return {
    backend: backend.name,
    selfTest: backend.selfTest,
    card,
    recognize(raster) {
      const start = performance.now()
      try {
        const input = preprocess(raster)
        const recognition = recognizer.recognize(input)
        return { kind: 'answer', recognition, input, ms: performance.now() - start }
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        return { kind: 'refused', code: error.code, detail: error.message }
      }
    },
  }
}
