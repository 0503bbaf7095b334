/** What is known of the phone's learning: how it stands, the rounds that ended, and the curves of those that were watched. */

import type { GateTry, RoundProgress, RoundReport, TrainingEvent, TrainingResponse } from '../../core/protocol.ts'

const ROUNDS = 20 // remembered, as the phone does

/** What a round said of itself at one step. */
export interface CurvePoint {
  readonly step: number
  readonly loss?: number // nats
  readonly accuracy?: number // 0..1
}

/** How a round went, as far as it was watched. */
export interface Curve {
  readonly round: number
  readonly model: string
  readonly steps: number // in all
  readonly points: readonly CurvePoint[]
  readonly tries: readonly GateTry[]
}

export class RoundHistory {
  /** As the phone said last; undefined until it did. What events told since is in it. */
  training: TrainingResponse | undefined
  #curves: readonly Curve[] = [] // the newest first, two at most

  /** Of the round under way, or of the last one where there is none. */
  get curve(): Curve | undefined {
    return this.#curves[0]
  }

  /** Of the round before that one. */
  get before(): Curve | undefined {
    return this.#curves[1]
  }

  /** The number of the newest round known, 0 for none. */
  get newest(): number {
    return Math.max(this.training?.round?.round ?? 0, this.training?.rounds[0]?.round ?? 0, this.curve?.round ?? 0)
  }

  /** Takes in how learning stands. Gives the reports that are new. */
  update(training: TrainingResponse): RoundReport[] {
    const known = this.training
    this.training = training
    if (training.round) this.#progress(training.round)
    if (!known) return []
    const before = known.rounds[0]?.round ?? 0
    return training.rounds.filter(({ round }) => round > before).reverse()
  }

  /** Takes in an event. Gives the report of a round, where one ended that was not known to have. */
  apply(event: TrainingEvent): RoundReport | undefined {
    switch (event.type) {
      case 'correction':
        this.#change({ waiting: event.waiting })
        break
      case 'started':
      case 'step': {
        const { type: _, ...round } = event
        // The phone may send old events again: a round that has ended does not go on.
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
      // A round that was taken up after a power cut repeats steps, to the same numbers.
      const points = curve.points.filter((one) => one.step < step)
      return { ...curve, steps, points: [...points, point] }
    })
  }

  #edit(round: number, change: (curve: Curve) => Curve): void {
    this.#curves = this.#curves.map((curve) => (curve.round === round ? change(curve) : curve))
  }

  #change(change: { [Key in keyof TrainingResponse]?: TrainingResponse[Key] | undefined }): void {
    if (!this.training) return
    const { round, ...rest } = { ...this.training, ...change }
    this.training = { ...rest, ...(round && { round }) } as TrainingResponse
  }
}
