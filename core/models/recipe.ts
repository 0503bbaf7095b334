/** Training recipes: together with the data, enough to train the same bytes again. They are part of model cards. */

/** Random changes to training images, drawn anew in every epoch, uniformly within +- each bound. Absent means none. */
export interface Augmentation {
  readonly shift?: number // px
  readonly rotate?: number // degrees
  readonly scale?: number // share: 0.1 is 0.9 to 1.1
  readonly shear?: number // px of x per px of y
  readonly elastic?: number // px, largest displacement of a smooth random field
  readonly thickness?: number // px by which strokes grow or shrink
}

export interface Recipe {
  readonly seed: number // u32
  readonly data: readonly string[] // names of the training sets, in order; the model is measured on the test set of the first
  readonly loss: 'crossentropy' | 'squared'
  readonly optimizer: 'sgd' | 'adam' | 'adadelta'
  readonly rate: number // highest learning rate
  readonly momentum: number // 0..1: of sgd; beta1 of adam; rho of adadelta
  readonly decay: number // weight decay; decoupled for adam
  readonly schedule: 'constant' | 'linear' | 'cosine' | 'step' // of the rate, down to 0; step: a tenth at 1/2 and again at 3/4
  readonly warmup: number // epochs in which the rate rises from 0
  readonly clip: number // largest global norm of the gradients; 0 for no limit
  readonly batch: number // images
  readonly shards: number // parts of a minibatch, whose gradients are summed in order: the most threads that can share it
  readonly epochs: number
  readonly patience: number // epochs without improvement on the validation set after which the run stops; 0 for never
  readonly validation: number // images held out of the training sets, to select the best epoch
  readonly augment: Augmentation
  readonly bits: 8 | 32 // of the weights in the file: 32 is f32; 8, see eight-bits.ts
  readonly tune: number // epochs afterwards, with weights in 8 bits
}

/** Default values of recipes. */
export const DEFAULT_RECIPE: Recipe = {
  seed: 1,
  data: ['mnist'],
  loss: 'crossentropy',
  optimizer: 'sgd',
  rate: 0.1,
  momentum: 0.9,
  decay: 0,
  schedule: 'linear',
  warmup: 0,
  clip: 0,
  batch: 100,
  shards: 1,
  epochs: 20,
  patience: 0,
  validation: 5000,
  augment: {},
  bits: 32,
  tune: 0,
}

/** The recipe of a model that is not a network: fields of its own, and three that all have. */
export interface FlatRecipe {
  readonly [name: string]: number | string
  readonly seed: number // u32
  readonly data: string // names of the training sets, in order, joined by commas
  readonly validation: number // images held out of the training sets
}
