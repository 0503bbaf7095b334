/**
 * Asks all models of the phone about the newest drawing, never about two at a time, and again after the pause the phone
 * asked for. The caller starts it after the chosen model has answered, which takes precedence.
 */

import type { ModelAnswer, PredictAllResponse } from '../../core/protocol.ts'
import type { Question } from '../api/predictions.ts'
import type { Reply } from '../api/request.ts'
import { isTemporary, requestedPause, retryDelay } from '../api/retry.ts'

export type SurveyState =
  | { readonly kind: 'idle' } // no question
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly answers: readonly ModelAnswer[] }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'waiting'; readonly seconds: number } // until the next try

type Ask = (body: Blob, signal: AbortSignal) => Promise<Reply<PredictAllResponse>>

export class Survey {
  state: SurveyState = { kind: 'idle' }
  readonly #ask: Ask
  readonly #changed: () => void
  #question: Question | undefined // the newest, whether answered or not
  #inFlight: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #pausedUntil = 0 // ms, performance.now(); the phone wants no request before

  constructor(ask: Ask, changed: () => void) {
    this.#ask = ask
    this.#changed = changed
  }

  /** Revision of the drawing in the newest question. */
  get revision(): number | undefined {
    return this.#question?.revision
  }

  /** Asks about a drawing, once per revision of it. */
  ask(question: Question): void {
    if (this.#question?.revision === question.revision) return
    this.#withdraw()
    this.#question = question
    this.#next()
  }

  /** Withdraws the question. */
  clear(): void {
    if (!this.#question) return
    this.#withdraw()
    this.#question = undefined
    this.#enter({ kind: 'idle' })
  }

  #withdraw(): void {
    clearTimeout(this.#timer)
    this.#inFlight?.abort()
    this.#inFlight = undefined
  }

  #next(): void {
    const pause = this.#pausedUntil - performance.now()
    if (pause > 0) this.#wait(pause)
    else void this.#send()
  }

  async #send(): Promise<void> {
    const question = this.#question
    if (!question) return
    const controller = new AbortController()
    this.#inFlight = controller
    this.#enter({ kind: 'asking' })
    const reply = await this.#ask(question.body, controller.signal)
    if (this.#inFlight !== controller) return // the question was withdrawn
    this.#inFlight = undefined
    if (reply.kind === 'ok') {
      this.#failures = 0
      this.#enter({ kind: 'answered', answers: reply.value.answers })
    } else if (isTemporary(reply)) {
      this.#failures += 1
      const requested = requestedPause(reply)
      if (requested !== undefined) this.#pausedUntil = performance.now() + requested
      this.#wait(requested ?? retryDelay(this.#failures))
    } else this.#enter({ kind: 'refused', detail: reply.kind === 'refused' ? reply.detail : 'the question was lost' })
  }

  #wait(pause: number): void {
    this.#timer = setTimeout(() => this.#next(), pause)
    this.#enter({ kind: 'waiting', seconds: Math.ceil(pause / 1000) })
  }

  #enter(state: SurveyState): void {
    this.state = state
    this.#changed()
  }
}
