/**
 * The folder of models, which may change while the server runs: a model that is added appears, a changed one is read again, a
 * removed one disappears, and a broken one is reported and skipped. The folder is not watched: requests make it look again.
 */

import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import { WeightsError } from '../../core/models/errors.ts'
import type { BrokenModel, ModelFiles, ModelSource } from '../../core/models/source.ts'
import { ALL_MODELS, MODEL_ID } from '../../core/protocol.ts'
import { sha256 } from '../files/sha256.ts'
import { loadModel, NO_MODEL, readCard, type StoredModel } from './load.ts'
import { restoreModels } from './save.ts'

/** Time between two scans of the folder, ms. */
const INTERVAL = 1000

/** Time after which a scan, or the reading of weights, lets others have their answers, ms. */
const SLICE = 8

/** Models whose weights one request reads in any case, and the time after which it leaves further ones to the next request, ms. */
const [VERIFIED_MODELS, VERIFYING] = [32, 300]

/** Models that are skipped for which there is a line each in the log; the others are counted. */
const REPORTED = 20

/** The stamp of a file that is not there. */
const ABSENT = 'none'

/** A folder of a model as the last scan found it. */
interface Entry {
  readonly folder: string
  readonly cardStamp: string
  readonly weightsStamp: string
  readonly digest: string // SHA-256 of the card, '' where it could not be read
  readonly settled: boolean // no other file than the card could mend it
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
  #cards: Card[] | undefined // of the entries, until one changes
  #scanned = -Infinity // ms
  #scanning: Promise<void> | undefined
  #missing = { id: '', at: -Infinity } // the last one that was looked for in vain, and when, ms

  /**
   * Scans the folder.
   * @param root folder whose folders are models
   * @param now monotonic clock, ms
   * @param warn is called once for every model that is skipped, up to 20 at a time
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

  list(): readonly Card[] {
    this.#cards ??= [...this.#entries.values()].flatMap(({ card }) => card ?? [])
    return this.#cards
  }

  broken(): BrokenModel[] {
    return [...this.#entries].flatMap(([id, { problem }]) => (problem === '' ? [] : [{ id, problem }]))
  }

  /**
   * Scans the folder again, unless that was less than a second ago: names, sizes and times, and cards that changed.
   * @param id looks at the folder of this model alone
   */
  refresh(id?: string): void {
    if (this.#now() - this.#scanned < INTERVAL) return
    this.#guarded(() => (id === undefined ? this.#scan() : this.#lookFor(id)))
  }

  /**
   * The same in pieces, for a folder of thousands.
   * @param pause is awaited between two pieces
   */
  async rescan(pause: () => Promise<void>): Promise<void> {
    if (!this.#scanning && this.#now() - this.#scanned < INTERVAL) return
    this.#scanning ??= this.#scanInPieces(pause).finally(() => {
      this.#scanning = undefined
    })
    await this.#scanning
  }

  /**
   * Reads the weights of models that were not used yet, so that the broken ones are known: of 32 models, and of more for 0.3 s.
   * @param pause is awaited between two models
   */
  async verify(pause: () => Promise<void>): Promise<void> {
    const started = this.#now()
    let count = 0
    for (const [id, entry] of this.#entries) {
      if (entry.verified || entry.card === undefined) continue
      if (++count > VERIFIED_MODELS && this.#now() - started > VERIFYING) return
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
      if (digestOf(card) !== digestOf(entry.card)) this.#setCard(entry, card)
      entry.verified = true
      return { card: entry.card, data, bytes }
    } catch (error) {
      if (this.#replacements && entry.folder === join(this.#replacements.root, id)) {
        reportSkipped([{ id: `that stands in for ${id}`, problem: problemOf(error) }], this.#warn)
        this.#rejected.add(entry.cardStamp + entry.weightsStamp)
        this.#lookFor(id)
        return this.#read(id)
      }
      this.#setCard(entry, undefined)
      entry.problem = problemOf(error)
      reportSkipped([{ id, problem: entry.problem }], this.#warn)
      throw new Error(entry.problem)
    }
  }

  #setCard(entry: Entry, card: Card | undefined): void {
    entry.card = card
    this.#cards = undefined
  }

  #setEntries(entries: Map<string, Entry>): void {
    this.#entries = entries
    this.#cards = undefined
  }

  #scan(): void {
    this.#scanned = this.#now()
    const scan = this.#inspectAll(readdirSync(this.#root, { withFileTypes: true }))
    while (!scan.next().done);
  }

  async #scanInPieces(pause: () => Promise<void>): Promise<void> {
    this.#scanned = this.#now()
    const found = await readdir(this.#root, { withFileTypes: true }).catch((error: unknown) => this.#unreadable(error))
    if (!found) return
    let began = this.#now()
    for (const _ of this.#inspectAll(found)) {
      if (this.#now() - began < SLICE) continue
      await pause()
      began = this.#now()
    }
    this.#scanned = this.#now()
  }

  // One step for each folder; the entries change after the last.
  *#inspectAll(found: readonly Dirent[]): Generator<void, void> {
    const entries = new Map<string, Entry>()
    const problems: BrokenModel[] = []
    const replaced = this.#replacedIds()
    const names = found.filter((one) => one.isDirectory() && !NO_MODEL.test(one.name)).map(({ name }) => name)
    for (const id of names.sort()) {
      const before = this.#entries.get(id)
      const entry = this.#inspect(id, before, replaced.has(id))
      if (entry.problem !== '' && entry.problem !== before?.problem) problems.push({ id, problem: entry.problem })
      entries.set(id, entry)
      yield
    }
    this.#setEntries(entries)
    reportSkipped(problems, this.#warn)
  }

  // Looks at the folder of one model, which may be new, changed or gone.
  #lookFor(id: string): void {
    if (this.#missing.id === id && this.#now() - this.#missing.at < INTERVAL) return
    if (!MODEL_ID.test(id) || NO_MODEL.test(id)) return
    const before = this.#entries.get(id)
    if (!lstatSync(join(this.#root, id), { throwIfNoEntry: false })?.isDirectory()) {
      this.#missing = { id, at: this.#now() }
      if (before) this.#setEntries(new Map([...this.#entries].filter(([name]) => name !== id)))
      return
    }
    const entry = this.#inspect(id, before, this.#replacedIds().has(id))
    if (entry.problem !== '' && entry.problem !== before?.problem) {
      reportSkipped([{ id, problem: entry.problem }], this.#warn)
    }
    const others = [...this.#entries].filter(([name]) => name !== id)
    this.#setEntries(new Map([...others, [id, entry] as const].sort(([a], [b]) => (a < b ? -1 : 1))))
  }

  // Names in the folder of replacements; none where there is no such folder.
  #replacedIds(): ReadonlySet<string> {
    try {
      return new Set(this.#replacements ? readdirSync(this.#replacements.root) : [])
    } catch {
      return new Set()
    }
  }

  #inspect(id: string, before: Entry | undefined, replaced: boolean): Entry {
    const replacement = replaced ? this.#replacement(id, before) : undefined
    return replacement ?? inspect(join(this.#root, id), id, before)
  }

  #replacement(id: string, before: Entry | undefined): Entry | undefined {
    if (!this.#replacements) return undefined
    const { root, accept } = this.#replacements
    const entry = inspect(join(root, id), id, before)
    const taken = entry.card && accept(entry.card) && !this.#rejected.has(entry.cardStamp + entry.weightsStamp)
    return taken ? entry : undefined
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#unreadable(error)
    }
  }

  #unreadable(error: unknown): void {
    this.#warn(`the folder of models cannot be read: ${problemOf(error)}`)
  }
}

/** Says of models that they are skipped and why, of the first 20 each, and how many more there are. */
export function reportSkipped(models: readonly BrokenModel[], warn: (message: string) => void): void {
  for (const { id, problem } of models.slice(0, REPORTED)) warn(`model ${id} is skipped: ${problem}`)
  if (models.length > REPORTED) warn(`${models.length - REPORTED} more models are skipped; GET /api/v1/models says why`)
}

function inspect(folder: string, id: string, before: Entry | undefined): Entry {
  const cardStamp = stamp(join(folder, 'card.json'))
  if (before?.folder !== folder) before = undefined
  const weights = before?.card?.weights.file
  if (before && before.cardStamp === cardStamp) {
    if (before.settled || (weights && before.weightsStamp === stamp(join(folder, weights)))) return before
  }
  // a broken model whose card can be read is inspected in full each time, for any of its files may be repaired
  try {
    const card = readCard(folder)
    if (card.id !== id)
      throw new InputError(422, 'bad_card', `the folder holds the model ${card.id}, not one of its own name`)
    if (id === ALL_MODELS) throw new InputError(422, 'bad_card', `no model can be called ${ALL_MODELS}`)
    const weightsStamp = stamp(join(folder, card.weights.file))
    const digest = digestOf(card)
    if (before?.digest === digest && before.weightsStamp === weightsStamp) return { ...before, cardStamp }
    checkSize(join(folder, card.weights.file), card.weights.bytes)
    return { folder, cardStamp, weightsStamp, digest, settled: false, card, problem: '', verified: false }
  } catch (error) {
    return {
      folder,
      cardStamp,
      weightsStamp: '',
      digest: '',
      settled: cardStamp === ABSENT || error instanceof InputError,
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

// A text that changes when a file is written or replaced.
function stamp(path: string): string {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` : ABSENT
}

function digestOf(card: Card | undefined): string {
  return card ? sha256(Buffer.from(JSON.stringify(card))) : ''
}

// In words that anybody may see: the file system's own messages name paths.
function problemOf(error: unknown): string {
  if (error instanceof WeightsError || error instanceof InputError || error instanceof RangeError) return error.message
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? `a file cannot be read (${code})` : 'it cannot be loaded'
}
