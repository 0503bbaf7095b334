/** Drawings that shipped models answer wrongly, to be corrected. */

import { join } from 'node:path'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { loadReplayGenerator } from '../../../server/learning/replay-generator.ts'
import { loadModel } from '../../../server/models/load.ts'

/** A drawing that a model answers wrongly. */
export interface Mistake {
  readonly model: string
  readonly pixels: readonly number[] // [784], 0..1
  readonly label: number // 0..9, the right digit
}

/** Number of the first generated image that is tried, far from those that rounds draw. */
const FIRST = 2_000_000

const TRIES = 2000

/** The first generated images that a shipped model answers wrongly, with a probability above 0.3 of the right digit. */
export function findMistakes(backends: BackendFactory, weights: string, model: string, count: number): Mistake[] {
  const { card, data } = loadModel(join(weights, model))
  const network = createModel(backends.create(modelMemory(card)), card, data)
  const { draw } = loadReplayGenerator(weights)
  const mistakes: Mistake[] = []
  for (let i = 0; i < TRIES && mistakes.length < count; i++) {
    const image = new Uint8Array(784)
    const label = draw(image, FIRST + i)
    const input = preprocess({ width: 28, height: 28, channels: 1, data: image })
    const probabilities = network.probabilities(input)
    const digit = probabilities.indexOf(Math.max(...probabilities))
    if (digit !== label && probabilities[label] > 0.3) {
      mistakes.push({ model, label, pixels: Array.from(image, (byte) => byte / 255) })
    }
  }
  if (mistakes.length < count) throw new Error(`${model} makes ${mistakes.length} mistakes, ${count} are needed`)
  return mistakes
}
