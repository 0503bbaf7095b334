/** What the pool does for the application, which knows no threads. */

import type { Card } from '../../core/models/card.ts'
import type { Keepsake } from '../corrections/keepsake.ts'
import type { Steps } from '../http/limits/pieces.ts'
import type { ReadDrawing, Said } from './messages.ts'

/** A drawing to be read. */
export interface DrawingRequest {
  readonly contentType: string | undefined
  readonly body: Uint8Array // a large one is gone afterwards, another stays as it is
  /** Cards of the models to ask, when it is its turn. */
  readonly cards: () => readonly Card[]
  /** Charges predictions to the client's quota. What it throws ends the work. */
  readonly charge: (tokens: number) => void
}

/** A drawing that was read, and what those of the models say that the workers have. */
export interface DrawingReply extends Omit<ReadDrawing, 'keepsake' | 'said'> {
  readonly keepsake: Keepsake
  readonly said: ReadonlyMap<Card, Said>
}

/** Scores of passes, one after another, and the time they took, ms. */
export interface Scores {
  readonly scores: Float32Array // [count, outputs]
  readonly infer: number
}

export interface Pool {
  readonly workers: number
  /**
   * Whether there are workers that can be asked. They are started when they are first wanted, so that neither the start nor a visitor
   * alone pays for them.
   */
  ready(wanted: boolean): boolean
  /** Reads a drawing and asks models about it, in pieces. */
  read(request: DrawingRequest): Steps<DrawingReply>
  /** Passes with dropout of an input of 784 bytes, counted from `first`; undefined where the workers have no room for the model. */
  sample(card: Card, input: Uint8Array, first: number, count: number): Promise<Scores | undefined>
  close(): Promise<void>
}
