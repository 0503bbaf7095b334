/** What a finished training run leaves behind: the files of a model folder. */

import type { Evaluation } from '../core/evaluation.ts'
import type { Accuracy, Card, DataSource, Recipe } from '../core/models/card.ts'
import { matrixToCsv } from '../core/models/csv.ts'
import { parameterLayout } from '../core/models/network.ts'
import { encodeSafetensors } from '../core/models/safetensors.ts'
import type { ModelSpec } from '../core/models/zoo.ts'
import { PREPROCESS_VERSION } from '../core/preprocess.ts'
import { sha256 } from './models.ts'

export interface FinishedRun {
  readonly spec: ModelSpec
  readonly recipe: Recipe
  readonly command: string
  readonly result: { readonly parameters: Float32Array; readonly bestEpoch: number; readonly evaluation: Evaluation }
  readonly validation: Evaluation
  readonly training: DataSource
  readonly test: DataSource
}

/** Card, weights as safetensors and, for a model of one layer, weights and biases as CSV. */
export function modelFiles(run: FinishedRun): { card: Card; files: Record<string, string | Uint8Array> } {
  const { spec, result } = run
  const layout = parameterLayout(spec.layers)
  const weights = encodeSafetensors(layout, result.parameters)
  const card: Card = {
    format: 1,
    id: spec.id,
    name: spec.name,
    kind: spec.kind,
    version: 1,
    parameters: result.parameters.length,
    layers: spec.layers,
    preprocess: PREPROCESS_VERSION,
    weights: { file: 'weights.safetensors', bytes: weights.length, sha256: sha256(weights) },
    test: {
      ...accuracy(result.evaluation),
      loss: result.evaluation.loss,
      perClass: result.evaluation.perClass,
      data: run.test,
    },
    validation: { ...accuracy(run.validation), loss: run.validation.loss },
    training: run.training,
    recipe: { command: run.command, ...run.recipe, bestEpoch: result.bestEpoch },
    licence: 'MIT',
  }
  const files: Record<string, string | Uint8Array> = { [card.weights.file]: weights }
  if (spec.layers.length === 1) {
    for (const [i, name] of ['weights.csv', 'biases.csv'].entries()) {
      const { shape, offset, length } = layout[i]
      files[name] = matrixToCsv(result.parameters.subarray(offset, offset + length), shape[shape.length - 1])
    }
  }
  files['card.json'] = `${JSON.stringify(card, null, 2)}\n`
  return { card, files }
}

function accuracy({ accuracy, standardError, images }: Evaluation): Accuracy {
  return { accuracy, standardError, images }
}
