/**
 * The streams of core/random.ts, by purpose. Purposes with the same seed take separate streams, so that they share no draws.
 * Changing a number changes the bytes of every model that is trained with it.
 */

/** Training a network. Masks of dropout have keys of their own, see core/models/layers/dropout.ts. */
export const NETWORK_STREAMS = {
  initial: 0, // weights before training
  validation: 1, // images without a writer that are held out; for all types of models
  writers: 2, // writers that are held out; for all types of models
  shuffle: 1000, // + epoch
  augment: 1_000_000_000, // + epoch
} as const

/** Training prototypes. */
export const PROTOTYPE_STREAMS = {
  start: 0, // images that prototypes start from
  shuffle: 1000, // + epoch
  augment: 100_000, // + epoch
} as const

/** Growing a forest. */
export const FOREST_STREAMS = {
  augment: 100_000, // + number of the copy
  tree: 200_000, // + number of the tree
} as const

/** Boosting trees. */
export const BOOSTING_STREAMS = {
  augment: 100_000, // + number of the copy
  features: 200_000, // + number of the tree
  samples: 300_000, // + number of the tree
} as const

/** Fine-tuning a network on corrections. */
export const FINE_TUNING_STREAMS = {
  minibatch: 1, // + step: what a minibatch consists of
  order: 1_000_000, // + pass of a client network over its corrections
  augment: 2_000_000, // + step
} as const

/** Learning the generator of digits. */
export const GENERATOR_STREAMS = {
  axes: 0,
  clouds: 1, // + digit
} as const
