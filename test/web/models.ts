/**
 * A folder of models for the page's tests, made from the shipped softmax regression so that their answers make sense: one
 * with dropout, one too large to be fetched automatically, one that takes every digit for the next, and a broken one.
 */

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLASSES, PIXELS } from '../../core/data/dataset.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { parameterCount, parameterLayout } from '../../core/models/layout.ts'
import { decodeSafetensors, encodeSafetensors } from '../../core/models/safetensors.ts'
import { SHIPPED_MODELS } from '../../server/files/program.ts'
import { sha256 } from '../../server/files/sha256.ts'
import { saveModel } from '../../server/models/save.ts'

/** Writes the folder and returns its path: softmax, dropout, large, contrary, and broken, whose weights are damaged. */
export function testModels(): string {
  const root = mkdtempSync(join(tmpdir(), 'inkling-page-'))
  const folder = join(SHIPPED_MODELS, 'softmax')
  const { verdict: _, ...card } = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')) as NetworkCard
  const shipped = decodeSafetensors(readFileSync(join(folder, card.weights.file)), parameterLayout(card.layers))
  // the digits alone, also where it knows what is none
  const outputs = shipped.length / (PIXELS + 1)
  const plain = shipped.filter((_, i) => i % outputs < CLASSES)
  plain[0] = 0.1 / 3 // of a corner: no multiple of a scale, so that the files are in f32, and a large model is large
  const digits: readonly LayerSpec[] = [{ type: 'dense', inputs: PIXELS, outputs: CLASSES }]
  const save = (id: string, name: string, layers: readonly LayerSpec[], parameters: Float32Array, flaw = 0): void => {
    const file = encodeSafetensors(parameterLayout(layers), parameters)
    const weights = { file: card.weights.file, bytes: file.length, sha256: sha256(file) }
    file[file.length - 1] ^= flaw
    const made: NetworkCard = {
      ...card,
      id,
      name,
      kind: `${name}, for tests`,
      layers,
      parameters: parameters.length,
      weights,
    }
    saveModel(join(root, id), { 'card.json': JSON.stringify(made), [weights.file]: file })
  }
  save('softmax', card.name, digits, plain)
  save('broken', 'Broken model', digits, plain, 1)
  save('contrary', 'Contrary model', digits, shifted(plain))
  const dropout = deep(4 * CLASSES, { type: 'dropout', rate: 0.5 })
  save('dropout', 'Model with dropout', dropout, split(plain, dropout, 4))
  const large = deep(70 * CLASSES)
  save('large', 'Large model', large, split(plain, large, 1))
  return root
}

/** Each digit's weights moved to the next digit. */
function shifted(parameters: Float32Array): Float32Array {
  return parameters.map((_, i) => parameters[i - (i % CLASSES) + ((i + CLASSES - 1) % CLASSES)] ?? 0)
}

function deep(hidden: number, ...between: LayerSpec[]): LayerSpec[] {
  return [
    { type: 'dense', inputs: PIXELS, outputs: hidden },
    ...between,
    { type: 'dense', inputs: hidden, outputs: CLASSES },
  ]
}

/** The same function in two layers: the first holds the logits `copies` times over, the second takes their mean. */
function split(plain: Float32Array, layers: readonly LayerSpec[], copies: number): Float32Array {
  const [first] = layers
  const hidden = first?.type === 'dense' ? first.outputs : 0
  const parameters = new Float32Array(parameterCount(layers))
  // Row by row, [in][out], the bias as the last row of the first layer.
  for (let row = 0; row <= PIXELS; row++) {
    for (let column = 0; column < copies * CLASSES; column++) {
      parameters[row * hidden + column] = plain[row * CLASSES + (column % CLASSES)] ?? 0
    }
  }
  const second = (PIXELS + 1) * hidden
  for (let row = 0; row < copies * CLASSES; row++) parameters[second + row * CLASSES + (row % CLASSES)] = 1 / copies
  return parameters
}
