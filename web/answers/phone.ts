/**
 * The connection to the phone. It sends the newest drawing, never two at a time, waits as long as the phone asks for, and
 * notices when the phone goes away and when it is back.
 */

import type { PredictResponse, SystemResponse } from '../../core/protocol.ts'
import type { Question } from '../api/predictions.ts'
import type { Reply } from '../api/request.ts'
import { isTemporary, requestedPause, retryDelay } from '../api/retry.ts'

export type PhoneState =
  | { readonly kind: 'unknown' } // before the first answer
  | { readonly kind: 'ready' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly revision: number; readonly answer: PredictResponse }
  | { readonly kind: 'refused'; readonly revision: number; readonly code: string; readonly detail: string }
  | { readonly kind: 'paused'; readonly status: number; readonly seconds: number }
  // an error of the phone; the page tries again later
  | { readonly kind: 'troubled'; readonly status: number; readonly code: string; readonly detail: string }
  | { readonly kind: 'away' }

export interface PhoneCalls {
  predict(question: Question, signal: AbortSignal): Promise<Reply<PredictResponse>>
  system(signal: AbortSignal): Promise<Reply<SystemResponse>>
}

const HEARTBEAT = 20_000 // ms between two requests for the phone's state while there is no question
const AFTERWARDS = 3000 // ms from an answer to the next request for the phone's state, which then counts the answer

export class Phone {
  state: PhoneState = { kind: 'unknown' }
  readonly #calls: PhoneCalls
  readonly #changed: (state: PhoneState) => void
  readonly #reported: (system: SystemResponse) => void
  #question: Question | undefined // the newest; undefined once it is answered
  #inFlight: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #pausedUntil = 0 // ms, performance.now(); the phone wants no request before

  /** @param reported called with every report of the phone's state */
  constructor(calls: PhoneCalls, changed: (state: PhoneState) => void, reported: (system: SystemResponse) => void) {
    this.#calls = calls
    this.#changed = changed
    this.#reported = reported
  }

  /** Asks about a drawing, in place of the question before. */
  ask(question: Question): void {
    this.#question = question
    this.#next()
  }

  /** Withdraws the question: the pad is empty, or the drawing can't be read. */
  clear(): void {
    if (!this.#question && !this.#hasAnswer) return
    this.#question = undefined
    if (this.state.kind === 'asking' || this.#hasAnswer) {
      this.#inFlight?.abort()
      this.#inFlight = undefined
      this.#enter({ kind: 'ready' })
      this.#wait(HEARTBEAT)
    } else if (this.#inFlight) this.#next() // the phone is away or has an error: ask for its state instead
  }

  /** Tries again now, unless the phone asked for a pause. The first call connects. */
  wake(): void {
    if (!this.#inFlight) this.#next()
  }

  /** Sends the question, or asks for the phone's state, as soon as the phone allows a request. */
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
    // The page goes on showing 'away' or 'troubled' until the phone answers.
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

  /** Whether the state is an answer to the last question. */
  get #hasAnswer(): boolean {
    return this.state.kind === 'answered' || this.state.kind === 'refused'
  }

  /** Whether a request that has ended is still the current one. There is no current request afterwards. */
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
      const { status, code, detail } = reply
      this.#enter(waits ? { kind: 'paused', status, seconds } : { kind: 'troubled', status, code, detail })
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
