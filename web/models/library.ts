/** The phone's models, the chosen one, and the state of each in this browser: offered, being fetched or ready. */

import { messageOf } from '../../core/errors.ts'
import { type Card, parseCard } from '../../core/models/card.ts'
import type { ModelSummary, ModelsResponse } from '../../core/protocol.ts'
import { fetchCard, fetchModels, fetchWeights } from '../api/models.ts'
import type { Reply } from '../api/request.ts'
import { withRetries } from '../api/retry.ts'

/** Weights files above this size are fetched only on request, bytes. */
export const LARGE_FILE = 2 * 2 ** 20

/** The state of a model in this browser. */
export type Readiness =
  | { readonly kind: 'waiting'; readonly reply?: Reply<unknown> } // for the phone; `reply` is its last one
  | { readonly kind: 'offered'; readonly bytes: number } // large; fetched when `fetch` is called
  | { readonly kind: 'fetching'; readonly received: number; readonly bytes: number }
  | { readonly kind: 'ready'; readonly card: Card }
  | { readonly kind: 'failed'; readonly reason: string }

export class Library {
  /** The phone's list of models; undefined until it has been fetched. */
  listing: ModelsResponse | undefined
  #chosen: string | undefined
  #listing: Readiness = { kind: 'waiting' } // the state of the list itself
  #refreshing = false // whether the list is being fetched
  #unlisted = '' // SHA-256 of weights that the phone sent although its list named others
  #again = false // whether to fetch the list once more afterwards
  readonly #progress = new Map<string, Readiness>()
  readonly #open: (card: Card, file: Uint8Array) => Promise<void>
  readonly #changed: () => void

  /**
   * @param chosen id of a model, or undefined for the phone's default
   * @param open makes a fetched model predict in this browser; rejects where this browser can't run it
   */
  constructor(chosen: string | undefined, open: (card: Card, file: Uint8Array) => Promise<void>, changed: () => void) {
    this.#chosen = chosen
    this.#open = open
    this.#changed = changed
  }

  /** Id of the chosen model, or of the default where the choice is empty or unknown to the phone. */
  get chosen(): string | undefined {
    return this.summary?.id ?? (this.listing ? undefined : this.#chosen)
  }

  /** The list's entry of the chosen model. */
  get summary(): ModelSummary | undefined {
    const models = this.listing?.models ?? []
    return models.find(({ id }) => id === this.#chosen) ?? models.find((model) => model.default) ?? models[0]
  }

  get readiness(): Readiness {
    return this.#progress.get(this.chosen ?? '') ?? this.#listing
  }

  /** Fetches the list, with retries, and again every model that has changed. */
  async refresh(): Promise<void> {
    this.#again = this.#refreshing
    if (this.#refreshing) return
    this.#refreshing = true
    try {
      this.listing = await withRetries(fetchModels, (reply) => {
        this.#listing = { kind: 'waiting', reply }
        this.#changed()
      })
    } catch (error) {
      this.#listing = { kind: 'failed', reason: words(error) }
    }
    this.#refreshing = false
    for (const { id, version, sha256 } of this.listing?.models ?? []) {
      const progress = this.#progress.get(id)
      if (progress?.kind !== 'ready') continue
      const { card } = progress
      if (card.version !== version || card.weights.sha256 !== sha256) this.#progress.delete(id)
    }
    this.#prepare()
    if (this.#again) await this.refresh()
  }

  /** @param model undefined for the phone's default */
  choose(model: string | undefined): void {
    this.#chosen = model
    this.#prepare()
  }

  /** Fetches the chosen model, whatever its size. */
  fetch(): void {
    const { summary } = this
    if (summary) void this.#fetch(summary)
    this.#changed()
  }

  #prepare(): void {
    const { summary } = this
    const progress = this.#progress.get(summary?.id ?? '')
    // A model that failed is tried again when it is chosen again.
    if (summary && (!progress || progress.kind === 'failed')) {
      if (summary.bytes > LARGE_FILE) this.#progress.set(summary.id, { kind: 'offered', bytes: summary.bytes })
      else void this.#fetch(summary)
    }
    this.#changed()
  }

  /** The phone may serve another version than its list named: fetches the list again, once for each such file. */
  #compare(id: string, sha256: string): void {
    const listed = this.listing?.models.find((model) => model.id === id)
    if (!listed || listed.sha256 === sha256 || this.#unlisted === sha256) return
    this.#unlisted = sha256
    void this.refresh()
  }

  async #fetch({ id, bytes }: ModelSummary): Promise<void> {
    const enter = (progress: Readiness): void => {
      this.#progress.set(id, progress)
      this.#changed()
    }
    const waiting = (reply: Reply<unknown>): void => enter({ kind: 'waiting', reply })
    this.#progress.set(id, { kind: 'fetching', received: 0, bytes })
    try {
      const card = parseCard(await withRetries(() => fetchCard(id), waiting))
      const { sha256 } = card.weights
      const fetching = (received: number): void => enter({ kind: 'fetching', received, bytes: card.weights.bytes })
      await this.#open(card, await withRetries(() => fetchWeights(id, sha256, fetching), waiting))
      enter({ kind: 'ready', card })
      this.#compare(id, sha256)
    } catch (error) {
      enter({ kind: 'failed', reason: words(error) })
    }
  }
}

function words(error: unknown): string {
  return messageOf(error)
}
