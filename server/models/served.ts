/**
 * The models as they are served: the shipped ones, and for each that has learned, its served version in its place. A swap
 * puts another card into the list, and the next request gets the answer of that version.
 */

import { messageOf } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import type { BrokenModel, ModelFiles, ModelSource } from '../../core/models/source.ts'
import type { VersionRow } from '../store/round-tables.ts'
import type { RoundStore } from '../store/rounds.ts'
import { readCard, type StoredModel } from './load.ts'
import type { ModelStore } from './model-store.ts'
import { readVersion, sweepVersions, versionFolder } from './versions.ts'

/** Time after which a version that could not be read for the moment is tried again, ms. */
const AGAIN = 5000

/** The version in the place of a shipped model. */
interface Served {
  readonly row: VersionRow
  readonly card: Card
}

export interface LearnedModelsOptions {
  /** The shipped models. */
  readonly shipped: ModelSource
  /** Their files. */
  readonly files: ModelStore
  /** Folder of the versions. */
  readonly folder: string
  /** Without it nothing is learned, and no learned version is served. */
  readonly store: RoundStore | undefined
  /** Whether this program can run a model, in the memory it has. */
  readonly accept: (card: Card) => boolean
  readonly warn: (message: string) => void
}

export class LearnedModels implements ModelSource, ModelStore {
  readonly #options: LearnedModelsOptions
  readonly #served = new Map<string, Served>()
  readonly #unread = new Map<string, number>() // by model, the version that is to be served when it can be read
  #tried = 0 // ms, when that was tried last

  /** Is called when a version could not be read and another is served in its place, and when it can be again; 0 is the shipped one. */
  onFallBack: (model: string, from: number, to: number, reason?: string) => void = () => {}

  /** Removes what is not a version, and serves the versions that were served last, where they are whole. */
  constructor(options: LearnedModelsOptions) {
    this.#options = options
    this.#readStore()
  }

  /** Serves what the store says, of which nothing is known any more: another has taken its place. */
  reload(): void {
    const before = [...this.#served.keys()].map((id) => [id, this.version(id)] as const)
    this.#served.clear()
    this.#unread.clear()
    this.#readStore()
    for (const [id, from] of before) {
      const to = this.version(id)
      if (from > 0 && to !== from) this.onFallBack(id, from, to)
    }
  }

  #readStore(): void {
    const { store, folder, warn } = this.#options
    if (!store) return
    try {
      sweepVersions(folder, (model) => this.#kept(model).map(({ version }) => version))
      for (const { model, version } of store.served()) this.#setServed(model, version)
    } catch (error) {
      warn(`what was learned is not served: ${messageOf(error)}`)
    }
  }

  list(): readonly Card[] {
    if (this.#unread.size > 0 && performance.now() - this.#tried > AGAIN) this.#readAgain()
    const cards = this.#options.shipped.list()
    return this.#served.size > 0 ? cards.map((card) => this.#current(card)?.card ?? card) : cards
  }

  broken(): readonly BrokenModel[] {
    return this.#options.shipped.broken?.() ?? []
  }

  refresh(id: string): void {
    this.#options.shipped.refresh?.(id)
  }

  rescan(pause: () => Promise<void>): Promise<void> {
    return this.#options.files.rescan(pause)
  }

  verify(pause: () => Promise<void>): Promise<void> {
    return this.#options.files.verify(pause)
  }

  shippedCards(): readonly Card[] {
    return this.#options.shipped.list()
  }

  /** Card of the shipped model. */
  shipped(id: string): Card | undefined {
    return this.#options.shipped.list().find((card) => card.id === id)
  }

  /** The shipped model's files, whatever is served. */
  loadShipped(id: string): ModelFiles {
    return this.#options.shipped.load(id)
  }

  /** The version that is served, 0 for the shipped one. */
  version(id: string): number {
    const shipped = this.shipped(id)
    return (shipped && this.#current(shipped)?.row.version) ?? 0
  }

  /** A version that cannot be read is replaced by the newest whole one before it. */
  load(id: string, version?: number): ModelFiles {
    for (;;) {
      const shipped = this.shipped(id)
      const served = shipped && this.#current(shipped)
      if (!shipped || version === shipped.version || (version === undefined && !served)) {
        return this.#options.shipped.load(id)
      }
      if (version !== undefined && version !== served?.row.version) return this.#read(id, version)
      try {
        const { data } = readVersion(this.#options.folder, (served as Served).row)
        return { card: (served as Served).card, data }
      } catch (error) {
        this.#fallBack(id, (served as Served).row.version, error)
        if (version !== undefined) throw error
      }
    }
  }

  file(id: string, version?: number): Uint8Array<ArrayBuffer> {
    const served = this.version(id)
    const wanted = version ?? (served || undefined)
    if (wanted === undefined || wanted === this.shipped(id)?.version) return this.#options.files.file(id)
    return this.#read(id, wanted).bytes
  }

  /** Card of a kept version, by its number or the SHA-256 of its weights. */
  find(id: string, wanted: { readonly version?: number; readonly sha256?: string }): Card | undefined {
    const matches = ({ version, sha256 }: { version: number; sha256: string }) =>
      (wanted.version === undefined || wanted.version === version) &&
      (wanted.sha256 === undefined || wanted.sha256 === sha256)
    const shipped = this.shipped(id)
    if (!shipped) return undefined
    const served = this.#current(shipped)?.card
    for (const card of served ? [served, shipped] : [shipped]) {
      if (matches({ version: card.version, sha256: card.weights.sha256 })) return card
    }
    const row = this.#kept(id).find(matches)
    if (!row) return undefined
    try {
      return readCard(versionFolder(this.#options.folder, id, row.version))
    } catch {
      return undefined
    }
  }

  /**
   * Serves a version that is the served one in the store; 0 is the shipped one.
   * @returns the version that is served: an older one where this one cannot be read
   */
  serve(id: string, version: number): number {
    this.#unread.delete(id)
    if (version === 0) this.#served.delete(id)
    else this.#setServed(id, version)
    return this.version(id)
  }

  /**
   * Serves what the store says by now: versions may have been retired.
   * @returns the models whose version has changed, with the version before
   */
  refreshServed(): { readonly model: string; readonly before: number }[] {
    const { store } = this.#options
    const wanted = new Map(store?.served().map(({ model, version }) => [model, version]))
    const changed = [...this.#served.values()]
      .map(({ row }) => ({ model: row.model, before: row.version }))
      .filter(({ model, before }) => (wanted.get(model) ?? 0) !== before)
    for (const { model } of changed) this.serve(model, wanted.get(model) ?? 0)
    return changed
  }

  // The version in the place of a shipped model, if it was learned from this one, not from one before an update.
  #current({ id, weights }: Card): Served | undefined {
    const served = this.#served.get(id)
    return served?.row.shipped === weights.sha256 ? served : undefined
  }

  #kept(model: string): VersionRow[] {
    return (this.#options.store?.versions(model) ?? []).filter(({ kept }) => kept)
  }

  // The served version is known without the store.
  #row(model: string, version: number): VersionRow | undefined {
    const served = this.#served.get(model)?.row
    return served?.version === version ? served : this.#kept(model).find((one) => one.version === version)
  }

  #read(model: string, version: number): StoredModel {
    const row = this.#row(model, version)
    if (!row) throw new Error('the weights of that version are not kept')
    return readVersion(this.#options.folder, row)
  }

  #setServed(model: string, version: number): void {
    const row = this.#kept(model).find((one) => one.version === version)
    // a version of an earlier shipped model is not broken, only out of date
    if (row && this.shipped(model)?.weights.sha256 !== row.shipped) {
      this.#served.delete(model)
      return
    }
    try {
      if (!row) throw new Error('its weights are not kept')
      const { card } = readVersion(this.#options.folder, row)
      if (!this.#options.accept(card)) throw new RangeError('it takes more memory than models may have')
      this.#served.set(model, { row, card })
    } catch (error) {
      this.#fallBack(model, version, error)
    }
  }

  // Serves the newest whole version before one that cannot be read; where there is none, the shipped one.
  #fallBack(model: string, from: number, cause: unknown): void {
    const { store, folder, accept, warn } = this.#options
    const sha256 = this.shipped(model)?.weights.sha256
    this.#served.delete(model)
    for (const row of this.#older(model, from)) {
      if (row.shipped !== sha256) continue
      try {
        const { card } = readVersion(folder, row)
        if (!accept(card)) continue
        this.#served.set(model, { row, card })
        break
      } catch {
        // the version before it may be whole
      }
    }
    const to = this.#served.get(model)?.row.version ?? 0
    const why = messageOf(cause)
    warn(`version ${from} of model ${model} cannot be used (${why}): ${to || 'the shipped one'} serves in its place`)
    try {
      // too many open files, for example, is a passing problem; damaged files are not
      if (isPassing(cause)) {
        if (!this.#unread.has(model)) this.#unread.set(model, from)
        this.#tried = performance.now()
      } else {
        store?.discard(model, from)
        store?.setLearner(model, { version: to })
      }
    } catch {
      // the next start finds the same version broken
    }
    this.onFallBack(model, from, to)
  }

  // Versions that could not be read for the moment are served again as soon as they can be.
  #readAgain(): void {
    const { store, folder, warn } = this.#options
    this.#tried = performance.now()
    for (const [model, version] of [...this.#unread]) {
      try {
        const row = this.#kept(model).find((one) => one.version === version)
        if (row && store?.learner(model).version === version) {
          const before = this.version(model)
          this.#served.set(model, { row, card: readVersion(folder, row).card })
          warn(`version ${version} of model ${model} can be read again: it is served`)
          this.onFallBack(model, before, version, 'the version that is to be served can be read again')
        }
        this.#unread.delete(model)
      } catch {
        // it is tried again later
      }
    }
  }

  #older(model: string, from: number): VersionRow[] {
    try {
      return this.#kept(model).filter(({ version }) => version < from)
    } catch {
      return [] // the store fails too
    }
  }
}

function isPassing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && code !== 'ENOENT'
}
