/** The models this program can train: what they are and how they are trained unless told otherwise. */

import type { LayerSpec, Recipe } from './card.ts'

export interface ModelSpec {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly layers: readonly LayerSpec[]
  readonly recipe: Recipe
}

export const ZOO: readonly ModelSpec[] = [
  {
    id: 'softmax',
    name: 'Softmax regression',
    kind: 'softmax regression',
    layers: [{ type: 'dense', inputs: 784, outputs: 10 }],
    recipe: {
      seed: 1,
      optimizer: 'sgd',
      rate: 0.1,
      momentum: 0.9,
      decay: 0.00003,
      schedule: 'linear',
      batch: 100,
      epochs: 60,
      validation: 5000,
    },
  },
]
