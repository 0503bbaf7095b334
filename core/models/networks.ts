/** The networks that this program can train, with their default recipes. */

import { OUTPUTS } from '../data/dataset.ts'
import type { LayerSpec } from './layer.ts'
import { type Augmentation, DEFAULT_RECIPE, type Recipe } from './recipe.ts'
import type { NetworkSpec } from './spec.ts'

const relu: LayerSpec = { type: 'relu' }
const sigmoid: LayerSpec = { type: 'sigmoid' }
const batchnorm: LayerSpec = { type: 'batchnorm' }
const pool: LayerSpec = { type: 'maxpool', size: 2 }
const dense = (inputs: number, outputs: number): LayerSpec => ({ type: 'dense', inputs, outputs })
const dropout = (rate: number): LayerSpec => ({ type: 'dropout', rate })
const conv = (inputs: number, outputs: number): LayerSpec => ({ type: 'conv', inputs, outputs, kernel: 3 })
const withoutBias = (inputs: number, outputs: number): LayerSpec => ({ type: 'dense', inputs, outputs, bias: false })

/** A dense layer and the layers after it. */
const hidden = (inputs: number, outputs: number, ...after: LayerSpec[]) => [dense(inputs, outputs), ...after]

/** A convolution and the layers after it. */
const features = (inputs: number, outputs: number, ...after: LayerSpec[]) => [conv(inputs, outputs), ...after]

/** Augmentation for networks of dense layers. */
const SLIGHT: Augmentation = { shift: 1, rotate: 10, scale: 0.1, shear: 0.1, elastic: 2, thickness: 0.5 }

/** Augmentation for convolutional networks. */
const STRONG: Augmentation = { shift: 1.5, rotate: 15, scale: 0.15, shear: 0.25, elastic: 4, thickness: 0.7 }

const ADAM: Recipe = { ...DEFAULT_RECIPE, optimizer: 'adam', rate: 0.002 }

/**
 * MNIST and drawn digits, numbers of two digits, and what is no digit. MNIST and the pen strokes count twice: the rest is generated
 * or drawn by few people.
 */
const DRAWN = {
  data: [
    'mnist',
    'mnist',
    'pendigits',
    'pendigits',
    'pendigits-varied',
    'styles',
    'others',
    'pendigits-pairs',
    'letters',
    'letters-varied',
    'characters',
    'characters-varied',
  ],
  validation: 9000,
  bits: 8,
} as const

export const NETWORKS: readonly NetworkSpec[] = [
  {
    id: 'cnn',
    name: 'Convolutional network',
    kind: 'three convolutions with batch normalisation and two dense layers, with dropout',
    type: 'network',
    layers: [
      ...features(1, 32, pool, batchnorm, relu),
      ...features(32, 64, pool, batchnorm, relu),
      ...features(64, 128, pool, batchnorm, relu),
      ...hidden(1152, 96, relu, dropout(0.3)),
      dense(96, OUTPUTS),
    ],
    recipe: { ...ADAM, ...DRAWN, warmup: 1, batch: 64, shards: 2, epochs: 45, augment: STRONG },
  },
  {
    id: 'cnn-small',
    name: 'Small convolutional network',
    kind: 'four convolutions with batch normalisation, for slow phones',
    type: 'network',
    layers: [
      ...features(1, 16, pool, batchnorm, relu),
      ...features(16, 24, batchnorm, relu),
      ...features(24, 32, pool, batchnorm, relu),
      ...features(32, 36, pool, batchnorm, relu),
      dense(324, OUTPUTS),
    ],
    recipe: { ...ADAM, ...DRAWN, rate: 0.003, warmup: 1, batch: 64, shards: 2, epochs: 30, augment: STRONG },
  },
  {
    id: 'mlp-300-100',
    name: 'Two hidden layers',
    kind: 'dense 300 and 100, relu, with dropout',
    type: 'network',
    layers: [...hidden(784, 300, relu, dropout(0.2)), ...hidden(300, 100, relu, dropout(0.2)), dense(100, OUTPUTS)],
    recipe: { ...ADAM, ...DRAWN, epochs: 14, augment: SLIGHT, tune: 2 },
  },
  {
    id: 'mlp-300-100-bn',
    name: 'Two hidden layers, normalised',
    kind: 'dense 300 and 100, relu, with batch normalisation',
    type: 'network',
    layers: [...hidden(784, 300, batchnorm, relu), ...hidden(300, 100, batchnorm, relu), dense(100, OUTPUTS)],
    recipe: { ...ADAM, ...DRAWN, rate: 0.003, epochs: 10, augment: SLIGHT, tune: 2 },
  },
  {
    id: 'mlp-400',
    name: 'One hidden layer, 400',
    kind: 'dense 400, sigmoid',
    type: 'network',
    layers: [dense(784, 400), sigmoid, dense(400, OUTPUTS)],
    recipe: { ...ADAM, ...DRAWN, rate: 0.003, epochs: 10, augment: SLIGHT, bits: 32 },
  },
  {
    id: 'mlp-200',
    name: 'One hidden layer, 200',
    kind: 'dense 200, sigmoid',
    type: 'network',
    layers: [dense(784, 200), sigmoid, dense(200, OUTPUTS)],
    recipe: { ...ADAM, ...DRAWN, rate: 0.003, epochs: 10, augment: SLIGHT },
  },
  {
    id: 'mlp-400-original',
    name: 'One hidden layer, 400, as in the book',
    kind: 'dense 400 without biases, sigmoid throughout, squared error, image by image (Rashid 2016)',
    type: 'network',
    layers: [withoutBias(784, 400), sigmoid, withoutBias(400, 10), sigmoid],
    recipe: { ...DEFAULT_RECIPE, loss: 'squared', rate: 0.1, momentum: 0, schedule: 'constant', batch: 1, epochs: 10 },
  },
  {
    id: 'mlp-5',
    name: 'One hidden layer, 5',
    kind: 'dense 5, sigmoid',
    type: 'network',
    layers: [dense(784, 5), sigmoid, dense(5, OUTPUTS)],
    recipe: { ...ADAM, ...DRAWN, rate: 0.01, decay: 0.03, epochs: 20, bits: 32 },
  },
  {
    id: 'softmax',
    name: 'Softmax regression',
    kind: 'softmax regression',
    type: 'network',
    layers: [dense(784, OUTPUTS)],
    recipe: { ...DEFAULT_RECIPE, ...DRAWN, rate: 0.1, momentum: 0.9, decay: 0.00003, epochs: 20, tune: 2 },
  },
]
