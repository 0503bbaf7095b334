/** The phone's rounds as far as this page knows them: the current state, the reports of past rounds, and the learning curves. */

import type { GateTry, RoundProgress, RoundReport, TrainingEvent, TrainingResponse } from '../../core/protocol.ts'

const ROUNDS = 20 // reports kept, as many as the phone keeps

/** A round's figures at one step. */
export interface CurvePoint {
  readonly step: number
  readonly loss?: number // nats
  readonly accuracy?: number // 0..1
}

/** The course of a round, as far as its events reached this page. */
export interface Curve {
  readonly round: number
  readonly model: string
  readonly steps: number // in all
  readonly points: readonly CurvePoint[]
  readonly tries: readonly GateTry[]
}

export class RoundHistory {
  /** The phone's last report, updated by the events since; undefined before the first report. */
  training: TrainingResponse | undefined
  #curves: readonly Curve[] = [] // the newest first, two at most

  /** The curve of the current round, or of the last one where none is under way. */
  get curve(): Curve | undefined {
    return this.#curves[0]
  }

  /** The curve of the round before that one. */
  get before(): Curve | undefined {
    return this.#curves[1]
  }

  /** The number of the newest round known, 0 for none. */
  get newest(): number {
    return Math.max(this.training?.round?.round ?? 0, this.training?.rounds[0]?.round ?? 0, this.curve?.round ?? 0)
  }

  /** Adds a report of the phone. Returns the reports of rounds that are new. */
  update(training: TrainingResponse): RoundReport[] {
    const known = this.training
    this.training = training
    if (training.round) this.#progress(training.round)
    if (!known) return []
    const before = known.rounds[0]?.round ?? 0
    return training.rounds.filter(({ round }) => round > before).reverse()
  }

  /** Adds an event. Returns the report of a round that this event ended. */
  apply(event: TrainingEvent): RoundReport | undefined {
    switch (event.type) {
      case 'correction':
        this.#change({ waiting: event.waiting })
        break
      case 'started':
      case 'step': {
        const { type: _, ...round } = event
        // The phone may repeat old events, which must not restart a round that has ended.
        if (round.round > (this.training?.rounds[0]?.round ?? 0)) this.#change({ state: 'training', round })
        this.#progress(round)
        break
      }
      case 'gate': {
        const { round, share, gate } = event
        this.#edit(round, (curve) => ({
          ...curve,
          tries: [...curve.tries.filter((one) => one.share !== share), { share, gate }],
        }))
        break
      }
      case 'waits': {
        const { type: _, ...learningWaits } = event
        this.#change({ state: 'idle', round: undefined, learningWaits }) // a round that has begun is resumed later
        break
      }
      case 'continues':
        this.#change({ learningWaits: undefined })
        break
      case 'finished': {
        const { type: _, ...report } = event
        return this.#finish(report)
      }
    }
    return undefined
  }

  #finish(report: RoundReport): RoundReport | undefined {
    const { rounds = [], round } = this.training ?? {}
    if (rounds.some((one) => one.round === report.round)) return undefined
    const ended = round?.round === report.round
    this.#change({
      rounds: [report, ...rounds].sort((a, b) => b.round - a.round).slice(0, ROUNDS),
      ...(ended && { state: 'idle', round: undefined }),
    })
    return report
  }

  #progress(progress: RoundProgress): void {
    const { round, model, steps, step, loss, accuracy, phase } = progress
    const [first] = this.#curves
    if (!first || first.round < round) {
      this.#curves = [{ round, model, steps, points: [], tries: [] }, ...this.#curves].slice(0, 2)
    }
    if (phase !== 'training' || loss === undefined) return
    const point = { step, loss, ...(accuracy !== undefined && { accuracy }) }
    this.#edit(round, (curve) => {
      // A round that resumes after a power cut repeats steps, with the same numbers.
      const points = curve.points.filter((one) => one.step < step)
      return { ...curve, steps, points: [...points, point] }
    })
  }

  #edit(round: number, change: (curve: Curve) => Curve): void {
    this.#curves = this.#curves.map((curve) => (curve.round === round ? change(curve) : curve))
  }

  #change(change: { [Key in keyof TrainingResponse]?: TrainingResponse[Key] | undefined }): void {
    if (!this.training) return
    const { round, learningWaits, ...rest } = { ...this.training, ...change }
    const present = { ...(round && { round }), ...(learningWaits && { learningWaits }) }
    this.training = { ...rest, ...present } as TrainingResponse
  }
}
