/** The generator of the replay set, stored beside the shipped models: `replay.json` and the weights file it names. */

import { join } from 'node:path'
import { createGenerator, type GeneratorSizes, generatorTensors } from '../../core/learning/generator.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { DataSource } from '../../core/models/card.ts'
import { WeightsError } from '../../core/models/errors.ts'
import type { FlatRecipe } from '../../core/models/recipe.ts'
import { decodeTensors, MAX_HEADER } from '../../core/models/safetensors.ts'
import { tensorBytes } from '../../core/models/tensor.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { sha256 } from '../files/sha256.ts'
import { readRegular } from '../models/load.ts'

export const REPLAY_CARD = 'replay.json'
export const REPLAY_WEIGHTS = 'replay.safetensors'

const MAX_CARD = 65_536 // bytes
const LARGEST = 256 // axes, clouds or directions

/** Accuracy of a shipped model on the images of the gate, and on the test set of the first training set. */
export interface ReplayMeasurement {
  readonly model: string
  readonly sha256: string // of its weights
  readonly test: number // 0..1, accuracy
  readonly replay: number // 0..1, accuracy
  readonly perClass: readonly number[] // recall of each digit among the generated ones
  /** Losses of accuracy of damaged models on generated images, compared with losses of up to 2 points on the test set. */
  readonly damage?: { readonly damages: number; readonly correlation: number; readonly slope: number }
  readonly distilled?: number // 0..1, accuracy on the test set after training on generated images alone
}

/** Everything about the generator except its weights. */
export interface ReplayCard {
  readonly format: 1
  readonly id: 'replay'
  readonly name: string
  readonly kind: string
  readonly version: number
  readonly preprocess: number
  readonly weights: { readonly file: string; readonly bytes: number; readonly sha256: string }
  readonly generator: GeneratorSizes
  readonly measured: readonly ReplayMeasurement[]
  readonly training: readonly DataSource[]
  readonly recipe: FlatRecipe & { readonly command: string }
  readonly licence: string
}

/**
 * Loads the generated replay set, which is used where there is no data set.
 * @param folder where the two files are
 * @throws WeightsError, naming what is missing or wrong; errors of the file system
 */
export function loadReplayGenerator(folder: string = SHIPPED_MODELS): ReplaySet {
  const { weights, generator } = readReplayCard(join(folder, REPLAY_CARD))
  const tensors = generatorTensors(generator)
  const bytes = readRegular(join(folder, REPLAY_WEIGHTS), 8 + MAX_HEADER + tensorBytes(tensors), REPLAY_WEIGHTS)
  if (sha256(bytes) !== weights.sha256) {
    throw new WeightsError('bad_digest', `${REPLAY_WEIGHTS}: SHA-256 is not the one in ${REPLAY_CARD}`)
  }
  return createGenerator(generator, decodeTensors(bytes, tensors))
}

/**
 * Reads a card and checks what the program relies on.
 * @throws WeightsError; errors of the file system
 */
export function readReplayCard(path: string): ReplayCard {
  const text = Buffer.from(readRegular(path, MAX_CARD, REPLAY_CARD).buffer).toString('utf8')
  const card = parse(text) as Partial<ReplayCard> | null
  const { dimensions, clouds, directions } = Object(card?.generator) as Partial<GeneratorSizes>
  for (const [name, size] of Object.entries({ dimensions, clouds, directions })) {
    if (!Number.isInteger(size) || Number(size) < 1 || Number(size) > LARGEST) {
      throw new WeightsError('bad_header', `${REPLAY_CARD}: ${name} must be a whole number from 1 to ${LARGEST}`)
    }
  }
  if (card?.format !== 1 || card.id !== 'replay' || typeof card.weights?.sha256 !== 'string') {
    throw new WeightsError('bad_header', `${REPLAY_CARD}: format 1, id replay and a SHA-256 expected`)
  }
  if (card.preprocess !== PREPROCESS_VERSION) {
    throw new WeightsError(
      'unsupported_version',
      `${REPLAY_CARD}: made by preprocessing ${card.preprocess}, this program does ${PREPROCESS_VERSION}`,
    )
  }
  return card as ReplayCard
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WeightsError('bad_header', `${REPLAY_CARD} is not JSON`)
  }
}
