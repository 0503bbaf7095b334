/** The card of an imported model. It states only what is known of its weights. */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { CLASSES, OUTPUTS, PIXELS, SIDE } from '../../core/data/dataset.ts'
import type { Card, CardBase, DataSource, Measurement } from '../../core/models/card.ts'
import { createModel, modelMemory, modelOutputs } from '../../core/models/create-model.ts'
import { WeightsError } from '../../core/models/errors.ts'
import { type Evaluation, evaluateModel } from '../../core/models/evaluation.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { parameterCount } from '../../core/models/layout.ts'
import type { Model } from '../../core/models/model.ts'
import { DEFAULT_RECIPE } from '../../core/models/recipe.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { loadDigits } from '../dataset/digits.ts'
import { DataFileError } from '../dataset/errors.ts'
import { sha256 } from '../files/sha256.ts'
import { measurement, WEIGHTS_FILE } from './card.ts'

/** How well a model does on one set. */
export interface Figures {
  readonly evaluation: Evaluation
  readonly data: DataSource
}

export interface Imported {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly licence: string
  readonly command: string
  readonly weights: Uint8Array // the weights file
  readonly test: Figures | undefined
  readonly drawings: Figures | undefined
}

// 0 images: it was not measured
const UNMEASURED: Measurement = { accuracy: 0, standardError: 0, images: 0, loss: 0 }

/** The card of a network that knows digits only, of the same layers but the last; undefined where the network is one already. */
export function digitsOnly(card: Card): Card | undefined {
  if (card.type !== 'network' || modelOutputs(card) !== OUTPUTS) return undefined
  const last = card.layers.findLastIndex(({ type }) => type === 'dense')
  const layers = card.layers.map((layer, i) => (i === last ? { ...layer, outputs: CLASSES } : layer) as LayerSpec)
  return { ...card, layers, parameters: parameterCount(layers) }
}

/**
 * @param like card of a model of the same layers. Where the imported weights are its weights, its statements stay. Otherwise
 * nothing is known of their training, and the figures are those measured now, of 0 images where there were none to measure on.
 */
export function importedCard(like: Card, imported: Imported): Card {
  const { id, name, version, licence, command, weights, test, drawings } = imported
  const digest = sha256(weights)
  if (digest === like.weights.sha256) return { ...like, id, name, version }
  const { drawings: _drawings, trainingTime: _trainingTime, verdict: _verdict, ...rest } = like
  const known: Omit<CardBase, 'format' | 'kind' | 'parameters' | 'preprocess'> = {
    id,
    name,
    version,
    licence,
    weights: { file: WEIGHTS_FILE, bytes: weights.length, sha256: digest },
    test: test
      ? { ...measurement(test.evaluation), perClass: test.evaluation.perClass, data: test.data }
      : { ...UNMEASURED, perClass: [], data: { name: 'none', source: 'not measured', files: {} } },
    ...(drawings && { drawings: { ...measurement(drawings.evaluation), data: drawings.data } }),
    validation: UNMEASURED,
    training: [],
  }
  if (rest.type !== 'network') return { ...rest, ...known, recipe: { command } }
  const untrained = { ...DEFAULT_RECIPE, data: [], epochs: 0, validation: 0 }
  return { ...rest, ...known, recipe: { ...untrained, command, bestEpoch: 0 } }
}

/**
 * Creates the model and tests it: its answers to a bar and a ring must differ.
 * @throws WeightsError failed_selftest where they do not, where the model cannot run, or its answers are not probabilities;
 * RangeError where it is for another preprocessing
 */
export function selfTestedModel(backends: BackendFactory, card: Card, data: Uint8Array): Model {
  if (card.preprocess !== PREPROCESS_VERSION) {
    throw new RangeError(`the model is for preprocessing ${card.preprocess}, this program does ${PREPROCESS_VERSION}`)
  }
  const model = runnable(backends, card, data)
  const [bar, ring] = [
    picture((x, y) => x * x < 4 && y * y < 100),
    picture((x, y) => Math.abs(x * x + y * y - 64) < 16),
  ]
  const answers = [bar, ring].map((input) => [...model.probabilities(input)])
  for (const answer of answers) {
    const sum = answer.reduce((total, probability) => total + probability, 0)
    if (!(Math.abs(sum - 1) < 1e-3)) {
      throw new WeightsError('failed_selftest', `weights: the ten probabilities of a digit add up to ${sum}, not to 1`)
    }
  }
  if (answers[0].every((probability, digit) => probability === answers[1][digit])) {
    throw new WeightsError('failed_selftest', 'weights: a bar and a ring get the same ten probabilities')
  }
  return model
}

function runnable(backends: BackendFactory, card: Card, data: Uint8Array): Model {
  try {
    return createModel(backends.create(modelMemory(card)), card, data)
  } catch (error) {
    if (error instanceof RangeError) throw new WeightsError('failed_selftest', `weights: ${error.message}`)
    throw error
  }
}

const MIDDLE = (SIDE - 1) / 2 // px

// 28x28 bytes, white where `ink` is true; x and y are px from the middle.
function picture(ink: (x: number, y: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: PIXELS }, (_, i) =>
    ink((i % SIDE) - MIDDLE, Math.floor(i / SIDE) - MIDDLE) ? 255 : 0,
  )
}

/** Evaluates the model on the test images of a data set; undefined where that set is missing. */
export async function measureModel(model: Model, set: string, dataDir: string): Promise<Figures | undefined> {
  try {
    const { images, data } = await loadDigits([set], 'test', dataDir)
    return { evaluation: evaluateModel(model, images), data: data[0] }
  } catch (error) {
    if (error instanceof DataFileError && error.code === 'not_found') return undefined
    throw error
  }
}
