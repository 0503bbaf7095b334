/**
 * From a 28x28 picture to an answer. Models are loaded when they are first asked, each into a memory of its own; the one
 * unused for longest leaves when all together would take more than they may.
 */

import { type Backend, type BackendFactory, backendMemory } from './backend/backend.ts'
import { CLASSES } from './data/dataset.ts'
import { InputError } from './errors.ts'
import type { Card } from './models/card.ts'
import { createModel, modelMemory } from './models/create-model.ts'
import type { Model } from './models/model.ts'
import { Samples } from './models/samples.ts'
import type { BrokenModel, ModelSource } from './models/source.ts'
import { PREPROCESS_VERSION } from './preprocess.ts'

export interface RecognizerOptions {
  /** Bytes that all loaded models may take together; no bound unless given. */
  readonly memory?: number
  /** Ids of models that answer when none is named, the first that can; after them any other. */
  readonly preferred?: readonly string[]
}

export interface Recognition {
  readonly model: string // id
  readonly version: number
  readonly digit: number // 0..9, the first of the most probable
  readonly confidence: number // 0..1, its probability
  readonly probabilities: number[] // 10, sum 1
  readonly samples?: number // passes with dropout that were averaged
  readonly spread?: number[] // 10, standard deviations over those passes
}

/** A recognition under way. */
export interface Sampling {
  /** Passes still to go. */
  left(): number
  /** Goes some passes further. */
  go(most: number): void
  /** What the passes so far come to. */
  result(): Recognition
}

/** Most passes with dropout that one recognition may ask for. */
export const MAX_SAMPLES = 1000

interface Loaded {
  readonly card: Card
  readonly model: Model
  readonly bytes: number // of the memory made for it
}

/** Answers with the models of a source, one image at a time. */
export class Recognizer {
  readonly backend: BackendFactory
  readonly #source: ModelSource
  readonly #memory: number
  readonly #preferred: readonly string[]
  readonly #loaded = new Map<string, Loaded>() // in the order of last use
  readonly #problems = new WeakMap<Card, string>() // '' for none: a card is looked at once

  constructor(
    backend: BackendFactory,
    source: ModelSource,
    { memory = Infinity, preferred = [] }: RecognizerOptions = {},
  ) {
    this.backend = backend
    this.#source = source
    this.#memory = memory
    this.#preferred = preferred
  }

  /**
   * Id of the model that answers when none is named.
   * @throws InputError 503 no_model
   */
  get defaultModel(): string {
    const ids = this.cards().map(({ id }) => id)
    const id = this.#preferred.find((one) => ids.includes(one)) ?? ids[0]
    if (id === undefined) throw new InputError(503, 'no_model', 'there is no model that works')
    return id
  }

  /** Cards of the models that can be asked, in the order of the source. */
  cards(): Card[] {
    return this.#source.list().filter((card) => this.#problem(card) === '')
  }

  /** The models of the source that cannot be asked, and why. */
  broken(): BrokenModel[] {
    const listed = this.#source.list().map((card) => ({ id: card.id, problem: this.#problem(card) }))
    return [...(this.#source.broken?.() ?? []), ...listed.filter(({ problem }) => problem !== '')]
  }

  /** @throws InputError 404 unknown_model, 503 broken_model */
  card(id: string): Card {
    const find = () => this.#source.list().find((one) => one.id === id)
    let card = find()
    if (!card) {
      this.#source.refresh?.()
      card = find()
    }
    if (card && this.#problem(card) === '') return card
    if (card || this.#source.broken?.().some((one) => one.id === id)) throw brokenModel()
    throw new InputError(404, 'unknown_model', 'there is no model of that name')
  }

  /** Whether a model is in memory, as its card stands now. */
  isLoaded(id: string): boolean {
    return this.#current(id) !== undefined
  }

  /**
   * Loads a model unless it is there already; where none is named the default one, passing over those that turn out broken.
   * @returns its card
   * @throws InputError 404 unknown_model; 503 broken_model, no_model or out_of_memory
   */
  load(id?: string): Card {
    return this.#use(id).card
  }

  /**
   * Recognises one digit.
   * @param input what `preprocess` gave: 784 bytes
   * @param id which model; the default one unless named
   * @param samples passes with dropout to average, 1..MAX_SAMPLES; one pass without dropout unless given
   * @throws InputError as `load`; 422 bad_samples or no_dropout
   */
  recognize(input: Uint8Array, id?: string, samples?: number): Recognition {
    if (samples !== undefined) {
      const sampling = this.sampling(input, samples, id)
      sampling.go(samples)
      return sampling.result()
    }
    const { card, model } = this.#use(id)
    return this.#answer(card, model.probabilities(input))
  }

  /**
   * Recognises one digit in passes with dropout, a few at a time: a thousand take an old phone half a minute.
   * @throws InputError as `recognize`
   */
  sampling(input: Uint8Array, samples: number, id?: string): Sampling {
    if (!(Number.isInteger(samples) && samples >= 1 && samples <= MAX_SAMPLES)) {
      throw new InputError(422, 'bad_samples', `samples must be a whole number from 1 to ${MAX_SAMPLES}`)
    }
    const { card, model } = this.#use(id)
    if (!model.sample) throw new InputError(422, 'no_dropout', 'this model has no dropout to take samples with')
    const passes = new Samples(CLASSES)
    return {
      left: () => samples - passes.count,
      go: (most) => {
        const count = Math.min(most, samples - passes.count)
        model.sample?.(input, passes.count, count, (probabilities) => passes.add(probabilities))
      },
      result: () => {
        const { mean, deviation } = passes.spread()
        return { ...this.#answer(card, mean), samples: passes.count, spread: [...deviation] }
      },
    }
  }

  #use(id?: string): Loaded {
    for (;;) {
      const wanted = id ?? this.defaultModel
      try {
        const loaded = this.#current(wanted) ?? this.#place(this.card(wanted))
        this.#loaded.delete(wanted) // and set again: a Map's order is then the order of last use
        this.#loaded.set(wanted, loaded)
        return loaded
      } catch (error) {
        // known to be broken from now on, so that the default is another one the next time round
        if (id !== undefined || !(error instanceof InputError && error.code === 'broken_model')) throw error
      }
    }
  }

  #answer(card: Card, values: Float32Array): Recognition {
    const probabilities = [...values]
    const confidence = Math.max(...probabilities)
    if (Number.isNaN(confidence)) {
      this.#problems.set(card, 'it gives probabilities that are no numbers')
      throw brokenModel()
    }
    const digit = probabilities.indexOf(confidence)
    return { model: card.id, version: card.version, digit, confidence, probabilities }
  }

  #current(id: string): Loaded | undefined {
    const loaded = this.#loaded.get(id)
    return loaded && this.#source.list().includes(loaded.card) ? loaded : undefined
  }

  #place(listed: Card): Loaded {
    this.#loaded.delete(listed.id) // what it was before it changed
    try {
      const { card, data } = this.#source.load(listed.id)
      const problem = this.#problem(card)
      if (problem !== '') throw new RangeError(problem)
      const bytes = loadedMemory(card)
      this.#makeRoom(bytes)
      return { card, bytes, model: createModel(this.#allocate(bytes), card, data) }
    } catch (error) {
      if (error instanceof InputError && error.code === 'out_of_memory') throw error
      this.#problems.set(listed, error instanceof Error ? error.message : String(error))
      throw brokenModel()
    }
  }

  #makeRoom(bytes: number): void {
    const cards = this.#source.list()
    for (const [id, { card }] of this.#loaded) if (!cards.includes(card)) this.#loaded.delete(id)
    let taken = bytes
    for (const loaded of this.#loaded.values()) taken += loaded.bytes
    for (const [id, loaded] of this.#loaded) {
      if (taken <= this.#memory) return
      this.#loaded.delete(id)
      taken -= loaded.bytes
    }
  }

  #allocate(bytes: number): Backend {
    try {
      return this.backend.create(bytes)
    } catch {
      this.#loaded.clear() // the machine has less to give than was thought
    }
    try {
      return this.backend.create(bytes)
    } catch {
      throw new InputError(503, 'out_of_memory', 'this machine has no memory left for that model')
    }
  }

  #problem(card: Card): string {
    const known = this.#problems.get(card)
    if (known !== undefined) return known
    const problem = unusable(card, this.#memory)
    this.#problems.set(card, problem)
    return problem
  }
}

/** Bytes of memory a model takes when it is loaded: whole pages. Throws RangeError for a type this program does not have. */
export function loadedMemory(card: Card): number {
  return backendMemory(modelMemory(card))
}

// Why a card alone says that its model cannot be asked; '' where it does not.
function unusable(card: Card, memory: number): string {
  if (card.preprocess !== PREPROCESS_VERSION) {
    return `trained on preprocessing ${card.preprocess}, this program does ${PREPROCESS_VERSION}`
  }
  try {
    const bytes = loadedMemory(card)
    if (bytes <= memory) return ''
    const mebibytes = (size: number) => `${(size / 1_048_576).toFixed(1)} MiB`
    return `takes ${mebibytes(bytes)} of memory, all models together may take ${mebibytes(memory)}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function brokenModel(): InputError {
  return new InputError(503, 'broken_model', 'that model is there but cannot be loaded')
}
