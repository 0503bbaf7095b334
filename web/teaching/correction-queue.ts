/**
 * The corrections of this visit. Each one is sent until the phone has stored it or refuses it for good: by the id of its
 * prediction or, where that id can't be used, once by the picture. Corrections are withdrawn in the same way.
 */

import type { CorrectionRequest, CorrectionResponse, Label } from '../../core/protocol.ts'
import { accessRefusal } from '../api/access-refusals.ts'
import type { Reply } from '../api/request.ts'
import { retryDelay } from '../api/retry.ts'
import { type AnsweredDrawing, type CorrectionState, dataUrl, newKey, type VisitorCorrection } from './correction.ts'

export interface CorrectionCalls {
  correct(body: CorrectionRequest, key: string, signal: AbortSignal): Promise<Reply<CorrectionResponse>>
  withdraw(id: string, signal: AbortSignal): Promise<Reply<unknown>>
}

const REMEMBERED = 24 // corrections
const LONGEST_PAUSE = 60 // s; a longer one is left to the visitor
/** Statuses of a prediction id that can't be used, or not any more. */
export const UNUSABLE_ID: readonly number[] = [403, 404, 409, 410]

/** A correction, and the state of its requests. */
interface QueuedCorrection extends VisitorCorrection {
  key: string
  byPicture: boolean
  withdrawn: boolean // whether it is to be withdrawn
  id: string | undefined // of the correction, once the phone has it
  maybeStored: boolean // whether the phone may have stored it without an answer reaching this page
  failures: number
  inFlight: AbortController | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

export class CorrectionQueue {
  readonly #calls: CorrectionCalls
  readonly #changed: (correction: VisitorCorrection) => void
  #queue: QueuedCorrection[] = []

  /** @param changed called after every change of a correction's state */
  constructor(calls: CorrectionCalls, changed: (correction: VisitorCorrection) => void) {
    this.#calls = calls
    this.#changed = changed
  }

  /** The corrections of this visit, the newest last. */
  get all(): readonly VisitorCorrection[] {
    return this.#queue
  }

  /** The correction about a drawing. */
  of(revision: number): VisitorCorrection | undefined {
    return this.#queue.find(({ drawing }) => drawing.revision === revision)
  }

  /** Adds a correction of a drawing, in place of an earlier one. */
  add(drawing: AnsweredDrawing, label: Label): void {
    const before = this.#find(this.of(drawing.revision))
    if (before?.label === label && !before.withdrawn && before.state.kind !== 'refused') return
    if (before) this.#drop(before)
    // The phone has used the id up, or may have. It takes the picture as the same drawing, and changes the label.
    // The phone may also not have answered yet: then it gets the picture as soon as it is there.
    const { id } = drawing.answer
    const byPicture = id === undefined || (before !== undefined && before.drawing.answer.id === id && used(before))
    const correction: QueuedCorrection = {
      drawing,
      label,
      state: { kind: 'sending' },
      key: newKey(),
      byPicture,
      withdrawn: false,
      id: undefined,
      maybeStored: false,
      failures: 0,
      inFlight: undefined,
      timer: undefined,
    }
    this.#queue = [...this.#queue.filter((one) => one !== before), correction].slice(-REMEMBERED)
    void this.#send(correction)
  }

  /** Withdraws a correction. */
  withdraw(taken: VisitorCorrection): void {
    const correction = this.#find(taken)
    if (!correction || correction.withdrawn) return
    correction.withdrawn = true
    correction.failures = 0
    if (correction.inFlight)
      this.#enter(correction, { kind: 'withdrawing' }) // continues when the request has ended
    else this.#next(correction)
  }

  /** Sends a correction again that was refused. */
  retry(refused: VisitorCorrection): void {
    const correction = this.#find(refused)
    if (correction?.state.kind === 'refused') void this.#send(correction)
  }

  /** Continues every correction that waits for the phone to come back, unless the phone asked for a pause. */
  wake(): void {
    for (const correction of this.#queue) {
      const { state } = correction
      const waits = state.kind === 'withdrawing' || (state.kind === 'waiting' && state.status === undefined)
      if (waits && !correction.inFlight) this.#next(correction)
    }
  }

  #find(correction: VisitorCorrection | undefined): QueuedCorrection | undefined {
    return this.#queue.find((queued) => queued === correction)
  }

  #drop(correction: QueuedCorrection): void {
    clearTimeout(correction.timer)
    correction.inFlight?.abort()
    correction.inFlight = undefined
  }

  /** Sends the next request of a correction, if there is one. */
  #next(correction: QueuedCorrection): void {
    clearTimeout(correction.timer)
    if (!correction.withdrawn) void this.#send(correction)
    else if (correction.id !== undefined) void this.#sendWithdrawal(correction, correction.id)
    // With the same key the phone does not store it twice. The answer has the id that withdrawing needs.
    else if (correction.maybeStored) void this.#send(correction)
    else this.#enter(correction, { kind: 'withdrawn' })
  }

  async #send(correction: QueuedCorrection): Promise<void> {
    const controller = new AbortController()
    correction.inFlight = controller
    this.#enter(correction, { kind: correction.withdrawn ? 'withdrawing' : 'sending' })
    const { drawing, label, byPicture } = correction
    const { id: predictionId, model } = drawing.answer
    const image = byPicture ? await dataUrl(drawing.body) : undefined
    if (controller.signal.aborted) return
    if (image === undefined && predictionId === undefined) {
      correction.inFlight = undefined
      this.#enter(correction, { kind: 'refused', status: 410, code: 'gone', detail: 'the phone has not seen it' })
      return
    }
    const body = image === undefined ? { predictionId: predictionId ?? '', label } : { image, label, model }
    const reply = await this.#calls.correct(body, correction.key, controller.signal)
    if (correction.inFlight !== controller) return
    correction.inFlight = undefined
    if (reply.kind === 'ok') {
      correction.failures = 0
      correction.id = reply.value.id
      if (correction.withdrawn) void this.#sendWithdrawal(correction, correction.id)
      else this.#enter(correction, { kind: 'kept', correction: reply.value })
    } else if (reply.kind === 'refused') this.#refused(correction, reply)
    else {
      correction.maybeStored = true
      this.#wait(correction, undefined, undefined)
    }
  }

  #refused(
    correction: QueuedCorrection,
    { status, code, detail, retryAfter }: Extract<Reply<never>, { kind: 'refused' }>,
  ): void {
    const { body } = correction.drawing
    const unusable = UNUSABLE_ID.includes(status) && !accessRefusal(code, detail)
    if (unusable && !correction.byPicture && body.type === 'image/png') {
      correction.byPicture = true
      correction.key = newKey() // another request
      this.#next(correction)
      return
    }
    // Waiting does not repair a broken store, and nobody watches a page for longer than a minute.
    const soon = status >= 500 ? code !== 'store_broken' : status === 429 && retryAfter !== undefined
    if (soon && (retryAfter ?? 0) <= LONGEST_PAUSE) this.#wait(correction, status, retryAfter)
    else if (correction.withdrawn) this.#enter(correction, { kind: 'withdrawn' })
    else this.#enter(correction, { kind: 'refused', status, code, detail, retryAfter })
  }

  async #sendWithdrawal(correction: QueuedCorrection, id: string): Promise<void> {
    const controller = new AbortController()
    correction.inFlight = controller
    this.#enter(correction, { kind: 'withdrawing' })
    const reply = await this.#calls.withdraw(id, controller.signal)
    if (correction.inFlight !== controller) return
    correction.inFlight = undefined
    // A correction that the phone no longer has counts as withdrawn.
    if (reply.kind === 'ok' || (reply.kind === 'refused' && [404, 410].includes(reply.status))) {
      this.#enter(correction, { kind: 'withdrawn' })
    } else if (reply.kind === 'refused' && reply.status < 500 && reply.status !== 429) {
      correction.withdrawn = false
      this.#enter(correction, { ...reply, kind: 'refused' })
    } else {
      correction.failures += 1
      const pause = (reply.kind === 'refused' && reply.retryAfter) || retryDelay(correction.failures) / 1000
      correction.timer = setTimeout(() => this.#next(correction), 1000 * pause)
    }
  }

  #wait(correction: QueuedCorrection, status: number | undefined, retryAfter: number | undefined): void {
    correction.failures += 1
    const pause = retryAfter === undefined ? retryDelay(correction.failures) : Math.max(1000 * retryAfter, 1000)
    correction.timer = setTimeout(() => this.#next(correction), pause)
    const seconds = Math.ceil(pause / 1000)
    this.#enter(correction, correction.withdrawn ? { kind: 'withdrawing' } : { kind: 'waiting', status, seconds })
  }

  #enter(correction: QueuedCorrection, state: CorrectionState): void {
    correction.state = state
    this.#changed(correction)
  }
}

/** Whether the phone has, or may have, used up the id of a correction's prediction. */
function used({ state, maybeStored: unsure, byPicture }: QueuedCorrection): boolean {
  return unsure || byPicture || ['sending', 'kept', 'withdrawing', 'withdrawn'].includes(state.kind)
}
