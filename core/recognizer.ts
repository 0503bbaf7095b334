/** From a 28x28 picture to an answer: the loaded networks behind one call. */

import type { Backend } from './backend.ts'
import { InputError } from './errors.ts'
import { SNAP } from './kernels.ts'
import type { Card } from './models/card.ts'
import { createNetwork, type Network, networkMemory } from './models/network.ts'
import { PREPROCESS_VERSION } from './preprocess.ts'

export interface Recognition {
  readonly model: string // id
  readonly version: number
  readonly digit: number // 0..9, the first of the most probable
  readonly confidence: number // 0..1, its probability
  readonly probabilities: number[] // 10, sum 1
}

interface LoadedModel {
  readonly card: Card
  readonly network: Network
}

/** Bytes of memory a backend needs to recognise with these models, one image at a time. */
export function recognizerMemory(cards: readonly Card[]): number {
  return cards.reduce((sum, { layers }) => sum + networkMemory(layers, 1, false), 65_536)
}

/** Holds the loaded models and answers with them, one image at a time. */
export class Recognizer {
  readonly backend: Backend
  #models = new Map<string, LoadedModel>()

  constructor(backend: Backend) {
    this.backend = backend
  }

  /** Id of the model that answers when none is named: the first that was added. */
  get defaultModel(): string {
    for (const id of this.#models.keys()) return id
    throw new InputError(503, 'no_model', 'no model is loaded')
  }

  /** Cards of the loaded models, in the order they were added. */
  cards(): Card[] {
    return [...this.#models.values()].map(({ card }) => card)
  }

  /** @throws InputError 404 unknown_model */
  card(model: string): Card {
    return this.#model(model).card
  }

  /**
   * Loads a model, or replaces the parameters of a loaded one of the same layers.
   * @param parameters the flat buffer; magnitudes below 2^-50 become 0, as the kernels' contract wants
   * @throws RangeError when the card does not fit this program or the parameters do not fit the card
   */
  add(card: Card, parameters: Float32Array): void {
    if (card.preprocess !== PREPROCESS_VERSION) {
      throw new RangeError(
        `model ${card.id} was trained on preprocessing ${card.preprocess}, this program does ${PREPROCESS_VERSION}`,
      )
    }
    const loaded = this.#models.get(card.id)
    const same = loaded && JSON.stringify(loaded.card.layers) === JSON.stringify(card.layers)
    const network = same ? loaded.network : createNetwork(this.backend, card.layers, 1, false)
    if (network.inputs !== 784 || network.outputs !== 10) {
      throw new RangeError(`model ${card.id} maps ${network.inputs} to ${network.outputs} values, 784 to 10 expected`)
    }
    if (parameters.length !== network.parameters.length) {
      throw new RangeError(
        `model ${card.id} has ${parameters.length} parameters, its layers take ${network.parameters.length}`,
      )
    }
    network.parameters.set(parameters.map((value) => (Math.abs(value) < SNAP ? 0 : value)))
    this.#models.set(card.id, { card, network })
  }

  /**
   * Recognises one digit.
   * @param input what `preprocess` gave: 784 bytes
   * @throws InputError 404 unknown_model
   */
  recognize(input: Uint8Array, model: string = this.defaultModel): Recognition {
    const { card, network } = this.#model(model)
    const { kernels, arena } = this.backend
    network.bytes.set(input)
    network.forward(1)
    kernels.softmax(network.logitsAt, network.logitsAt, 1, network.outputs)
    const probabilities = [...arena.f32(network.logitsAt, network.outputs)]
    const confidence = Math.max(...probabilities)
    return { model, version: card.version, digit: probabilities.indexOf(confidence), confidence, probabilities }
  }

  #model(id: string): LoadedModel {
    const model = this.#models.get(id)
    if (!model)
      throw new InputError(404, 'unknown_model', 'no model of that name is loaded; GET /api/v1/models lists them')
    return model
  }
}
