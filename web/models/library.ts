/** Which models the phone has, which of them is chosen, and how far this browser is with each: on offer, on its way, here. */

import { type Card, parseCard } from '../../core/models/card.ts'
import type { ModelSummary, ModelsResponse } from '../../core/protocol.ts'
import { fetchCard, fetchModels, fetchWeights } from '../api/models.ts'
import type { Reply } from '../api/request.ts'
import { withRetries } from '../api/retry.ts'

/** Weights files above this are fetched only on request, bytes. */
export const LARGE_FILE = 2 * 2 ** 20

/** How far this browser is with a model. */
export type Readiness =
  | { readonly kind: 'waiting'; readonly reply?: Reply<unknown> } // for the phone; `reply` is what it said last
  | { readonly kind: 'offered'; readonly bytes: number } // large: `fetch` gets it
  | { readonly kind: 'fetching'; readonly received: number; readonly bytes: number }
  | { readonly kind: 'ready'; readonly card: Card }
  | { readonly kind: 'failed'; readonly reason: string }

export class Library {
  /** What the phone has; undefined until it said so. */
  listing: ModelsResponse | undefined
  #chosen: string | undefined
  #listing: Readiness = { kind: 'waiting' } // how far it is with the list itself
  #asking = false // for the list
  #unlisted = '' // SHA-256 of weights that came instead of those in the list
  #again = false // the list has changed while it was asked for
  readonly #progress = new Map<string, Readiness>()
  readonly #open: (card: Card, file: Uint8Array) => Promise<void>
  readonly #changed: () => void

  /**
   * @param chosen id of a model, or undefined for the phone's default
   * @param open makes a fetched model answer here; rejects where this browser can't run it
   */
  constructor(chosen: string | undefined, open: (card: Card, file: Uint8Array) => Promise<void>, changed: () => void) {
    this.#chosen = chosen
    this.#open = open
    this.#changed = changed
  }

  /** Id of the chosen model: the default where none, or none the phone has, was chosen. Undefined until the list came. */
  get chosen(): string | undefined {
    return this.summary?.id ?? (this.listing ? undefined : this.#chosen)
  }

  /** What the phone says about the chosen model. */
  get summary(): ModelSummary | undefined {
    const models = this.listing?.models ?? []
    return models.find(({ id }) => id === this.#chosen) ?? models.find((model) => model.default) ?? models[0]
  }

  get readiness(): Readiness {
    return this.#progress.get(this.chosen ?? '') ?? this.#listing
  }

  /** Asks the phone what it has, for as long as it takes. What has changed there is fetched anew. */
  async refresh(): Promise<void> {
    this.#again = this.#asking
    if (this.#asking) return
    this.#asking = true
    try {
      this.listing = await withRetries(fetchModels, (reply) => {
        this.#listing = { kind: 'waiting', reply }
        this.#changed()
      })
    } catch (error) {
      this.#listing = { kind: 'failed', reason: words(error) }
    }
    this.#asking = false
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
    // What has failed is tried again on being chosen again.
    if (summary && (!progress || progress.kind === 'failed')) {
      if (summary.bytes > LARGE_FILE) this.#progress.set(summary.id, { kind: 'offered', bytes: summary.bytes })
      else void this.#fetch(summary)
    }
    this.#changed()
  }

  /** Another version may be served since the list was made: asks for it anew, once for each file that came unlisted. */
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
  return error instanceof Error ? error.message : String(error)
}
