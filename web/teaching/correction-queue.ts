/**
 * What this visit teaches. Each lesson is sent until the phone has it or refuses it for good; by its prediction's id, and
 * where that can't be used any more, once by the picture. It is taken back in the same way.
 */

import type { CorrectionRequest, CorrectionResponse, Label } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { pauseAfter } from '../api/retry.ts'
import { type Answered, dataUrl, type Lesson, type LessonState, newKey } from './correction.ts'

export interface LessonCalls {
  correct(body: CorrectionRequest, key: string, signal: AbortSignal): Promise<Reply<CorrectionResponse>>
  takeBack(id: string, signal: AbortSignal): Promise<Reply<unknown>>
}

const KEPT = 24 // lessons remembered
const LONGEST = 60 // s of a pause that is waited for unasked
const SPENT = [403, 404, 409, 410] // what the phone says of a prediction's id that can't be used, or not any more

/** A lesson and what it takes to send it. */
interface Errand extends Lesson {
  key: string
  byPicture: boolean
  back: boolean // to be taken back
  id: string | undefined // of the correction, once the phone has it
  unsure: boolean // whether the phone may have it although it did not say so
  failures: number
  flight: AbortController | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

export class Lessons {
  readonly #calls: LessonCalls
  readonly #changed: (lesson: Lesson) => void
  #errands: Errand[] = []

  /** @param changed told of every new state of a lesson */
  constructor(calls: LessonCalls, changed: (lesson: Lesson) => void) {
    this.#calls = calls
    this.#changed = changed
  }

  /** The lessons of this visit, the newest last. */
  get all(): readonly Lesson[] {
    return this.#errands
  }

  /** The lesson about a drawing. */
  of(revision: number): Lesson | undefined {
    return this.#errands.find(({ drawing }) => drawing.revision === revision)
  }

  /** Teaches what a drawing was, instead of what was said of it before. */
  teach(drawing: Answered, label: Label): void {
    const before = this.#find(this.of(drawing.revision))
    if (before?.label === label && !before.back && before.state.kind !== 'refused') return
    if (before) this.#drop(before)
    // Where the phone has used the id up, or may have, it takes the picture for the same drawing: the label changes.
    const byPicture = before !== undefined && before.drawing.answer.id === drawing.answer.id && used(before)
    const errand: Errand = {
      drawing,
      label,
      state: { kind: 'sending' },
      key: newKey(),
      byPicture,
      back: false,
      id: undefined,
      unsure: false,
      failures: 0,
      flight: undefined,
      timer: undefined,
    }
    this.#errands = [...this.#errands.filter((one) => one !== before), errand].slice(-KEPT)
    void this.#send(errand)
  }

  /** Takes a lesson back. */
  takeBack(lesson: Lesson): void {
    const errand = this.#find(lesson)
    if (!errand || errand.back) return
    errand.back = true
    errand.failures = 0
    if (errand.flight)
      this.#enter(errand, { kind: 'withdrawing' }) // goes on when that has landed
    else this.#next(errand)
  }

  /** Sends a lesson again that was refused. */
  again(lesson: Lesson): void {
    const errand = this.#find(lesson)
    if (errand?.state.kind === 'refused') void this.#send(errand)
  }

  /** Goes on with all that waits for somebody to answer, unless the phone asked for a pause. */
  wake(): void {
    for (const errand of this.#errands) {
      const { state } = errand
      const waits = state.kind === 'withdrawing' || (state.kind === 'waiting' && state.status === undefined)
      if (waits && !errand.flight) this.#next(errand)
    }
  }

  #find(lesson: Lesson | undefined): Errand | undefined {
    return this.#errands.find((errand) => errand === lesson)
  }

  #drop(errand: Errand): void {
    clearTimeout(errand.timer)
    errand.flight?.abort()
    errand.flight = undefined
  }

  /** Does what is left to do about a lesson. */
  #next(errand: Errand): void {
    clearTimeout(errand.timer)
    if (!errand.back) void this.#send(errand)
    else if (errand.id !== undefined) void this.#withdraw(errand, errand.id)
    // Sent again with the same key it is not kept twice, and its id is learned, without which it can't be taken back.
    else if (errand.unsure) void this.#send(errand)
    else this.#enter(errand, { kind: 'withdrawn' })
  }

  async #send(errand: Errand): Promise<void> {
    const flight = new AbortController()
    errand.flight = flight
    this.#enter(errand, { kind: errand.back ? 'withdrawing' : 'sending' })
    const { drawing, label, byPicture } = errand
    const { id: predictionId, model } = drawing.answer
    const image = byPicture ? await dataUrl(drawing.body) : undefined
    if (flight.signal.aborted) return
    const body = image === undefined ? { predictionId, label } : { image, label, model }
    const reply = await this.#calls.correct(body, errand.key, flight.signal)
    if (errand.flight !== flight) return
    errand.flight = undefined
    if (reply.kind === 'ok') {
      errand.failures = 0
      errand.id = reply.value.id
      if (errand.back) void this.#withdraw(errand, errand.id)
      else this.#enter(errand, { kind: 'kept', correction: reply.value })
    } else if (reply.kind === 'refused') this.#refused(errand, reply)
    else {
      errand.unsure = true
      this.#wait(errand, undefined, undefined)
    }
  }

  #refused(errand: Errand, { status, code, detail, retryAfter }: Extract<Reply<never>, { kind: 'refused' }>): void {
    const { body } = errand.drawing
    if (SPENT.includes(status) && !errand.byPicture && body.type === 'image/png') {
      errand.byPicture = true
      errand.key = newKey() // another request
      this.#next(errand)
      return
    }
    // A broken store does not mend by waiting, and nobody watches a page for longer than a minute.
    const soon = status >= 500 ? code !== 'store_broken' : status === 429 && retryAfter !== undefined
    if (soon && (retryAfter ?? 0) <= LONGEST) this.#wait(errand, status, retryAfter)
    else if (errand.back) this.#enter(errand, { kind: 'withdrawn' })
    else this.#enter(errand, { kind: 'refused', status, code, detail, retryAfter })
  }

  async #withdraw(errand: Errand, id: string): Promise<void> {
    const flight = new AbortController()
    errand.flight = flight
    this.#enter(errand, { kind: 'withdrawing' })
    const reply = await this.#calls.takeBack(id, flight.signal)
    if (errand.flight !== flight) return
    errand.flight = undefined
    // What the phone does not know any more is taken back, too.
    if (reply.kind === 'ok' || (reply.kind === 'refused' && [404, 410].includes(reply.status))) {
      this.#enter(errand, { kind: 'withdrawn' })
    } else if (reply.kind === 'refused' && reply.status < 500 && reply.status !== 429) {
      errand.back = false
      this.#enter(errand, { ...reply, kind: 'refused' })
    } else {
      errand.failures += 1
      const pause = (reply.kind === 'refused' && reply.retryAfter) || pauseAfter(errand.failures) / 1000
      errand.timer = setTimeout(() => this.#next(errand), 1000 * pause)
    }
  }

  #wait(errand: Errand, status: number | undefined, retryAfter: number | undefined): void {
    errand.failures += 1
    const pause = retryAfter === undefined ? pauseAfter(errand.failures) : Math.max(1000 * retryAfter, 1000)
    errand.timer = setTimeout(() => this.#next(errand), pause)
    const seconds = Math.ceil(pause / 1000)
    this.#enter(errand, errand.back ? { kind: 'withdrawing' } : { kind: 'waiting', status, seconds })
  }

  #enter(errand: Errand, state: LessonState): void {
    errand.state = state
    this.#changed(errand)
  }
}

/** Whether the phone has, or may have, used up the id of a lesson's prediction. */
function used({ state, unsure, byPicture }: Errand): boolean {
  return unsure || byPicture || ['sending', 'kept', 'withdrawing', 'withdrawn'].includes(state.kind)
}
