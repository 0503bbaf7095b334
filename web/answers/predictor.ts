/**
 * Reads the drawing: in this browser where it can, and on the phone, which is asked about the same pixels; and knows which
 * of the answers are about the drawing as it is.
 */

import type { PredictResponse, SystemResponse } from '../../core/protocol.ts'
import type { Recognition } from '../../core/recognizer.ts'
import { fetchSystem, predict } from '../api/api.ts'
import { type Engine, look, type Sight } from '../models/engine.ts'
import type { Drawing } from '../pad/drawing.ts'
import { createRenderer, type Picture } from '../pad/picture.ts'
import { type Agreement, compare } from './agreement.ts'
import { Phone, type PhoneState, type Question } from './phone.ts'

/** How the drawing is to be read, as the page stands now. */
export interface ReadingTerms {
  readonly live: boolean // answers come by themselves; else when asked for
  readonly model: string | undefined // the phone's default unless given
  readonly here: string | undefined // id of the model that answers in this browser
  readonly samples: number | undefined
}

/** The answers to the drawing as it is. */
export interface Answers {
  readonly phone: PhoneState // an outdated answer is not one
  readonly here: Recognition | undefined
  readonly there: PredictResponse | undefined // of the phone, to just what it was asked
  readonly agreement: Agreement | undefined
}

export interface ReadingEvents {
  /** There may be other answers. */
  changed(): void
  reported(system: SystemResponse): void
  /** ms this browser took for an answer. */
  took(ms: number): void
}

export class Reading {
  readonly phone: Phone
  engine: Engine | undefined // once a model has come
  sight: Sight | undefined // of the drawing as it is
  question: Question | undefined // to the phone, about the drawing as it is, once its picture is packed
  readonly #drawing: Drawing
  readonly #terms: () => ReadingTerms
  readonly #events: ReadingEvents
  readonly #render = createRenderer(document.createElement('canvas'))
  #here: Recognition | undefined
  #asked: Pick<Question, 'revision' | 'model' | 'samples'> | undefined
  #readAt = -1 // revision of the drawing that an answer was asked for

  constructor(drawing: Drawing, terms: () => ReadingTerms, events: ReadingEvents) {
    this.#drawing = drawing
    this.#terms = terms
    this.#events = events
    this.phone = new Phone({ predict, system: fetchSystem }, events.changed, events.reported)
  }

  /** Whether the drawing as it is shall be answered. */
  get due(): boolean {
    return this.#terms().live || (!this.#drawing.open && this.#readAt === this.#drawing.revision)
  }

  /** The model the phone was asked for about the drawing as it is. */
  get model(): string | undefined {
    return this.#asked?.model
  }

  /** Makes a picture of the drawing and, where this browser can, an answer of its own. */
  think(): Picture | undefined {
    const picture = this.#drawing.empty || !this.due ? undefined : this.#render(this.#drawing.strokes)
    const start = performance.now()
    const sight = picture && look(picture.raster)
    const { here } = this.#terms()
    this.sight = sight
    this.#here = sight?.kind === 'seen' && here ? this.engine?.recognize(sight.input, here) : undefined
    if (this.#here) this.#events.took(performance.now() - start)
    return picture
  }

  /** An answer is asked for. */
  read(): void {
    if (this.#drawing.empty) return
    this.#readAt = this.#drawing.revision
    this.settle()
  }

  /** A stroke is finished, undone or all are cleared: the browser answers, and the phone is asked about the same pixels. */
  settle(): void {
    this.#asked = this.question = undefined
    const picture = this.think()
    // What this browser refuses, the phone would refuse in the same words.
    if (!picture || this.sight?.kind === 'refused') this.phone.forget()
    else {
      const { model, samples } = this.#terms()
      const wording = { revision: this.#drawing.revision, model, samples }
      this.#asked = wording
      void picture.body().then((body) => {
        if (this.#asked !== wording) return
        this.question = { ...wording, body }
        this.phone.ask(this.question)
      })
    }
    this.#events.changed()
  }

  answers(): Answers {
    const { state } = this.phone
    const current = 'revision' in state && state.revision === this.#drawing.revision && !this.#drawing.open && this.due
    const there = current && state.kind === 'answered' && this.#fits(state.answer) ? state.answer : undefined
    const outdated = 'revision' in state && !(current && (there || state.kind === 'refused'))
    return {
      phone: outdated ? { kind: this.due ? 'asking' : 'ready' } : state,
      here: this.#here,
      there,
      agreement: this.#here && there && !there.samples ? compare(this.#here, there) : undefined,
    }
  }

  /** Whether the phone's answer is one to what was asked: about the drawing it may be, but of the model before the choice. */
  #fits({ model, samples }: PredictResponse): boolean {
    return (this.#asked?.model ?? model) === model && this.#asked?.samples === samples
  }
}
