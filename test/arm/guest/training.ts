/** Training runs on MNIST, whose weights must have the same bytes in every backend on every machine. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Backend } from '../../../core/backend/backend.ts'
import { PIXELS } from '../../../core/data/dataset.ts'
import { parseIdxImages, parseIdxLabels } from '../../../core/data/idx.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { DEFAULT_RECIPE, type Recipe } from '../../../core/models/recipe.ts'
import { splitValidation } from '../../../core/training/split.ts'
import { createTraining, trainingMemory } from '../../../core/training.ts'
import { preprocessDataset } from '../../../server/dataset/digits.ts'
import { sha256 } from './images.ts'
import type { TrainingResult } from './report.ts'

/** Sized for an emulator: 200 steps of 32 over four epochs of 1,600 images, the fifth epoch's 320 being the validation. */
const IMAGES = 1920
const RECIPE: Recipe = { ...DEFAULT_RECIPE, rate: 0.02, decay: 0.0001, batch: 32, epochs: 4, validation: 320 }

interface Run {
  readonly layers: readonly LayerSpec[]
  readonly recipe: Recipe
}

const SOFTMAX: readonly LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }]

export const RUNS: Readonly<Record<string, Run>> = {
  'softmax regression': { layers: SOFTMAX, recipe: RECIPE },
  // uses gradients of inputs, and the dense kernels
  'two layers': {
    layers: [
      { type: 'dense', inputs: 784, outputs: 23 },
      { type: 'dense', inputs: 23, outputs: 10 },
    ],
    recipe: RECIPE,
  },
  // Every other type of layer, with augmentation and minibatches in parts. Pooling comes first, to save time on an emulator.
  convolutions: {
    layers: [
      { type: 'conv', inputs: 1, outputs: 1, kernel: 3 },
      { type: 'maxpool', size: 2 },
      { type: 'conv', inputs: 1, outputs: 4, kernel: 3 },
      { type: 'batchnorm' },
      { type: 'relu' },
      { type: 'dropout', rate: 0.2 },
      { type: 'conv', inputs: 4, outputs: 6, kernel: 3 },
      { type: 'maxpool', size: 2 },
      { type: 'sigmoid' },
      { type: 'dense', inputs: 294, outputs: 10 },
    ],
    recipe: {
      ...RECIPE,
      optimizer: 'adam',
      rate: 0.02,
      batch: 16,
      shards: 2,
      epochs: 2,
      clip: 1,
      augment: { shift: 1, rotate: 10, scale: 0.1, shear: 0.1, elastic: 2, thickness: 0.5 },
    },
  },
  // Saturated answers and a decaying momentum: without snapping, gradients and moments would have thousands of subnormals, which
  // NEON flushes to zero and other processors do not.
  'softmax regression in steps too large': { layers: SOFTMAX, recipe: { ...RECIPE, rate: 5, momentum: 0.1, decay: 0 } },
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

/** A whole training run of one network. */
export function train(
  createBackend: (bytes: number) => Backend,
  { layers, recipe }: Run,
  set: LabelledImages,
): TrainingResult {
  const { training, validation } = splitValidation(set, recipe.validation, recipe.seed)
  const backend = createBackend(trainingMemory(layers, recipe))
  const run = createTraining(backend, layers, recipe, training, validation)
  let steps = 0
  let accuracy = 0
  while (!run.done) {
    const epoch = run.step()
    steps++
    if (epoch) accuracy = epoch.validation.accuracy
  }
  const { parameters, moments } = run.state()
  return { steps, accuracy, weights: digest(parameters), moments: digest(moments) }
}

function digest({ buffer, byteOffset, byteLength }: Float32Array): string {
  return sha256(new Uint8Array(buffer, byteOffset, byteLength))
}
