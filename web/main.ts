/** Where the page is put together: drawing in, answers out, of the browser and of the phone. */

import type { Recognition } from '../core/recognizer.ts'
import { compare } from './agreement.ts'
import { fetchSystem, predict, type Reply } from './api.ts'
import { Drawing, WIDTH } from './drawing.ts'
import { element } from './element.ts'
import { type Engine, loadEngine, type Opinion } from './engine.ts'
import { wasmModules } from './kernels.ts'
import { createKeyboardPen, takeShortcuts } from './keyboard.ts'
import { createPad } from './pad.ts'
import { onReturn, wakeAll } from './patience.ts'
import { Phone } from './phone.ts'
import { createRenderer, type Picture } from './picture.ts'
import { createAnnouncer } from './view/announcer.ts'
import { type Answer, createAnswerView } from './view/answer.ts'
import { createBarsView } from './view/bars.ts'
import { createMachinesView } from './view/machines.ts'
import { createPhoneView } from './view/phone.ts'
import { createSightView } from './view/sight.ts'
import { percent, phoneWords, refusal } from './words.ts'

const REST = 4 // live answers take at most one part in REST + 1 of the time, however slow the machine

const announcer = createAnnouncer()
const machines = createMachinesView()
const show = {
  answer: createAnswerView(),
  bars: createBarsView(),
  sight: createSightView(),
  phone: createPhoneView(),
}
const render = createRenderer(document.createElement('canvas'))
const drawing = new Drawing(changed)
const keyboard = createKeyboardPen(element('paper', HTMLElement), drawing, announcer.say, paper)
const pad = createPad(element('pad', HTMLCanvasElement), drawing, paper)
const phone = new Phone({ predict, system: fetchSystem }, answers, machines.phone)

let engine: Engine | undefined
let waiting = 'Waiting for the phone to send its model …'
let opinion: Opinion | undefined // of this browser, on the drawing as it is
let fetched = '' // the model and version last fetched because the phone answered with it

/** The drawing changed; `settled` when no stroke is open. */
function changed(settled: boolean): void {
  paper()
  if (settled) settle()
  else requestLive()
}

/** Shows the drawing and what can be done with it. */
function paper(): void {
  pad.show(drawing.strokes, keyboard.cursor)
  element('hint', HTMLElement).hidden = !drawing.empty
  // Not `disabled`, which would take the focus away from whoever just pressed it.
  element('undo', HTMLButtonElement).setAttribute('aria-disabled', String(!drawing.canUndo && !drawing.open))
  element('clear', HTMLButtonElement).setAttribute('aria-disabled', String(drawing.empty))
}

let live = false // whether a live answer is due
let restUntil = 0 // ms

/** Asks for an answer while drawing: once per frame, or less often where that takes long. */
function requestLive(): void {
  if (live) return
  live = true
  requestAnimationFrame(function frame(now) {
    if (!live) return
    if (now < restUntil) return void requestAnimationFrame(frame)
    live = false
    recognize()
  })
}

function recognize(): void {
  const start = performance.now()
  think()
  const end = performance.now()
  restUntil = end + REST * (end - start)
  answers()
}

/** Makes a picture of the drawing and, where this browser can, forms an opinion on it. */
function think(): Picture | undefined {
  const picture = drawing.empty ? undefined : render(drawing.strokes)
  opinion = picture && engine?.recognize(picture.raster)
  if (opinion?.kind === 'answer') machines.speed(opinion.ms)
  return picture
}

/** A stroke is finished, undone or all are cleared: the browser answers, and the phone is asked about the same pixels. */
function settle(): void {
  live = false
  const { revision } = drawing
  const picture = think()
  // What this browser refuses, the phone would refuse in the same words.
  if (!picture || opinion?.kind === 'refused') phone.forget()
  else void picture.body().then((body) => revision === drawing.revision && phone.ask({ revision, body }))
  answers()
}

/** Shows all answers there are. */
function answers(): void {
  const { state } = phone
  const current = !drawing.open && 'revision' in state && state.revision === drawing.revision
  const there = current && state.kind === 'answered' ? state.answer : undefined
  const here = opinion?.kind === 'answer' ? opinion.recognition : undefined
  const agreement = here && there && compare(here, there)
  if (agreement === 'other-model' && there) refetch(`${there.model} ${there.version}`)

  // An answer to a drawing that has changed since is no longer shown as one.
  const outdated = 'revision' in state && !current
  const words = phoneWords(outdated ? { kind: 'asking' } : state, agreement, engine !== undefined)
  const shown = here ?? there
  show.phone(words)
  show.answer(answer(shown))
  show.bars(shown?.probabilities)
  show.sight(opinion?.kind === 'answer' ? opinion.input : undefined)
  announcer.settle(spoken(shown, words.tone === 'bad' ? words.text : ''))
}

function answer(shown: Pick<Recognition, 'digit' | 'confidence'> | undefined): Answer {
  if (shown) return { kind: 'digit', digit: shown.digit, confidence: shown.confidence }
  if (opinion?.kind === 'refused') return { kind: 'none', words: refusal(opinion.code, opinion.detail) }
  return { kind: 'none', words: engine ? 'No digit yet.' : waiting }
}

function spoken(shown: Pick<Recognition, 'digit' | 'confidence'> | undefined, alarm: string): string {
  if (drawing.empty) return ''
  if (shown) return `${shown.digit}, ${percent(shown.confidence)} sure. ${alarm}`.trim()
  return opinion?.kind === 'refused' ? refusal(opinion.code, opinion.detail) : ''
}

/** Fetches the model, and answers what was drawn meanwhile. */
async function load(): Promise<void> {
  const report = (reply: Reply<unknown>): void => {
    waiting =
      reply.kind === 'refused'
        ? `Waiting for the model; the phone says: ${reply.detail}.`
        : 'Waiting for the phone, which is not answering, to send its model …'
    answers()
  }
  try {
    engine = await loadEngine(wasmModules(report), report)
    machines.browser(engine)
  } catch (error) {
    waiting = `This browser can’t answer itself: ${error instanceof Error ? error.message : error}. The phone can.`
  }
  think()
  answers()
}

/** The phone answered with other weights than this page has: gets those, once. */
function refetch(model: string): void {
  if (fetched === model) return
  fetched = model
  void load()
}

function takeControls(): void {
  const width = element('width', HTMLInputElement)
  const value = element('width-value', HTMLOutputElement)
  const setWidth = (): void => {
    drawing.width = width.valueAsNumber
    value.textContent = width.value
  }
  width.min = String(WIDTH.min)
  width.max = String(WIDTH.max)
  width.value = String(WIDTH.initial)
  width.addEventListener('input', setWidth)
  setWidth()
  element('undo', HTMLButtonElement).addEventListener('click', () => drawing.undo())
  element('clear', HTMLButtonElement).addEventListener('click', () => drawing.clear())
}

takeControls()
takeShortcuts(drawing)
for (const theme of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
  matchMedia(theme).addEventListener('change', paper)
}
onReturn(() => {
  wakeAll()
  phone.wake()
})
paper()
answers()
phone.wake()
void load()
