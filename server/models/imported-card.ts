/** The card of an imported model: what is known of its weights and nothing that is not. */

import type { BackendFactory } from '../../core/backend/backend.ts'
import type { Card, CardBase, DataSource, Measurement } from '../../core/models/card.ts'
import { createModel, modelMemory } from '../../core/models/create-model.ts'
import { WeightsError } from '../../core/models/errors.ts'
import { type Evaluation, evaluateModel } from '../../core/models/evaluation.ts'
import type { Model } from '../../core/models/model.ts'
import { DEFAULT_RECIPE } from '../../core/models/recipe.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { loadDigits } from '../dataset/digits.ts'
import { DataFileError } from '../dataset/errors.ts'
import { sha256 } from '../files/sha256.ts'
import { WEIGHTS_FILE } from './card.ts'

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

// 0 images: nobody has measured
const UNMEASURED: Measurement = { accuracy: 0, standardError: 0, images: 0, loss: 0 }

/**
 * @param like card of a model of the same layers. Where its weights are these very ones, what it says holds on; else
 * nothing is known of their training, and figures are those measured now: of 0 images where there were none to measure on.
 */
export function importedCard(like: Card, imported: Imported): Card {
  const { id, name, version, licence, command, weights, test, drawings } = imported
  const digest = sha256(weights)
  if (digest === like.weights.sha256) return { ...like, id, name, version }
  const { drawings: _drawings, trainingTime: _trainingTime, ...kept } = like
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
  if (kept.type !== 'network') return { ...kept, ...known, recipe: { command } }
  const untrained = { ...DEFAULT_RECIPE, data: [], epochs: 0, validation: 0 }
  return { ...kept, ...known, recipe: { ...untrained, command, bestEpoch: 0 } }
}

function measurement({ accuracy, standardError, images, loss }: Evaluation): Measurement {
  return { accuracy, standardError, images, loss }
}

/**
 * The model, running, if it tells a bar from a ring.
 * @throws WeightsError failed_selftest when it doesn't, can't run, or its answers are no probabilities; RangeError when it is
 * for another preprocessing
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

// 28x28 bytes, white where `ink` says so; x and y count px from the middle.
function picture(ink: (x: number, y: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 784 }, (_, i) => (ink((i % 28) - 13.5, Math.floor(i / 28) - 13.5) ? 255 : 0))
}

/** The model on the test part of a data set, or undefined where that set isn't there. */
export async function measureModel(model: Model, set: string, dataDir: string): Promise<Figures | undefined> {
  try {
    const { images, data } = await loadDigits([set], 'test', dataDir)
    return { evaluation: evaluateModel(model, images), data: data[0] }
  } catch (error) {
    if (error instanceof DataFileError && error.code === 'not_found') return undefined
    throw error
  }
}
