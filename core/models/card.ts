/** The model card, `weights/<id>/card.json`: everything about a trained model except its weights. */

import { InputError } from '../errors.ts'
import type { GateReport } from '../protocol.ts'
import { checkCardShape } from './card-shape.ts'
import { checkNesting, FieldError } from './fields.ts'
import { type LayerSpec, parseLayers } from './layer.ts'
import type { Recipe } from './recipe.ts'

/** Accuracy a, its standard error sqrt(a (1 - a) / n), and the number n of images it was measured on. */
export interface Accuracy {
  readonly accuracy: number // 0..1
  readonly standardError: number // 0..1
  readonly images: number
}

/** Accuracy and loss on a set of images. */
export interface Measurement extends Accuracy {
  readonly loss: number // mean cross-entropy, nats
}

/** Origin of training or test images, with the SHA-256 of each unpacked file by name. */
export interface DataSource {
  readonly name: string
  readonly source: string // authors, year, licence
  readonly files: Readonly<Record<string, string>>
}

/** What a model made of a set of drawings that are no digits. */
export interface OthersMeasurement {
  readonly images: number
  readonly turnedAway: number // 0..1, share that was not answered as a digit
  readonly confident: number // 0..1, share answered as a digit with a confidence over 0.9
  readonly data: DataSource
}

/** Fields of models of all types. */
export interface CardBase {
  readonly format: 1
  readonly id: string // folder and API name
  readonly name: string // for people
  readonly kind: string // for people: 'softmax regression', ...
  readonly version: number // 1 is the shipped one
  readonly parameters: number
  readonly preprocess: number // PREPROCESS_VERSION that the model was trained with
  readonly weights: { readonly file: string; readonly bytes: number; readonly sha256: string }
  /** On MNIST's test set, or the test set of the data the model was trained on. */
  readonly test: Measurement & { readonly perClass: readonly number[]; readonly data: DataSource }
  /** On pen drawings by writers that were not trained on (pendigits-test), if measured. */
  readonly drawings?: Measurement & { readonly data: DataSource }
  readonly validation: Measurement
  /** How it turns drawings away; absent from models that know digits only, and from imported ones. */
  readonly verdict?: {
    readonly sure: number // 0..1: a digit with a lower score is an unsure one, see `judge`
    /** Shares of digits that were not answered as a digit, 0..1. */
    readonly turnedAway: { readonly validation: number; readonly test: number; readonly drawings?: number }
    readonly others: readonly OthersMeasurement[] // on sets of what is no digit, those on the machine that trained it
  }
  readonly training: readonly DataSource[]
  readonly trainingTime?: { readonly seconds: number; readonly machine: string }
  readonly licence: string
  /** Origin of a version that was learned from corrections. Its other figures are those of the shipped model. */
  readonly learned?: {
    readonly parent: number // version that was served before
    readonly round: number
    readonly shipped: string // SHA-256 of the shipped weights it was trained from
    readonly share?: number // 0..1, share of the way from the shipped to the trained weights
    readonly gate?: GateReport
  }
}

/** A feed-forward network. */
export interface NetworkCard extends CardBase {
  readonly type: 'network'
  readonly layers: readonly LayerSpec[]
  readonly recipe: Recipe & {
    readonly command: string
    readonly bestEpoch: number // from 1
    readonly temperature?: number // by which the outputs were divided after training, in the weights of the last layer
    readonly otherBias?: number // that was added after training to the last layer's bias of OTHER
    /** The same of the epochs with weights in 8 bits, which follow; epoch 0 if no epoch was better than rounding alone. */
    readonly tuned?: { readonly bestEpoch: number; readonly temperature?: number; readonly otherBias?: number }
  }
}

/** How the neighbours of an image vote, see `neighbourProbabilities`. */
export interface Vote {
  readonly k: number // neighbours that vote, 1..1000
  readonly power: number // integer 0..32, so that no power of a ratio of distances is subnormal
  readonly smoothing: number // votes that every class has from the start, 0.000001..1000
}

/** k nearest neighbours over the references in the weights file. */
export interface NeighboursCard extends CardBase {
  readonly type: 'neighbours'
  readonly neighbours: Vote & { readonly references: number; readonly classes?: number } // 10 classes if absent
  readonly recipe: Readonly<Record<string, number | string>> & { readonly command: string }
}

/** A random forest. */
export interface ForestCard extends CardBase {
  readonly type: 'forest'
  readonly forest: {
    readonly trees: number
    readonly splits: number // of all trees
    readonly leaves: number // distinct ones
    readonly power: number // of the votes, 1..32
    readonly classes?: number // 10 if absent
  }
  readonly recipe: Readonly<Record<string, number | string>> & { readonly command: string }
}

/** Boosted trees. */
export interface BoostedCard extends CardBase {
  readonly type: 'boosted'
  readonly boosted: {
    readonly trees: number // a multiple of the classes
    readonly splits: number // of all trees
    readonly classes: number // 10 or 11
    readonly sharpness: number // factor of the sums before softmax, 0.01..100
    readonly otherBias?: number // nats that were added after training to the leaves of the first tree of OTHER
  }
  readonly recipe: Readonly<Record<string, number | string>> & { readonly command: string }
}

export type Card = NetworkCard | NeighboursCard | ForestCard | BoostedCard

/** How deep lists and objects of a card may be nested; a card of this program has 4. */
const DEEPEST = 12

/**
 * Checks parsed JSON: every field, those that may be missing too, and how deep it is nested. Fields of which nothing is known stay.
 * @throws InputError 422 bad_card, naming the field, what is expected and what was got
 */
export function parseCard(json: unknown): Card {
  try {
    checkNesting(json, DEEPEST)
    checkCardShape(json)
  } catch (error) {
    if (error instanceof FieldError) throw new InputError(422, 'bad_card', `model card: ${error.message}`)
    throw error
  }
  const card = json as Card
  if (card.type === 'network') parseLayers(card.layers)
  return card
}
