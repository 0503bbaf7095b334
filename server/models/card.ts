/** The results of a finished training run: the card of a model of any kind, and the files of a network. */

import type { CardBase, Measurement } from '../../core/models/card.ts'
import { matrixToCsv } from '../../core/models/csv.ts'
import type { Evaluation, LabelledImages } from '../../core/models/evaluation.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { parameterLayout } from '../../core/models/layout.ts'
import { encodeSafetensors } from '../../core/models/safetensors.ts'
import { chooseSure, countVerdicts, turnedAway } from '../../core/models/verdict-counts.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { sha256 } from '../files/sha256.ts'
import type { TrainingData } from '../training/run.ts'

/** Name of the weights file in every model folder. */
export const WEIGHTS_FILE = 'weights.safetensors'

export interface TrainingFigures {
  readonly parameters: number // values that were learned
  readonly weights: Uint8Array // the weights file
  readonly test: Evaluation
  readonly validation: Evaluation
  readonly drawings: Evaluation | undefined // where the training data has drawings
  readonly others?: readonly Evaluation[] // of each set of what is no digit; absent from a model that knows digits only
}

/** The fields that the cards of all kinds have in common. The caller adds the type and its fields. */
export function cardBase(
  { id, name, kind }: { readonly id: string; readonly name: string; readonly kind: string },
  data: TrainingData,
  measured: TrainingFigures,
): CardBase {
  const { parameters, weights, test, validation, drawings } = measured
  return {
    format: 1,
    id,
    name,
    kind,
    version: 1,
    parameters,
    preprocess: PREPROCESS_VERSION,
    weights: { file: WEIGHTS_FILE, bytes: weights.length, sha256: sha256(weights) },
    test: { ...measurement(test), perClass: test.perClass, data: data.testSource },
    ...(drawings && data.drawingsSource ? { drawings: { ...measurement(drawings), data: data.drawingsSource } } : {}),
    validation: measurement(validation),
    ...(measured.others && { verdict: verdictFigures(data, measured, measured.others) }),
    training: data.sources,
    licence: 'MIT',
  }
}

// The threshold that the validation set decides, and the shares turned away with it.
function verdictFigures(
  data: TrainingData,
  { test, validation, drawings }: TrainingFigures,
  others: readonly Evaluation[],
): NonNullable<CardBase['verdict']> {
  const sure = chooseSure(validation, data.validation.labels)
  const share = (measured: Evaluation, { labels }: LabelledImages) =>
    turnedAway(countVerdicts(measured, labels, sure).digits)
  return {
    sure,
    turnedAway: {
      validation: share(validation, data.validation),
      test: share(test, data.test),
      ...(drawings && data.drawings && { drawings: share(drawings, data.drawings) }),
    },
    others: (data.others ?? []).map(({ images, source }, i) => {
      const counts = countVerdicts(others[i], images.labels, sure).others
      const confident = counts.confident / Math.max(1, counts.images)
      return { images: counts.images, turnedAway: turnedAway(counts), confident, data: source }
    }),
  }
}

/** The files of a network, by name: its weights as safetensors and, where it has one layer, weights and biases as CSV. */
export function networkFiles(
  layers: readonly LayerSpec[],
  parameters: Float32Array,
): Record<string, string | Uint8Array> & { [WEIGHTS_FILE]: Uint8Array } {
  const layout = parameterLayout(layers)
  const files: Record<string, string | Uint8Array> = {}
  if (layers.length === 1) {
    for (const [i, name] of ['weights.csv', 'biases.csv'].entries()) {
      const { shape, offset, length } = layout[i]
      files[name] = matrixToCsv(parameters.subarray(offset, offset + length), shape[shape.length - 1])
    }
  }
  return { ...files, [WEIGHTS_FILE]: encodeSafetensors(layout, parameters) }
}

/** The figures of an evaluation that are in a card. */
export function measurement({ accuracy, standardError, digits, loss }: Evaluation): Measurement {
  return { accuracy, standardError, images: digits, loss }
}
