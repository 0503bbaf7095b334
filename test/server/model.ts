/** A small untrained model that the server tests serve: they are about the server, and must not change with the weights. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkCard } from '../../core/models/card.ts'
import { parameterLayout } from '../../core/models/layout.ts'
import { PLAIN } from '../../core/models/recipe.ts'
import { encodeSafetensors } from '../../core/models/safetensors.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { type StoredModel, saveModel, sha256 } from '../../server/models.ts'

/** A softmax regression whose weights are a fixed pattern. */
export function testModel(id = 'softmax'): StoredModel {
  const layers = [{ type: 'dense', inputs: 784, outputs: 10 }] as const
  const parameters = Float32Array.from({ length: 7850 }, (_, k) => Math.fround((((k * 7919) % 2003) - 1001) / 10_000))
  const bytes = encodeSafetensors(parameterLayout(layers), parameters)
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
    recipe: { ...PLAIN, command: 'none', bestEpoch: 1 },
    licence: 'MIT',
  }
  return { card, data: new Uint8Array(parameters.buffer), bytes }
}

/** A weights folder with that one model, in a temporary place. */
export function testWeights(): string {
  const root = mkdtempSync(join(tmpdir(), 'inkling-weights-'))
  const { card, bytes } = testModel()
  saveModel(join(root, card.id), { 'card.json': JSON.stringify(card), [card.weights.file]: bytes })
  return root
}
