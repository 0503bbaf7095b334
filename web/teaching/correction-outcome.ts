/** What became of the newest lesson: the round that learns from it, its verdict, and what the phone now says to the drawing. */

import type { PredictResponse, RoundProgress, RoundReport } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { persist } from '../api/retry.ts'
import type { Answered, Lesson } from './correction.ts'

export type OutcomeState =
  | { readonly kind: 'none' }
  | { readonly kind: 'idle'; readonly lesson: Lesson } // nobody learns from it
  | { readonly kind: 'waiting'; readonly lesson: Lesson; readonly other?: RoundProgress } // other: another model's turn
  | { readonly kind: 'learning'; readonly lesson: Lesson; readonly round: RoundProgress }
  /** `now` is the answer of what is served since; undefined while it is asked for, or where nothing new is served. */
  | {
      readonly kind: 'learned'
      readonly lesson: Lesson
      readonly report: RoundReport
      readonly now?: PredictResponse | undefined
    }

/** Asks the phone about a drawing again. */
export type AskAgain = (drawing: Answered) => Promise<Reply<PredictResponse>>

export class Outcome {
  state: OutcomeState = { kind: 'none' }
  readonly #ask: AskAgain
  readonly #changed: () => void
  #model = '' // that learns
  #baseline = 0 // rounds up to this number know nothing of the lesson

  constructor(ask: AskAgain, changed: () => void) {
    this.#ask = ask
    this.#changed = changed
  }

  /** Whether there is more to come. */
  get pending(): boolean {
    const { state } = this
    const promised = this.#promoted && state.kind === 'learned' && !state.now
    return state.kind === 'waiting' || state.kind === 'learning' || promised
  }

  get #promoted(): boolean {
    return this.state.kind === 'learned' && this.state.report.verdict === 'promoted'
  }

  /** Follows a lesson that the phone has kept. `newest` is the number of the newest round known when it was sent. */
  watch(lesson: Lesson, newest: number): void {
    if (lesson.state.kind !== 'kept') return
    const { learning } = lesson.state.correction
    const { model } = lesson.drawing.answer
    const learner = learning.includes(model) ? model : learning[0]
    this.#model = learner ?? ''
    this.#baseline = newest
    this.#enter(learner === undefined ? { kind: 'idle', lesson } : { kind: 'waiting', lesson })
  }

  /** The lesson was taken back or replaced. */
  forget(lesson: Lesson): void {
    if (this.#lesson === lesson) this.#enter({ kind: 'none' })
  }

  /** A round is under way, or none. */
  progress(round: RoundProgress | undefined): void {
    const lesson = this.#lesson
    if (!lesson || !this.#model) return
    if (this.#promoted) return // what was learned stays on show
    const mine = round?.model === this.#model && round.round > this.#baseline
    if (round && mine && !(this.state.kind === 'learned' && this.state.report.round >= round.round)) {
      this.#enter({ kind: 'learning', lesson, round })
    } else if (this.state.kind === 'waiting') {
      this.#enter({ kind: 'waiting', lesson, ...(round && !mine && { other: round }) })
    }
  }

  /** A round has ended. */
  finished(report: RoundReport): void {
    const lesson = this.#lesson
    if (!lesson || report.model !== this.#model || report.round <= this.#baseline) return
    if (this.#promoted && report.verdict !== 'promoted') return
    this.#enter({ kind: 'learned', lesson, report })
    if (report.verdict === 'promoted') void this.#askAgain(lesson, report)
  }

  get #lesson(): Lesson | undefined {
    return 'lesson' in this.state ? this.state.lesson : undefined
  }

  async #askAgain(lesson: Lesson, report: RoundReport): Promise<void> {
    const asked = (): boolean => this.state.kind === 'learned' && this.state.report === report
    for (let tries = 0; tries < 4 && asked(); tries++) {
      const now = await persist(() => this.#ask(lesson.drawing)).catch(() => undefined)
      if (!asked()) return
      if (now) this.#enter({ kind: 'learned', lesson, report, now })
      // The report may be faster than the swap.
      if (!now || now.version >= (report.version ?? 0)) return
      await new Promise((resolve) => setTimeout(resolve, 700))
    }
  }

  #enter(state: OutcomeState): void {
    this.state = state
    this.#changed()
  }
}
