/** Training runs on real MNIST whose weights must come out with the same bytes in every backend on every machine. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Backend } from '../../core/backend.ts'
import { PIXELS } from '../../core/data/dataset.ts'
import { parseIdxImages, parseIdxLabels } from '../../core/data/idx.ts'
import type { LabelledImages } from '../../core/evaluation.ts'
import type { LayerSpec, Recipe } from '../../core/models/card.ts'
import { createTraining, splitValidation, trainingMemory } from '../../core/training.ts'
import { preprocessDataset } from '../../server/digits.ts'
import { sha256 } from './images.ts'
import type { TrainingResult } from './report.ts'

/** Sized for an emulator: 200 steps of 32 over four epochs of 1,600 images, the fifth epoch's 320 being the validation. */
const IMAGES = 1920
const RECIPE: Recipe = {
  seed: 1,
  optimizer: 'sgd',
  rate: 0.02,
  momentum: 0.9,
  decay: 0.0001,
  schedule: 'linear',
  batch: 32,
  epochs: 4,
  validation: 320,
}

/** The shipped kind of model, and one with a second layer, so that gradients to inputs and dense forms take part. */
export const NETWORKS: Readonly<Record<string, readonly LayerSpec[]>> = {
  'softmax regression': [{ type: 'dense', inputs: 784, outputs: 10 }],
  'two layers': [
    { type: 'dense', inputs: 784, outputs: 23 },
    { type: 'dense', inputs: 23, outputs: 10 },
  ],
}

/** The first images of MNIST's training set, through the product's preprocessing. */
export function trainingImages(dataFolder: string): LabelledImages {
  const unpack = (file: string) => gunzipSync(readFileSync(join(dataFolder, 'mnist', file)))
  const { images } = parseIdxImages(unpack('train-images-idx3-ubyte.gz'))
  const labels = parseIdxLabels(unpack('train-labels-idx1-ubyte.gz'))
  return preprocessDataset({
    images: images.subarray(0, IMAGES * PIXELS),
    labels: labels.subarray(0, IMAGES),
    count: IMAGES,
  })
}

/** Trains one network from its seeded start to the end. */
export function train(
  createBackend: (bytes: number) => Backend,
  layers: readonly LayerSpec[],
  set: LabelledImages,
): TrainingResult {
  const { training, validation } = splitValidation(set, RECIPE.validation, RECIPE.seed)
  const backend = createBackend(trainingMemory(layers, RECIPE.batch))
  const run = createTraining(backend, layers, RECIPE, training, validation)
  let steps = 0
  let accuracy = 0
  while (!run.done) {
    const epoch = run.step()
    steps++
    if (epoch) accuracy = epoch.validation.accuracy
  }
  const { buffer, byteOffset, byteLength } = run.network.parameters
  return { steps, accuracy, weights: sha256(new Uint8Array(buffer, byteOffset, byteLength)) }
}
