/** A small untrained model that the server tests serve: they are about the server, and must not change with the weights. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkCard } from '../../../core/models/card.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { parameterCount, parameterLayout } from '../../../core/models/layout.ts'
import { DEFAULT_RECIPE } from '../../../core/models/recipe.ts'
import { encodeSafetensors } from '../../../core/models/safetensors.ts'
import { PREPROCESS_VERSION } from '../../../core/preprocess.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import type { StoredModel } from '../../../server/models/load.ts'
import { saveModel } from '../../../server/models/save.ts'

/** Layers of the test model unless it is given others. */
const SOFTMAX: readonly LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }]

/** A small network with so much dropout that samples of a 1 make another digit of it than one plain pass does. */
export const DROPOUT: readonly LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 12 },
  { type: 'relu' },
  { type: 'dropout', rate: 0.8 },
  { type: 'dense', inputs: 12, outputs: 10 },
]

/** A softmax regression that knows what is no digit: the more, the larger the bias of that. */
export function knowingModel(id = 'knowing', sure = 0.5, bias = 0.15): StoredModel {
  const layers: readonly LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 11 }]
  const { card, data } = testModel(id, layers)
  const parameters = new Float32Array(data.buffer)
  for (let row = 0; row <= 784; row++) parameters[row * 11 + 10] = row < 784 ? 0 : bias // the others have at most 0.1
  const bytes = encodeSafetensors(parameterLayout(layers), parameters)
  const verdict = { sure, turnedAway: { validation: 0, test: 0 }, others: [] }
  return {
    card: { ...card, weights: { ...card.weights, bytes: bytes.length, sha256: sha256(bytes) }, verdict },
    data,
    bytes,
  }
}

/** A softmax regression, or a network of other layers, whose weights are a fixed pattern. */
export function testModel(id = 'softmax', layers = SOFTMAX): StoredModel {
  const layout = parameterLayout(layers)
  const pattern = (_: unknown, k: number) => Math.fround((((k * 7919) % 2003) - 1001) / 10_000)
  const parameters = Float32Array.from({ length: parameterCount(layers) }, pattern)
  const bytes = encodeSafetensors(layout, parameters)
  const data = { name: 'none', source: 'none', files: {} }
  const accuracy = { accuracy: 0.1, standardError: 0, images: 10_000, loss: 2.3 }
  const card: NetworkCard = {
    format: 1,
    id,
    name: 'Test model',
    kind: 'softmax regression',
    type: 'network',
    version: 1,
    parameters: parameters.length,
    layers,
    preprocess: PREPROCESS_VERSION,
    weights: { file: 'weights.safetensors', bytes: bytes.length, sha256: sha256(bytes) },
    test: { ...accuracy, perClass: Array(10).fill(0.1), data },
    validation: accuracy,
    training: [data],
    recipe: { ...DEFAULT_RECIPE, command: 'none', bestEpoch: 1 },
    licence: 'MIT',
  }
  return { card, data: new Uint8Array(parameters.buffer), bytes }
}

/** Writes a model into a folder of models, as a finished training run does. */
export function writeModel(root: string, { card, bytes }: StoredModel): void {
  saveModel(join(root, card.id), { 'card.json': JSON.stringify(card), [card.weights.file]: bytes })
}

/** A folder of these models, the test model unless any are named, in a temporary place. */
export function testWeights(...models: StoredModel[]): string {
  const root = mkdtempSync(join(tmpdir(), 'inkling-weights-'))
  for (const model of models.length > 0 ? models : [testModel()]) writeModel(root, model)
  return root
}
