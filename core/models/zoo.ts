/** The models that this program can train, with their default recipes. */

import { NETWORKS } from './networks.ts'
import type { ModelSpec } from './spec.ts'

export const ZOO: readonly ModelSpec[] = [
  ...NETWORKS,
  {
    id: 'knn',
    name: 'k nearest neighbours',
    kind: 'nearest of the prototypes it learned',
    type: 'neighbours',
    recipe: {
      seed: 1,
      data: 'mnist,pendigits',
      validation: 5600,
      perClass: 200,
      means: 5,
      epochs: 20,
      rate: 0.2,
      sharpness: 20,
      shift: 0,
      rotate: 10,
      scale: 0.1,
      shear: 0.1,
      elastic: 2,
      thickness: 0.5,
      k: 20,
      power: 16,
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
      data: 'mnist,pendigits',
      validation: 5600,
      trees: 100,
      candidates: 14,
      smallest: 2,
      copies: 4,
      shift: 1,
      rotate: 10,
      scale: 0.1,
      shear: 0.15,
      thickness: 0.5,
    },
  },
]
