/** What several models say about the same drawings: asked one after the other, in the same memory, since an old phone has little. */

import type { Backend, BackendFactory } from '../backend/backend.ts'
import { createModel, modelMemory } from '../models/create-model.ts'
import type { Model } from '../models/model.ts'
import type { ModelFiles } from '../models/source.ts'

/** Drawings that a model is asked about per call of `advance`. */
const PER_STEP = 16

export interface Opinions {
  /** Asks about the next drawings; false when all models have been asked about all. */
  advance(): boolean
  /** Of each model, of each drawing: [10] or [11]. */
  readonly scores: readonly (readonly Float32Array[])[]
}

/** @param inputs preprocessed drawings, [784] each */
export function askOpinions(
  backends: BackendFactory,
  models: readonly ModelFiles[],
  inputs: readonly Uint8Array[],
): Opinions {
  const scores: Float32Array[][] = models.map(() => [])
  let memory: { readonly backend: Backend; readonly start: number } | undefined
  let model: Model | undefined
  let current = 0

  function reserve() {
    const backend = backends.create(Math.max(...models.map(({ card }) => modelMemory(card))))
    return { backend, start: backend.arena.mark() }
  }

  return {
    scores,
    advance() {
      if (current === models.length || inputs.length === 0) return false
      memory ??= reserve()
      if (!model) {
        const { card, data } = models[current]
        memory.backend.arena.release(memory.start)
        model = createModel(memory.backend, card, data)
      }
      const given = scores[current]
      for (const input of inputs.slice(given.length, given.length + PER_STEP)) given.push(model.scores(input).slice())
      if (given.length < inputs.length) return true
      model = undefined
      if (++current === models.length) memory = undefined // the rest of the round needs it
      return true
    },
  }
}
