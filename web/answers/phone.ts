/**
 * The conversation with the phone: sends it the newest drawing, never two at a time, waits as long as it asks for,
 * and notices when it goes away and when it is back.
 */

import type { PredictResponse, SystemResponse } from '../../core/protocol.ts'
import type { Question } from '../api/predictions.ts'
import type { Reply } from '../api/request.ts'
import { isTemporary, requestedPause, retryDelay } from '../api/retry.ts'

export type PhoneState =
  | { readonly kind: 'unknown' } // not heard of yet
  | { readonly kind: 'ready' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly revision: number; readonly answer: PredictResponse }
  | { readonly kind: 'refused'; readonly revision: number; readonly code: string; readonly detail: string }
  | { readonly kind: 'paused'; readonly status: number; readonly seconds: number }
  | { readonly kind: 'troubled'; readonly status: number } // its own fault; asked again later
  | { readonly kind: 'away' }

export interface PhoneCalls {
  predict(question: Question, signal: AbortSignal): Promise<Reply<PredictResponse>>
  system(signal: AbortSignal): Promise<Reply<SystemResponse>>
}

const HEARTBEAT = 20_000 // ms between looks at a phone that is not asked anything
const AFTERWARDS = 3000 // ms from an answer to a look, which sees the answer counted

export class Phone {
  state: PhoneState = { kind: 'unknown' }
  readonly #calls: PhoneCalls
  readonly #changed: (state: PhoneState) => void
  readonly #reported: (system: SystemResponse) => void
  #question: Question | undefined // the newest, until it is answered
  #inFlight: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #pausedUntil = 0 // ms, performance.now(); the phone asked not to be asked before

  /** @param reported gets every report of the phone's state that came in */
  constructor(calls: PhoneCalls, changed: (state: PhoneState) => void, reported: (system: SystemResponse) => void) {
    this.#calls = calls
    this.#changed = changed
    this.#reported = reported
  }

  /** Asks about a drawing; what was asked before no longer matters. */
  ask(question: Question): void {
    this.#question = question
    this.#next()
  }

  /** There is nothing to ask about any more. */
  clear(): void {
    if (!this.#question && !this.#hasAnswer) return
    this.#question = undefined
    if (this.state.kind === 'asking' || this.#hasAnswer) {
      this.#inFlight?.abort()
      this.#inFlight = undefined
      this.#enter({ kind: 'ready' })
      this.#wait(HEARTBEAT)
    } else if (this.#inFlight) this.#next() // in trouble: look for the phone instead
  }

  /** Tries again now instead of later, unless the phone asked for a pause. Also the first look. */
  wake(): void {
    if (!this.#inFlight) this.#next()
  }

  /** Sends what there is to send, as soon as that is allowed. */
  #next(): void {
    const pause = this.#pausedUntil - performance.now()
    if (pause > 0) {
      this.#wait(pause)
      return
    }
    clearTimeout(this.#timer)
    this.#inFlight?.abort()
    const controller = new AbortController()
    this.#inFlight = controller
    void (this.#question ? this.#predict(this.#question, controller) : this.#checkSystem(controller))
  }

  async #predict(question: Question, controller: AbortController): Promise<void> {
    // While it is away or in trouble the page goes on saying so, until it knows better.
    if (this.state.kind !== 'away' && this.state.kind !== 'troubled') this.#enter({ kind: 'asking' })
    const reply = await this.#calls.predict(question, controller.signal)
    if (!this.#isCurrent(controller)) return
    if (reply.kind === 'ok') {
      this.#question = undefined
      this.#enter({ kind: 'answered', revision: question.revision, answer: reply.value })
    } else if (reply.kind === 'refused' && !isTemporary(reply)) {
      this.#question = undefined
      this.#enter({ kind: 'refused', revision: question.revision, code: reply.code, detail: reply.detail })
    } else return this.#fail(reply)
    this.#failures = 0
    this.#wait(AFTERWARDS)
  }

  async #checkSystem(controller: AbortController): Promise<void> {
    const reply = await this.#calls.system(controller.signal)
    if (!this.#isCurrent(controller)) return
    if (reply.kind !== 'ok') return this.#fail(reply)
    this.#failures = 0
    this.#reported(reply.value)
    if (!this.#hasAnswer) this.#enter({ kind: 'ready' })
    this.#wait(HEARTBEAT)
  }

  /** Whether an answer to the last question is on show. */
  get #hasAnswer(): boolean {
    return this.state.kind === 'answered' || this.state.kind === 'refused'
  }

  /** Whether this controller is still the current one; it ends here. */
  #isCurrent(controller: AbortController): boolean {
    if (this.#inFlight !== controller) return false
    this.#inFlight = undefined
    return !controller.signal.aborted
  }

  #fail(reply: Reply<unknown>): void {
    this.#failures += 1
    const requested = requestedPause(reply)
    const pause = requested ?? retryDelay(this.#failures)
    if (requested !== undefined) this.#pausedUntil = performance.now() + requested
    if (reply.kind === 'refused') {
      const waits = reply.status === 429 || reply.status === 503
      const seconds = Math.ceil(pause / 1000)
      this.#enter(
        waits ? { kind: 'paused', status: reply.status, seconds } : { kind: 'troubled', status: reply.status },
      )
    } else this.#enter({ kind: 'away' })
    this.#wait(pause)
  }

  #wait(pause: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.wake(), pause)
  }

  #enter(state: PhoneState): void {
    this.state = state
    this.#changed(state)
  }
}
