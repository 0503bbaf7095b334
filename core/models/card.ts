/** A model card: everything about a trained model except its weights. `weights/<id>/card.json` holds it. */

import { InputError } from '../errors.ts'

/** One layer of a network, as data. Inputs and outputs count values per image. */
export type LayerSpec = { readonly type: 'dense'; readonly inputs: number; readonly outputs: number }

/** A share of correct answers, its standard error sqrt(a (1 - a) / n), and how many images it was measured on. */
export interface Accuracy {
  readonly accuracy: number // 0..1
  readonly standardError: number // 0..1
  readonly images: number
}

/** How to train: with the data, enough to make the same bytes again. */
export interface Recipe {
  readonly seed: number // u32
  readonly optimizer: 'sgd'
  readonly rate: number // at the start
  readonly momentum: number // 0..1
  readonly decay: number
  readonly schedule: 'linear' | 'constant'
  readonly batch: number // images
  readonly epochs: number
  readonly validation: number // images held out of the training set, to choose the epoch whose weights are kept
}

/** Where training or test images came from: the SHA-256 of each unpacked file by name. */
export interface DataSource {
  readonly name: string
  readonly source: string
  readonly files: Readonly<Record<string, string>>
}

export interface Card {
  readonly format: 1
  readonly id: string // folder and API name
  readonly name: string // for people
  readonly kind: string // 'softmax regression', ...
  readonly version: number // 1 is the shipped one
  readonly parameters: number
  readonly layers: readonly LayerSpec[]
  readonly preprocess: number // PREPROCESS_VERSION the model was trained through
  readonly weights: { readonly file: string; readonly bytes: number; readonly sha256: string }
  readonly test: Accuracy & { readonly loss: number; readonly perClass: readonly number[]; readonly data: DataSource }
  readonly validation: Accuracy & { readonly loss: number }
  readonly training: DataSource
  readonly recipe: Recipe & { readonly command: string; readonly bestEpoch: number } // bestEpoch counts from 1
  readonly licence: string
}

/**
 * A card from parsed JSON. Checks what the code relies on; the rest is for people.
 * @throws InputError 422 bad_card, naming the field
 */
export function parseCard(json: unknown): Card {
  const card = record(json, 'card')
  expect(card.format === 1, 'format', '1')
  for (const field of ['id', 'name', 'kind', 'licence']) expect(typeof card[field] === 'string', field, 'a string')
  expect(/^[a-z0-9][a-z0-9-]{0,62}$/.test(String(card.id)), 'id', 'lower-case letters, digits and dashes')
  for (const field of ['version', 'parameters', 'preprocess']) {
    expect(Number.isSafeInteger(card[field]) && Number(card[field]) > 0, field, 'a positive integer')
  }
  const weights = record(card.weights, 'weights')
  expect(/^[\w.-]{1,64}$/.test(String(weights.file)), 'weights.file', 'a file name')
  expect(/^[0-9a-f]{64}$/.test(String(weights.sha256)), 'weights.sha256', '64 hexadecimal digits')
  expect(Number.isSafeInteger(weights.bytes), 'weights.bytes', 'an integer')
  const accuracy = record(card.test, 'test').accuracy
  expect(typeof accuracy === 'number' && accuracy >= 0 && accuracy <= 1, 'test.accuracy', '0..1')
  expect(Array.isArray(card.layers) && card.layers.length > 0, 'layers', 'a list')
  for (const layer of card.layers as unknown[]) {
    const { type, inputs, outputs } = record(layer, 'layer')
    expect(type === 'dense', 'layers.type', 'dense')
    for (const size of [inputs, outputs]) {
      expect(Number.isSafeInteger(size) && Number(size) > 0 && Number(size) <= 65_536, 'layers', 'sizes 1..65536')
    }
  }
  return json as Card
}

function record(value: unknown, field: string): Record<string, unknown> {
  expect(typeof value === 'object' && value !== null && !Array.isArray(value), field, 'an object')
  return value as Record<string, unknown>
}

function expect(holds: boolean, field: string, wanted: string): asserts holds {
  if (!holds) throw new InputError(422, 'bad_card', `model card: ${field} must be ${wanted}`)
}
