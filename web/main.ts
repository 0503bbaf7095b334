/** Where the page is put together: drawing in, answers out, of the browser and of the phone, and what was wrong with them back. */

import { createPace } from './answers/frame-throttle.ts'
import { percent, phoneWords, refusal, waitingWords } from './answers/messages.ts'
import { type Answers, Reading } from './answers/predictor.ts'
import { Survey } from './answers/survey.ts'
import { predictAll } from './api/api.ts'
import { onReturn, wakeAll } from './api/retry.ts'
import { createComparing } from './benchmark/benchmark.ts'
import { chosenIn, remember } from './models/address.ts'
import { createEngine, type Engine } from './models/engine.ts'
import { wasmModules } from './models/kernels.ts'
import { Library } from './models/library.ts'
import { takeControls } from './pad/controls.ts'
import { Drawing } from './pad/drawing.ts'
import { createKeyboardPen, takeShortcuts } from './pad/keyboard.ts'
import { createPad } from './pad/pad.ts'
import { createTeaching } from './teaching/teaching.ts'
import { createAnnouncer } from './views/announcer.ts'
import { type Answer, createAnswerView } from './views/answer.ts'
import { createBarsView } from './views/bars.ts'
import { createOfferView } from './views/download.ts'
import { element } from './views/element.ts'
import { createMachinesView } from './views/machines.ts'
import { createModelView } from './views/model.ts'
import { createSightView } from './views/model-input.ts'
import { createMenuView } from './views/model-menu.ts'
import { createPhoneView } from './views/phone.ts'
import { createSamplingView } from './views/sampling.ts'
import { createSurveyView } from './views/survey.ts'

const MODEL_LOST = ['unknown_model', 'broken_model'] // what the phone says of a model that it had when the list was made

const announcer = createAnnouncer()
const machines = createMachinesView()
const show = {
  menu: createMenuView(choose),
  answer: createAnswerView(),
  bars: createBarsView(),
  sight: createSightView(element('sight', HTMLCanvasElement)),
  phone: createPhoneView(),
  model: createModelView(),
  offer: createOfferView(() => library.fetch()),
}
const sampling = createSamplingView(settle)
const comparison = createSurveyView(answers)
const drawing = new Drawing(changed)
const keyboard = createKeyboardPen(element('paper', HTMLElement), drawing, announcer.say, paper)
const pad = createPad(element('pad', HTMLCanvasElement), drawing, paper)
const controls = takeControls(drawing, settle, () => reading.read())
const starting = createEngine(wasmModules())
const library = new Library(chosenIn(location.hash), open, models)
const reading = new Reading(
  drawing,
  () => ({
    live: controls.live,
    model: library.chosen,
    here: usable ? library.chosen : undefined,
    samples: sampling.samples,
  }),
  { changed: answers, reported: machines.phone, took: machines.speed },
)
const survey = new Survey(predictAll, answers)
const teaching = createTeaching({ name, served })
const comparing = createComparing(() => library.listing?.models.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0)
const pace = createPace(() => {
  reading.think()
  answers()
})

let usable = '' // the model that answers here, and its weights
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
  if (!reading.engine) machines.browser(started)
  reading.engine = started
}

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
    reading.think()
  }
  if (reading.model !== undefined && reading.model !== chosen) settle()
  else answers()
}

/** The drawing changed; `settled` when no stroke is open. */
function changed(settled: boolean): void {
  paper()
  if (settled) settle()
  else if (controls.live) pace.request()
  else {
    reading.think()
    answers()
  }
}

function settle(): void {
  pace.cancel()
  reading.settle()
}

/** Shows the drawing and what can be done with it. */
function paper(): void {
  pad.show(drawing.strokes, keyboard.cursor)
  element('hint', HTMLElement).hidden = !drawing.empty
  controls.show()
}

/** Shows all answers there are. */
function answers(): void {
  const { sight, question } = reading
  const { phone, here, there, agreement } = reading.answers()
  if (agreement === 'other-model' && there) refresh(`${there.model} ${there.version}`)
  if (phone.kind === 'refused' && MODEL_LOST.includes(phone.code)) refresh(`${phone.code} ${phone.revision}`)

  const words = phoneWords(phone, agreement, here !== undefined)
  const shown = shownOf({ here, there })
  const input = sight?.kind === 'seen' ? sight.input : undefined
  show.phone(words)
  show.answer(answer(shown))
  show.bars(shown?.probabilities, shown?.spread)
  show.sight(input)
  announcer.settle(spoken(shown, words.tone === 'bad' ? words.text : ''))
  compareAll(there !== undefined)
  const answered = there && question && input && { ...question, answer: there, input }
  teaching.show(answered, drawing.empty, library.chosen)
}

/** Asks all models where somebody looks and the phone has answered with the chosen one; shows what they say. */
function compareAll(answered: boolean): void {
  const asks = comparison.open && !drawing.empty && reading.due
  if (!asks || (survey.revision !== undefined && survey.revision !== drawing.revision)) survey.forget()
  if (asks && answered && reading.question) survey.ask(reading.question)
  comparison.show(survey.state, library.listing?.models ?? [], library.chosen, !drawing.empty)
}

/** What is shown of two answers: this browser's own, unless the phone was asked for more. */
function shownOf({ here, there }: Pick<Answers, 'here' | 'there'>) {
  return there?.samples ? there : (here ?? there)
}

function answer(shown: ReturnType<typeof shownOf>): Answer {
  const { sight } = reading
  if (shown) return { kind: 'digit', ...shown }
  if (sight?.kind === 'refused') return { kind: 'none', words: refusal(sight.code, sight.detail) }
  if (!drawing.empty && !reading.due) return { kind: 'none', words: 'Not read yet: press “Read it”.' }
  return { kind: 'none', words: waitingWords(library.readiness) }
}

function spoken(shown: ReturnType<typeof shownOf>, alarm: string): string {
  const { sight } = reading
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

/** Another version of a model answers on the phone: it is fetched, and asked about the drawing on the paper. */
function served(model: string, version: number): void {
  if (library.listing?.models.some((one) => one.id === model && one.version === version)) return
  void library.refresh()
  if (model === library.chosen) settle()
}

function name(model: string): string {
  return library.listing?.models.find(({ id }) => id === model)?.name ?? model
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
  reading.phone.wake()
  teaching.wake()
  comparing.wake()
  void library.refresh()
})
paper()
models()
reading.phone.wake()
void library.refresh()
