/**
 * From a drawing, or from the 28x28 bytes that preprocessing makes of it, to an answer. A model is loaded when it is first
 * used, into a memory of its own. When all together would take more memory than they may, the one unused for longest leaves.
 */

import { type Backend, type BackendFactory, backendMemory } from './backend/backend.ts'
import type { Raster } from './data/raster.ts'
import { release } from './data/release.ts'
import { InputError, messageOf } from './errors.ts'
import type { Card } from './models/card.ts'
import { createModel, modelMemory } from './models/create-model.ts'
import type { Model } from './models/model.ts'
import { gatherPasses, type Passes } from './models/passes.ts'
import type { BrokenModel, ModelSource } from './models/source.ts'
import { judge, sureOf } from './models/verdict.ts'
import { PREPROCESS_VERSION, preprocess } from './preprocess.ts'
import type { Verdict } from './protocol.ts'

export interface RecognizerOptions {
  /** Bytes that all loaded models may take together; no limit unless given. */
  readonly memory?: number
  /** Ids of models that answer when none is named, the first that can; after them any other. */
  readonly preferred?: readonly string[]
}

export interface Recognition {
  readonly model: string // id
  readonly version: number
  readonly digit: number // 0..9, the first of the most probable
  readonly confidence: number // 0..1, its probability
  readonly verdict: Verdict
  readonly other: number // 0..1, how likely it is no digit; 0 from a model that knows digits only
  readonly probabilities: number[] // 10, sum 1, of the digits among themselves
  readonly samples?: number // passes with dropout that were averaged
  readonly spread?: number[] // 10, standard deviations over those passes
}

/** A recognition under way: without dropout it has no passes left. */
export interface Sampling {
  /** Number of passes that are still to be done. */
  left(): number
  /** Does at most that many passes. */
  go(most: number): void
  /** The answer. Passes that are left are done first. */
  result(): Recognition
}

export interface RecognizeOptions {
  /** Id of the model; the default one unless given. */
  readonly model?: string | undefined
  /** Passes with dropout to average, 1..MAX_SAMPLES; one pass without dropout unless given. */
  readonly samples?: number | undefined
  /** Monotonic clock, ms; without it all times are 0. */
  readonly now?: () => number
}

/** A recognition that was begun, and the time it took so far. */
export interface StartedRecognition {
  readonly sampling: Sampling
  readonly infer: number // ms, 28x28 to probabilities; loading the model is not in it, nor are passes that are left
}

/** A drawing as models see it. */
export interface PreparedDrawing {
  readonly input: Uint8Array // [784]
  readonly decode: number // ms
  readonly preprocess: number // ms
}

/** Bytes. */
export const MEBIBYTE = 1_048_576

/** Longest list of ids in a message, characters: the ids of the shipped models have half as many. */
const LISTED = 240

const noClock = () => 0

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
  readonly #loaded = new Map<string, Loaded>() // in order of last use
  readonly #problems = new WeakMap<Card, string>() // '' for none: a card is checked once

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
    const listed = this.#source.list()
    const works = (card: Card) => this.#problem(card) === ''
    const id =
      this.#preferred.find((one) => listed.some((card) => card.id === one && works(card))) ?? listed.find(works)?.id
    if (id === undefined) throw new InputError(503, 'no_model', 'there is no model that works')
    return id
  }

  /** Cards of the models that can be used, in the order of the source. */
  cards(): Card[] {
    return this.#source.list().filter((card) => this.#problem(card) === '')
  }

  /** The models of the source that cannot be used, and why. */
  broken(): BrokenModel[] {
    const listed = this.#source.list().map((card) => ({ id: card.id, problem: this.#problem(card) }))
    return [...(this.#source.broken?.() ?? []), ...listed.filter(({ problem }) => problem !== '')]
  }

  /** @throws InputError 404 unknown_model, 503 broken_model */
  card(id: string): Card {
    const find = () => this.#source.list().find((one) => one.id === id)
    let card = find()
    if (!card) {
      this.#source.refresh?.(id)
      card = find()
    }
    if (card && this.#problem(card) === '') return card
    if (card || this.#source.broken?.().some((one) => one.id === id)) throw brokenModel()
    throw unknownModel(this.#source.list().map((one) => one.id))
  }

  /** Whether a model is in memory, and its card has not changed since. */
  isLoaded(id: string): boolean {
    return this.#current(id) !== undefined
  }

  /**
   * Card of the model that is to answer, which need not be in memory.
   * @throws InputError as `card` and `defaultModel`
   */
  choose(id?: string): Card {
    return this.card(id ?? this.defaultModel)
  }

  /**
   * Loads a model unless it is in memory already. Where none is named it loads the default one, and the next where that turns
   * out to be broken.
   * @returns its card
   * @throws InputError 404 unknown_model; 503 broken_model, no_model or out_of_memory
   */
  load(id?: string): Card {
    return this.#use(id).card
  }

  /**
   * Decodes, preprocesses and recognises one drawing. With samples, their passes are left to do: a thousand take an old
   * phone half a minute.
   * @param decode gives the pixels, which are not used afterwards: their memory may be released
   * @throws InputError as `decode`, `preprocess` and `recognize`
   */
  recognizeDrawing(decode: () => Raster, options: RecognizeOptions = {}): PreparedDrawing & StartedRecognition {
    const prepared = prepareDrawing(decode, options.now)
    return { ...prepared, ...this.start(prepared.input, options) }
  }

  /**
   * Recognises one digit.
   * @param input what `preprocess` gave: 784 bytes
   * @param id which model; the default one unless named
   * @param samples passes with dropout to average, 1..MAX_SAMPLES; one pass without dropout unless given
   * @throws InputError as `load`; 422 bad_samples or no_dropout
   */
  recognize(input: Uint8Array, id?: string, samples?: number): Recognition {
    return this.start(input, { model: id, samples }).sampling.result()
  }

  /**
   * Begins to recognise one digit. With samples, their passes are left to do.
   * @param input what `preprocess` gave: 784 bytes
   * @throws InputError as `recognize`
   */
  start(input: Uint8Array, { model: id, samples, now = noClock }: RecognizeOptions = {}): StartedRecognition {
    const { card, model } = this.#use(id)
    const loaded = now()
    const sampling =
      samples === undefined ? this.#onePass(card, model, input) : this.#passes(card, model, input, samples)
    return { sampling, infer: now() - loaded }
  }

  #onePass(card: Card, model: Model, input: Uint8Array): Sampling {
    const answer = this.answer(card, model.scores(input))
    return { left: () => 0, go() {}, result: () => answer }
  }

  #passes(card: Card, model: Model, input: Uint8Array, samples: number): Sampling {
    const passes = this.gather(card, samples)
    const { left } = passes
    const go = (most: number) => model.sample?.(input, passes.count(), Math.min(most, left()), passes.add)
    const result = () => {
      if (left() > 0) go(left())
      return passes.result()
    }
    return { left, go, result }
  }

  /**
   * Begins to average passes with dropout that somebody else does.
   * @throws InputError 422 bad_samples or no_dropout
   */
  gather(card: Card, samples: number): Passes<Recognition> {
    return gatherPasses(card, samples, (mean) => this.answer(card, mean))
  }

  #use(id?: string): Loaded {
    for (;;) {
      const wanted = id ?? this.defaultModel
      try {
        const loaded = this.#current(wanted) ?? this.#loadCard(this.card(wanted))
        this.#loaded.delete(wanted) // and set again: a Map's order is then the order of last use
        this.#loaded.set(wanted, loaded)
        return loaded
      } catch (error) {
        // it is known to be broken from now on, so the next attempt gets another default model
        if (id !== undefined || !(error instanceof InputError && error.code === 'broken_model')) throw error
      }
    }
  }

  /**
   * The answer that a model's scores give.
   * @throws InputError 503 broken_model where they are no numbers
   */
  answer(card: Card, scores: Float32Array): Recognition {
    const { probabilities, digit, confidence, other, verdict } = judge(scores, sureOf(card))
    if (scores.some(Number.isNaN)) {
      this.#problems.set(card, 'it gives probabilities that are no numbers')
      throw brokenModel()
    }
    return {
      model: card.id,
      version: card.version,
      digit,
      confidence,
      verdict,
      other,
      probabilities: [...probabilities],
    }
  }

  #current(id: string): Loaded | undefined {
    const loaded = this.#loaded.get(id)
    return loaded && this.#source.list().includes(loaded.card) ? loaded : undefined
  }

  #loadCard(listed: Card): Loaded {
    this.#loaded.delete(listed.id) // an older version of it
    try {
      const { card, data } = this.#source.load(listed.id)
      const problem = this.#problem(card)
      if (problem !== '') throw new RangeError(problem)
      const bytes = loadedMemory(card)
      this.#makeRoom(bytes)
      return { card, bytes, model: createModel(this.#allocate(bytes), card, data) }
    } catch (error) {
      if (error instanceof InputError && error.code === 'out_of_memory') throw error
      this.#problems.set(listed, messageOf(error))
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
      this.#loaded.clear() // the machine has less memory than was expected
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

/**
 * Decodes and preprocesses one drawing.
 * @param decode gives the pixels, which are not used afterwards: their memory may be released
 * @param now monotonic clock, ms; without it all times are 0
 * @throws InputError as `decode` and `preprocess`
 */
export function prepareDrawing(decode: () => Raster, now: () => number = noClock): PreparedDrawing {
  const started = now()
  const drawing = decode()
  const decoded = now()
  try {
    const input = preprocess(drawing)
    return { input, decode: decoded - started, preprocess: now() - decoded }
  } finally {
    release(drawing.data)
  }
}

/**
 * Bytes of memory a model takes when it is loaded, in whole pages.
 * @throws RangeError for a type that this program does not have
 */
export function loadedMemory(card: Card): number {
  const known = memories.get(card)
  if (known !== undefined) return known
  const bytes = backendMemory(modelMemory(card))
  memories.set(card, bytes)
  return bytes
}

// Of a card it is planned once: a folder of thousands of models is listed in one answer.
const memories = new WeakMap<Card, number>()

// Why a model cannot be used, as far as its card alone shows; '' where it can.
function unusable(card: Card, memory: number): string {
  if (card.preprocess !== PREPROCESS_VERSION) {
    return `trained on preprocessing ${card.preprocess}, this program does ${PREPROCESS_VERSION}`
  }
  try {
    const bytes = loadedMemory(card)
    if (bytes <= memory) return ''
    const mebibytes = (size: number) => `${(size / MEBIBYTE).toFixed(1)} MiB`
    return `takes ${mebibytes(bytes)} of memory, all models together may take ${mebibytes(memory)}`
  } catch (error) {
    return messageOf(error)
  }
}

/** The refusal of a model whose folder holds no usable model. */
export function brokenModel(): InputError {
  return new InputError(503, 'broken_model', 'that model is there but cannot be loaded')
}

/** The refusal of an id that no model has, with the ids that there are. */
export function unknownModel(ids: readonly string[]): InputError {
  return new InputError(404, 'unknown_model', `there is no model of that name; there are: ${listIds(ids)}`)
}

/** Ids in a sentence, as many as fit LISTED characters. */
export function listIds(ids: readonly string[]): string {
  let text = ''
  for (const [k, id] of ids.entries()) {
    const next = text === '' ? id : `${text}, ${id}`
    if (next.length > LISTED) return `${text} and ${ids.length - k} more`
    text = next
  }
  return text || 'none'
}
