/** The models that this program can train, with their default recipes. */

import { NETWORKS } from './networks.ts'
import type { ModelSpec } from './spec.ts'

/** Digits, and what is none. */
const ALL =
  'mnist,pendigits,pendigits-varied,styles,others,pendigits-pairs,letters,letters-varied,characters,characters-varied'

/** MNIST counts twice, as for networks. */
const MNIST_TWICE = `mnist,${ALL}`

export const ZOO: readonly ModelSpec[] = [
  ...NETWORKS,
  {
    id: 'knn',
    name: 'k nearest neighbours',
    kind: 'nearest of the prototypes it learned',
    type: 'neighbours',
    recipe: {
      seed: 1,
      data: MNIST_TWICE,
      validation: 9000,
      perClass: 220,
      others: 400,
      means: 5,
      epochs: 20,
      rate: 0.2,
      sharpness: 20,
      shift: 0,
      rotate: 10,
      scale: 0.1,
      shear: 0.1,
      elastic: 2.5,
      thickness: 0.5,
      k: 40,
      power: 12,
      smoothing: 0.0003,
    },
  },
  {
    id: 'forest',
    name: 'Random forest',
    kind: 'random forest on gradient directions',
    type: 'forest',
    recipe: {
      seed: 1,
      data: MNIST_TWICE,
      validation: 9000,
      trees: 48,
      candidates: 16,
      smallest: 12,
      copies: 5,
      shift: 1,
      rotate: 10,
      scale: 0.1,
      shear: 0.15,
      thickness: 0.5,
    },
  },
  {
    id: 'boosted',
    name: 'Boosted trees',
    kind: 'gradient boosting of trees on gradient directions',
    type: 'boosted',
    recipe: {
      seed: 1,
      data: ALL,
      validation: 9000,
      rounds: 220,
      leaves: 40,
      rate: 0.1,
      penalty: 4,
      smallest: 3,
      features: 40,
      gradient: 0.03,
      copies: 3,
      shift: 1,
      rotate: 10,
      scale: 0.1,
      shear: 0.15,
      thickness: 0.5,
    },
  },
]
