/** Small networks of each kind that learns, and their training before a round. */

import type { BackendFactory } from '../../../core/backend/backend.ts'
import type { NetworkCard } from '../../../core/models/card.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { DEFAULT_RECIPE } from '../../../core/models/recipe.ts'
import type { ModelFiles } from '../../../core/models/source.ts'
import { createTraining, trainingMemory } from '../../../core/training.ts'

export const DENSE: readonly LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }]
export const NORMALISED: readonly LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 12 },
  { type: 'batchnorm' },
  { type: 'relu' },
  { type: 'dropout', rate: 0.2 },
  { type: 'dense', inputs: 12, outputs: 10 },
]
export const CONVOLUTIONS: readonly LayerSpec[] = [
  { type: 'maxpool', size: 2 },
  { type: 'conv', inputs: 1, outputs: 4, kernel: 3 },
  { type: 'batchnorm' },
  { type: 'relu' },
  { type: 'maxpool', size: 2 },
  { type: 'dense', inputs: 196, outputs: 10 },
]
export const SIGMOID: readonly LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 12, bias: false },
  { type: 'sigmoid' },
  { type: 'dense', inputs: 12, outputs: 10, bias: false },
  { type: 'sigmoid' },
]

/** Networks by the property that the others lack. */
export const NETWORKS: Readonly<Record<string, readonly LayerSpec[]>> = {
  'a dense layer': DENSE,
  'batch normalisation': NORMALISED,
  convolutions: CONVOLUTIONS,
  'sigmoids and a squared error': SIGMOID,
}

/** Fields of a card that are the same for all made-up models. */
export const BASE = { format: 1, id: 'bars', name: 'Bars', kind: 'a test', version: 1, preprocess: 1, licence: 'MIT' }

export function networkFiles(layers: readonly LayerSpec[], data: Uint8Array<ArrayBuffer>): ModelFiles {
  return { card: { ...BASE, type: 'network', layers, parameters: data.length / 4 } as unknown as NetworkCard, data }
}

export function trainNetwork(
  backends: BackendFactory,
  layers: readonly LayerSpec[],
  training: LabelledImages,
  validation: LabelledImages,
): ModelFiles {
  const loss = layers[layers.length - 1].type === 'sigmoid' ? 'squared' : 'crossentropy'
  const recipe = { ...DEFAULT_RECIPE, loss, optimizer: 'adam', rate: 0.01, batch: 50, epochs: 4 } as const
  const run = createTraining(backends.create(trainingMemory(layers, recipe)), layers, recipe, training, validation)
  while (!run.done) run.step()
  return networkFiles(layers, new Uint8Array(run.network.parameters.slice().buffer))
}
