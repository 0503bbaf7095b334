/** Where the page is put together: drawing in, answers out, of the browser and of the phone. */

import type { PredictResponse } from '../core/protocol.ts'
import type { Recognition } from '../core/recognizer.ts'
import { compare } from './agreement.ts'
import { fetchSystem, predict, predictAll } from './api.ts'
import { chosenIn, remember } from './choice.ts'
import { takeControls } from './controls.ts'
import { Drawing } from './drawing.ts'
import { element } from './element.ts'
import { createEngine, type Engine, look, type Sight } from './engine.ts'
import { wasmModules } from './kernels.ts'
import { createKeyboardPen, takeShortcuts } from './keyboard.ts'
import { Library } from './library.ts'
import { createPace } from './pace.ts'
import { createPad } from './pad.ts'
import { onReturn, wakeAll } from './patience.ts'
import { Phone, type Question } from './phone.ts'
import { createRenderer, type Picture } from './picture.ts'
import { Survey } from './survey.ts'
import { createAnnouncer } from './view/announcer.ts'
import { type Answer, createAnswerView } from './view/answer.ts'
import { createBarsView } from './view/bars.ts'
import { createMachinesView } from './view/machines.ts'
import { createMenuView } from './view/menu.ts'
import { createModelView } from './view/model.ts'
import { createOfferView } from './view/offer.ts'
import { createPhoneView } from './view/phone.ts'
import { createSamplingView } from './view/sampling.ts'
import { createSightView } from './view/sight.ts'
import { createSurveyView } from './view/survey.ts'
import { percent, phoneWords, refusal, waitingWords } from './words.ts'

const MODEL_LOST = ['unknown_model', 'broken_model'] // what the phone says of a model that it had when the list was made

const announcer = createAnnouncer()
const machines = createMachinesView()
const show = {
  menu: createMenuView(choose),
  answer: createAnswerView(),
  bars: createBarsView(),
  sight: createSightView(),
  phone: createPhoneView(),
  model: createModelView(),
  offer: createOfferView(() => library.fetch()),
}
const sampling = createSamplingView(settle)
const comparison = createSurveyView(answers)
const render = createRenderer(document.createElement('canvas'))
const drawing = new Drawing(changed)
const keyboard = createKeyboardPen(element('paper', HTMLElement), drawing, announcer.say, paper)
const pad = createPad(element('pad', HTMLCanvasElement), drawing, paper)
const controls = takeControls(drawing, settle, read)
const phone = new Phone({ predict, system: fetchSystem }, answers, machines.phone)
const survey = new Survey(predictAll, answers)
const pace = createPace(() => {
  think()
  answers()
})
const starting = createEngine(wasmModules())
const library = new Library(chosenIn(location.hash), open, models)

let engine: Engine | undefined // once a model has come
let sight: Sight | undefined // of the drawing as it is
let here: Recognition | undefined // what this browser makes of it
let asked: Pick<Question, 'revision' | 'model' | 'samples'> | undefined // of the phone, about the drawing as it is
let question: Question | undefined // the same once its picture is packed
let refreshed = '' // what made the page ask for the list again last

/** A model was picked in the menu. */
function choose(model: string): void {
  remember(library.listing?.models.some(({ id, default: preset }) => preset && id === model) ? undefined : model)
  library.choose(model)
  settle()
}

/** Makes a fetched model answer here. */
async function open(...model: Parameters<Engine['add']>): Promise<void> {
  const started = await starting
  started.add(...model)
  if (!engine) machines.browser(started)
  engine = started
}

let usable = '' // the model that answers here

/** Something is new about the models: the list, a choice, a download. */
function models(): void {
  const { listing, chosen = '', summary, readiness } = library
  show.menu(listing, chosen)
  show.model(summary)
  show.offer(readiness)
  sampling.show(summary?.dropout === true)
  const now = readiness.kind === 'ready' ? `${chosen} ${readiness.card.weights.sha256}` : ''
  if (now !== usable) {
    usable = now
    think()
  }
  if (asked?.model !== undefined && asked.model !== chosen) settle()
  else answers()
}

/** The drawing changed; `settled` when no stroke is open. */
function changed(settled: boolean): void {
  paper()
  if (settled) settle()
  else if (controls.live) pace.request()
  else {
    think()
    answers()
  }
}

/** Shows the drawing and what can be done with it. */
function paper(): void {
  pad.show(drawing.strokes, keyboard.cursor)
  element('hint', HTMLElement).hidden = !drawing.empty
  controls.show()
}

/** Makes a picture of the drawing and, where this browser can, an answer of its own. */
function think(): Picture | undefined {
  const picture = drawing.empty || !due() ? undefined : render(drawing.strokes)
  const start = performance.now()
  sight = picture && look(picture.raster)
  here = sight?.kind === 'seen' && usable ? engine?.recognize(sight.input, library.chosen ?? '') : undefined
  if (here) machines.speed(performance.now() - start)
  return picture
}

let readAt = -1 // revision of the drawing that an answer was asked for

/** Whether the drawing as it is shall be answered. */
function due(): boolean {
  return controls.live || (!drawing.open && readAt === drawing.revision)
}

/** An answer is asked for. */
function read(): void {
  if (drawing.empty) return
  readAt = drawing.revision
  settle()
}

/** A stroke is finished, undone or all are cleared: the browser answers, and the phone is asked about the same pixels. */
function settle(): void {
  pace.cancel()
  asked = question = undefined
  const picture = think()
  // What this browser refuses, the phone would refuse in the same words.
  if (!picture || sight?.kind === 'refused') phone.forget()
  else {
    const wording = { revision: drawing.revision, model: library.chosen, samples: sampling.samples }
    asked = wording
    void picture.body().then((body) => {
      if (asked !== wording) return
      const ready = { ...wording, body }
      question = ready
      phone.ask(ready)
    })
  }
  answers()
}

/** Shows all answers there are. */
function answers(): void {
  const { state } = phone
  const current = !drawing.open && 'revision' in state && state.revision === drawing.revision && due()
  const there = current && state.kind === 'answered' && fits(state.answer) ? state.answer : undefined
  const agreement = here && there && !there.samples ? compare(here, there) : undefined
  if (agreement === 'other-model' && there) refresh(`${there.model} ${there.version}`)
  if (state.kind === 'refused' && MODEL_LOST.includes(state.code)) refresh(`${state.code} ${state.revision}`)

  // An answer to a drawing that has changed since is no longer shown as one.
  const outdated = 'revision' in state && !(current && (there || state.kind === 'refused'))
  const words = phoneWords(outdated ? { kind: due() ? 'asking' : 'ready' } : state, agreement, here !== undefined)
  const shown = there?.samples ? there : (here ?? there)
  show.phone(words)
  show.answer(answer(shown))
  show.bars(shown?.probabilities, shown?.spread)
  show.sight(sight?.kind === 'seen' ? sight.input : undefined)
  announcer.settle(spoken(shown, words.tone === 'bad' ? words.text : ''))
  compareAll(there !== undefined)
}

/** Whether the phone's answer is one to what was asked: about the drawing it may be, but of the model before the choice. */
function fits({ model, samples }: PredictResponse): boolean {
  return (asked?.model ?? model) === model && asked?.samples === samples
}

/** Asks all models where somebody looks and the phone has answered with the chosen one; shows what they say. */
function compareAll(answered: boolean): void {
  const asks = comparison.open && !drawing.empty && due()
  if (!asks || (survey.revision !== undefined && survey.revision !== drawing.revision)) survey.forget()
  if (asks && answered && question) survey.ask(question)
  comparison.show(survey.state, library.listing?.models ?? [], library.chosen, !drawing.empty)
}

interface Shown {
  readonly digit: number
  readonly probabilities: readonly number[]
}

function answer(shown: Shown | undefined): Answer {
  if (shown) return { kind: 'digit', ...shown }
  if (sight?.kind === 'refused') return { kind: 'none', words: refusal(sight.code, sight.detail) }
  if (!drawing.empty && !due()) return { kind: 'none', words: 'Not read yet: press “Read it”.' }
  return { kind: 'none', words: waitingWords(library.readiness) }
}

function spoken(shown: Shown | undefined, alarm: string): string {
  if (drawing.empty) return ''
  if (shown) return `${shown.digit}, ${percent(Math.max(...shown.probabilities))} sure. ${alarm}`.trim()
  return sight?.kind === 'refused' ? refusal(sight.code, sight.detail) : ''
}

/** The phone has other models or weights than this page knows of: asks what it has now, once per reason. */
function refresh(reason: string): void {
  if (refreshed === reason) return
  refreshed = reason
  void library.refresh()
}

takeShortcuts(drawing)
for (const theme of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
  matchMedia(theme).addEventListener('change', paper)
}
addEventListener('hashchange', () => {
  library.choose(chosenIn(location.hash))
  settle()
})
onReturn(() => {
  wakeAll()
  phone.wake()
  void library.refresh()
})
paper()
models()
phone.wake()
void library.refresh()
