/**
 * Predicts the digit drawn: in this browser where it can, and on the phone, which gets the same pixels. It decides which of
 * the answers belong to the drawing as it is now.
 */

import type { PredictResponse, SystemResponse } from '../../core/protocol.ts'
import type { Recognition } from '../../core/recognizer.ts'
import { predict, type Question } from '../api/predictions.ts'
import { fetchSystem } from '../api/system.ts'
import { type BrowserRecognizer, type PreparedInput, prepareInput } from '../models/browser-recognizer.ts'
import type { Drawing } from '../pad/drawing.ts'
import { createRenderer, type Picture } from '../pad/picture.ts'
import { type Agreement, compare } from './agreement.ts'
import { Phone, type PhoneState } from './phone.ts'

/** How the page wants the drawing predicted now. */
export interface PredictorSettings {
  readonly live: boolean // predict automatically, else only on request
  readonly model: string | undefined // the phone's default where undefined
  readonly browserModel: string | undefined // id of the model that predicts in this browser
  readonly samples: number | undefined
}

/** The answers to the drawing as it is now. */
export interface Answers {
  readonly phoneState: PhoneState // never an outdated answer
  readonly browser: Recognition | undefined // everyone's, as the phone's is
  readonly own: Recognition | undefined // the visitor's, where they have taught this browser
  readonly phone: PredictResponse | undefined // to exactly the question that was sent
  readonly agreement: Agreement | undefined
}

export interface PredictorEvents {
  /** The answers may have changed. */
  changed(): void
  reported(system: SystemResponse): void
  /** ms this browser took for a prediction. */
  timed(ms: number): void
}

export class Predictor {
  readonly phone: Phone
  recognizer: BrowserRecognizer | undefined // undefined until a model has been fetched
  input: PreparedInput | undefined // of the drawing as it is now
  question: Question | undefined // sent to the phone about the drawing as it is now; undefined until its body is made
  readonly #drawing: Drawing
  readonly #settings: () => PredictorSettings
  readonly #events: PredictorEvents
  readonly #render = createRenderer(document.createElement('canvas'))
  #browser: Recognition | undefined
  #own: Recognition | undefined
  #pending: Omit<Question, 'body'> | undefined
  #requestedAt = -1 // revision of the drawing for which a prediction was requested

  constructor(drawing: Drawing, settings: () => PredictorSettings, events: PredictorEvents) {
    this.#drawing = drawing
    this.#settings = settings
    this.#events = events
    this.phone = new Phone({ predict, system: fetchSystem }, events.changed, events.reported)
  }

  /** Whether the drawing as it is now is to be predicted. */
  get due(): boolean {
    return this.#settings().live || (!this.#drawing.open && this.#requestedAt === this.#drawing.revision)
  }

  /** The model named in the question about the drawing as it is now. */
  get model(): string | undefined {
    return this.#pending?.model
  }

  /** Makes a picture of the drawing and, where this browser can, a prediction of its own. */
  predictHere(): Picture | undefined {
    const picture = this.#drawing.empty || !this.due ? undefined : this.#render(this.#drawing.strokes)
    const start = performance.now()
    const input = picture && prepareInput(picture.raster)
    const { browserModel } = this.#settings()
    this.input = input
    this.#browser =
      input?.kind === 'ready' && browserModel ? this.recognizer?.recognize(input.pixels, browserModel) : undefined
    if (this.#browser) this.#events.timed(performance.now() - start)
    this.#own =
      this.#browser && input?.kind === 'ready'
        ? this.recognizer?.own.recognize(input.pixels, this.#browser.model)
        : undefined
    return picture
  }

  /** The visitor requests a prediction. */
  predictNow(): void {
    if (this.#drawing.empty) return
    this.#requestedAt = this.#drawing.revision
    this.predict()
  }

  /** Predicts in the browser, and asks the phone about the same pixels. For when a stroke ends or the drawing is undone or cleared. */
  predict(): void {
    this.#pending = this.question = undefined
    const picture = this.predictHere()
    // The phone would refuse what this browser refuses, with the same message.
    if (!picture || this.input?.kind === 'refused') this.phone.clear()
    else {
      const { model, samples } = this.#settings()
      const pending = { revision: this.#drawing.revision, model, samples }
      this.#pending = pending
      void picture.body().then((body) => {
        if (this.#pending !== pending) return
        this.question = { ...pending, body }
        this.phone.ask(this.question)
      })
    }
    this.#events.changed()
  }

  answers(): Answers {
    const { state } = this.phone
    const current = 'revision' in state && state.revision === this.#drawing.revision && !this.#drawing.open && this.due
    const phone = current && state.kind === 'answered' && this.#matches(state.answer) ? state.answer : undefined
    const outdated = 'revision' in state && !(current && (phone || state.kind === 'refused'))
    return {
      phoneState: outdated ? { kind: this.due ? 'asking' : 'ready' } : state,
      browser: this.#browser,
      own: this.#own,
      phone,
      agreement: this.#browser && phone && !phone.samples ? compare(this.#browser, phone) : undefined,
    }
  }

  /** Whether an answer fits the question. It may be about this drawing and still be from the model chosen before. */
  #matches({ model, samples }: PredictResponse): boolean {
    return (this.#pending?.model ?? model) === model && this.#pending?.samples === samples
  }
}
