/** What became of the newest correction: the round that learns from it, the verdict, and the new answer to the drawing. */

import type { LearningWait, PredictResponse, RoundProgress, RoundReport } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { withRetries } from '../api/retry.ts'
import type { AnsweredDrawing, VisitorCorrection } from './correction.ts'

export type CorrectionOutcomeState =
  | { readonly kind: 'none' }
  | { readonly kind: 'idle'; readonly correction: VisitorCorrection } // no model learns from it
  /** `other` is the round of another model, `wait` why the phone does not learn now. */
  | {
      readonly kind: 'waiting'
      readonly correction: VisitorCorrection
      readonly other?: RoundProgress
      readonly wait?: LearningWait
    }
  | { readonly kind: 'learning'; readonly correction: VisitorCorrection; readonly round: RoundProgress }
  /** `now` is the answer of the version served since; undefined until it has arrived, or where no new version is served. */
  | {
      readonly kind: 'learned'
      readonly correction: VisitorCorrection
      readonly report: RoundReport
      readonly now?: PredictResponse | undefined
    }

/** Requests another answer to a drawing from the phone. */
export type AskAgain = (drawing: AnsweredDrawing) => Promise<Reply<PredictResponse>>

export class CorrectionOutcome {
  state: CorrectionOutcomeState = { kind: 'none' }
  readonly #ask: AskAgain
  readonly #changed: () => void
  #model = '' // id of the model that learns from it
  #baseline = 0 // rounds up to this number do not contain the correction

  constructor(ask: AskAgain, changed: () => void) {
    this.#ask = ask
    this.#changed = changed
  }

  /** Whether another state will follow. */
  get pending(): boolean {
    const { state } = this
    const promised = this.#promoted && state.kind === 'learned' && !state.now
    return state.kind === 'waiting' || state.kind === 'learning' || promised
  }

  get #promoted(): boolean {
    return this.state.kind === 'learned' && this.state.report.verdict === 'promoted'
  }

  /** Follows a correction that the phone has stored. `newest` is the number of the newest round when it was sent. */
  watch(correction: VisitorCorrection, newest: number): void {
    if (correction.state.kind !== 'kept') return
    const { learning } = correction.state.correction
    const { model } = correction.drawing.answer
    const learner = learning.includes(model) ? model : learning[0]
    this.#model = learner ?? ''
    this.#baseline = newest
    this.#enter(learner === undefined ? { kind: 'idle', correction: correction } : { kind: 'waiting', correction })
  }

  /** The correction was withdrawn or replaced. */
  forget(correction: VisitorCorrection): void {
    if (this.#correction === correction) this.#enter({ kind: 'none' })
  }

  /** The current round, or undefined where there is none, and why the phone does not learn now, if it waits. */
  progress(round: RoundProgress | undefined, wait?: LearningWait): void {
    const correction = this.#correction
    if (!correction || !this.#model) return
    if (this.#promoted) return // a promoted version stays visible
    const mine = round?.model === this.#model && round.round > this.#baseline
    if (round && mine && !(this.state.kind === 'learned' && this.state.report.round >= round.round)) {
      this.#enter({ kind: 'learning', correction, round })
    } else if (this.state.kind === 'waiting' || (this.state.kind === 'learning' && wait)) {
      this.#enter({ kind: 'waiting', correction, ...(round && !mine && { other: round }), ...(wait && { wait }) })
    }
  }

  /** A round has ended. */
  finished(report: RoundReport): void {
    const correction = this.#correction
    if (!correction || report.model !== this.#model || report.round <= this.#baseline) return
    if (this.#promoted && report.verdict !== 'promoted') return
    this.#enter({ kind: 'learned', correction, report })
    if (report.verdict === 'promoted') void this.#askAgain(correction, report)
  }

  get #correction(): VisitorCorrection | undefined {
    return 'correction' in this.state ? this.state.correction : undefined
  }

  async #askAgain(correction: VisitorCorrection, report: RoundReport): Promise<void> {
    const current = (): boolean => this.state.kind === 'learned' && this.state.report === report
    for (let tries = 0; tries < 4 && current(); tries++) {
      const now = await withRetries(() => this.#ask(correction.drawing)).catch(() => undefined)
      if (!current()) return
      if (now) this.#enter({ kind: 'learned', correction, report, now })
      // The report may arrive before the new version is served.
      if (!now || now.version >= (report.version ?? 0)) return
      await new Promise((resolve) => setTimeout(resolve, 700))
    }
  }

  #enter(state: CorrectionOutcomeState): void {
    this.state = state
    this.#changed()
  }
}
