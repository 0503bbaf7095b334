/**
 * The folder of models, which may change while the server runs: a model that is added appears, a changed one is read again, a
 * removed one disappears, and a broken one is reported and skipped. The folder is not watched: requests make it look again.
 */

import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import { WeightsError } from '../../core/models/errors.ts'
import type { BrokenModel, ModelFiles, ModelSource } from '../../core/models/source.ts'
import { ALL_MODELS } from '../../core/protocol.ts'
import { loadModel, NO_MODEL, readCard, type StoredModel } from './load.ts'
import { restoreModels } from './save.ts'

/** Time between two scans of the folder, ms. */
const INTERVAL = 1000

/** A folder of a model as the last scan found it. */
interface Entry {
  readonly folder: string
  readonly cardStamp: string
  readonly weightsStamp: string
  readonly content: string // of card.json, '' where it could not be read
  card: Card | undefined // undefined where it is broken
  problem: string // '' where it is not
  verified: boolean // the weights have been read, and are what the card says
}

/** A second folder of models, each of which replaces the one of its name in the first. */
export interface Replacements {
  readonly root: string // need not exist
  /** Whether a replacement may be used. */
  readonly accept: (card: Card) => boolean
}

export class ModelFolder implements ModelSource {
  readonly #root: string
  readonly #replacements: Replacements | undefined
  readonly #rejected = new Set<string>() // stamps of replacements that could not be loaded
  readonly #now: () => number
  readonly #warn: (message: string) => void
  #entries = new Map<string, Entry>()
  #scanned = -Infinity // ms

  /**
   * Scans the folder.
   * @param root folder whose folders are models
   * @param now monotonic clock, ms
   * @param warn is called once for every model that is skipped
   * @param replacements of models of the folder, used while they are there and whole
   * @throws the file system's error where there is no such folder
   */
  constructor(root: string, now: () => number, warn: (message: string) => void, replacements?: Replacements) {
    this.#root = root
    this.#replacements = replacements
    this.#now = now
    this.#warn = warn
    try {
      restoreModels(root)
    } catch (error) {
      warn(`models whose replacement was interrupted are not restored: ${problemOf(error)}`)
    }
    this.#scan()
  }

  list(): Card[] {
    return [...this.#entries.values()].flatMap(({ card }) => card ?? [])
  }

  broken(): BrokenModel[] {
    return [...this.#entries].flatMap(([id, { problem }]) => (problem === '' ? [] : [{ id, problem }]))
  }

  /** Scans the folder again, unless that was less than a second ago: names, sizes and times, and cards that changed. */
  refresh(): void {
    if (this.#now() - this.#scanned < INTERVAL) return
    try {
      this.#scan()
    } catch (error) {
      this.#warn(`the folder of models cannot be read: ${problemOf(error)}`)
    }
  }

  /**
   * Reads the weights of models that were not used yet, one by one, so that the broken ones are known.
   * @param pause is awaited between two models
   */
  async verify(pause: () => Promise<void>): Promise<void> {
    for (const [id, entry] of this.#entries) {
      if (entry.verified || entry.card === undefined) continue
      try {
        this.load(id)
      } catch {
        // the entry says why
      }
      await pause()
    }
  }

  load(id: string): ModelFiles {
    const { card, data } = this.#read(id)
    return { card, data }
  }

  /**
   * A weights file, byte for byte.
   * @throws Error as `load`
   */
  file(id: string): Uint8Array<ArrayBuffer> {
    return this.#read(id).bytes
  }

  #read(id: string): StoredModel {
    const entry = this.#entries.get(id)
    if (!entry?.card) throw new Error(entry?.problem ?? 'it is gone')
    try {
      const { card, data, bytes } = loadModel(entry.folder)
      // it was replaced since the last scan, and the next one will see that too
      if (JSON.stringify(card) !== JSON.stringify(entry.card)) entry.card = card
      entry.verified = true
      return { card: entry.card, data, bytes }
    } catch (error) {
      if (this.#replacements && entry.folder === join(this.#replacements.root, id)) {
        this.#report(`that stands in for ${id}`, problemOf(error))
        this.#rejected.add(entry.cardStamp + entry.weightsStamp)
        this.#scan()
        return this.#read(id)
      }
      entry.card = undefined
      entry.problem = problemOf(error)
      this.#report(id, entry.problem)
      throw new Error(entry.problem)
    }
  }

  #scan(): void {
    this.#scanned = this.#now()
    const entries = new Map<string, Entry>()
    for (const found of readdirSync(this.#root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!found.isDirectory() || NO_MODEL.test(found.name)) continue
      const before = this.#entries.get(found.name)
      const entry = this.#replacement(found.name, before) ?? inspect(join(this.#root, found.name), found.name, before)
      if (entry.problem !== '' && entry.problem !== before?.problem) this.#report(found.name, entry.problem)
      entries.set(found.name, entry)
    }
    this.#entries = entries
  }

  #replacement(id: string, before: Entry | undefined): Entry | undefined {
    if (!this.#replacements) return undefined
    const { root, accept } = this.#replacements
    const entry = inspect(join(root, id), id, before)
    const taken = entry.card && accept(entry.card) && !this.#rejected.has(entry.cardStamp + entry.weightsStamp)
    return taken ? entry : undefined
  }

  #report(id: string, problem: string): void {
    this.#warn(`model ${id} is skipped: ${problem}`)
  }
}

function inspect(folder: string, id: string, before: Entry | undefined): Entry {
  const cardStamp = stamp(join(folder, 'card.json'))
  if (before?.folder !== folder) before = undefined
  const weights = before?.card?.weights.file
  if (before && weights && before.cardStamp === cardStamp && before.weightsStamp === stamp(join(folder, weights))) {
    return before
  }
  // a broken model is inspected in full each time, for any of its files may be repaired
  try {
    const card = readCard(folder)
    if (card.id !== id)
      throw new InputError(422, 'bad_card', `the folder holds the model ${card.id}, not one of its own name`)
    if (id === ALL_MODELS) throw new InputError(422, 'bad_card', `no model can be called ${ALL_MODELS}`)
    const weightsStamp = stamp(join(folder, card.weights.file))
    const content = JSON.stringify(card)
    if (before?.content === content && before.weightsStamp === weightsStamp) return { ...before, cardStamp }
    checkSize(join(folder, card.weights.file), card.weights.bytes)
    return { folder, cardStamp, weightsStamp, content, card, problem: '', verified: false }
  } catch (error) {
    return {
      folder,
      cardStamp,
      weightsStamp: '',
      content: '',
      card: undefined,
      problem: problemOf(error),
      verified: false,
    }
  }
}

// The size shows that a file is not complete yet, without reading it.
function checkSize(path: string, bytes: number): void {
  const size = lstatSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new WeightsError('missing_file', 'the weights file is not there')
  if (size !== bytes) {
    throw new WeightsError('truncated', `the weights file has ${size} bytes, its card says ${bytes}`)
  }
}

// A text that changes when a file is written or replaced; 'none' where there is no file.
function stamp(path: string): string {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` : 'none'
}

// In words that anybody may see: the file system's own messages name paths.
function problemOf(error: unknown): string {
  if (error instanceof WeightsError || error instanceof InputError || error instanceof RangeError) return error.message
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? `a file cannot be read (${code})` : 'it cannot be loaded'
}
