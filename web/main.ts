/** Composes the page: the drawing goes in, answers of the browser and the phone come out, and corrections go back. */

import { NOT_A_DIGIT } from '../core/learning/round.ts'
import type { ModelFiles } from '../core/models/source.ts'
import type { SystemResponse } from '../core/protocol.ts'
import { createFrameThrottle } from './answers/frame-throttle.ts'
import {
  awayHint,
  type PhoneMessage,
  phoneMessage,
  refusalMessage,
  waitingMessage,
  whoseMessage,
} from './answers/messages.ts'
import { type Answers, Predictor } from './answers/predictor.ts'
import { Survey } from './answers/survey.ts'
import { predictAll } from './api/predictions.ts'
import { onReturn, retryAllNow } from './api/retry.ts'
import { askServer, confinedTo, findServer } from './api/server.ts'
import { createBenchmark } from './benchmark/benchmark.ts'
import { startWorker } from './learning/start-worker.ts'
import { TaughtDrawings } from './learning/taught-drawings.ts'
import { Yours } from './learning/yours.ts'
import { modelInAddress, setModelInAddress } from './models/address.ts'
import { type BrowserRecognizer, createBrowserRecognizer } from './models/browser-recognizer.ts'
import { kernelModules } from './models/kernels.ts'
import { Library } from './models/library.ts'
import { createControls } from './pad/controls.ts'
import { Drawing } from './pad/drawing.ts'
import { createKeyboardPen, handleShortcuts } from './pad/keyboard.ts'
import { createPad } from './pad/pad.ts'
import { answeredLabel } from './teaching/correction.ts'
import { createTeaching } from './teaching/teaching.ts'
import { createAnnouncer } from './views/announcer.ts'
import { type Answer, createAnswerView, sureText } from './views/answer.ts'
import { createBarsView } from './views/bars.ts'
import { createDownloadView } from './views/download.ts'
import { element } from './views/element.ts'
import { createMachinesView } from './views/machines.ts'
import { createModelView } from './views/model.ts'
import { createModelInputView } from './views/model-input.ts'
import { createModelMenu } from './views/model-menu.ts'
import { createPhoneView } from './views/phone.ts'
import { createSamplingView } from './views/sampling.ts'
import { createServerView } from './views/server.ts'
import { createShareView } from './views/share.ts'
import { createSurveyView } from './views/survey.ts'
import { createYoursView } from './views/yours.ts'

/** Address of the server that the page was built for, '' for the one it comes from; vite.config.ts fills it in. */
declare const INKLING_API: string

const MODEL_LOST = ['unknown_model', 'broken_model'] // refusal codes for a model that was in the phone's list

let server = findServer(location.href, INKLING_API)
askServer(server) // before anything is asked

const announcer = createAnnouncer()
const machines = createMachinesView()
const show = {
  menu: createModelMenu(chooseModel),
  answer: createAnswerView(),
  bars: createBarsView(),
  input: createModelInputView(element('model-input', HTMLCanvasElement)),
  phone: createPhoneView(),
  model: createModelView(),
  download: createDownloadView(() => library.fetch()),
  yours: createYoursView(() => yours.forget()),
  share: createShareView(server),
  server: createServerView(),
}
const samplingView = createSamplingView(predict)
const surveyView = createSurveyView(showAnswers)
const drawing = new Drawing(drawingChanged)
const keyboard = createKeyboardPen(element('paper', HTMLElement), drawing, announcer.say, showDrawing)
const pad = createPad(element('pad', HTMLCanvasElement), drawing, showDrawing)
const controls = createControls(drawing, predict, () => predictor.predictNow())
const modules = kernelModules()
const recognizerStarting = createBrowserRecognizer(modules)
const yours = new Yours(new TaughtDrawings(), {
  start: async (answered, broken) => startWorker((await recognizerStarting).backend, modules, answered, broken),
  own: ownWeights,
  changed: showAnswers,
})
const library = new Library(modelInAddress(location.hash), addModel, showModels)
const predictor = new Predictor(
  drawing,
  () => ({
    live: controls.live,
    model: library.chosen,
    browserModel: usableModel ? library.chosen : undefined,
    samples: samplingView.samples,
  }),
  { changed: showAnswers, reported: showPhone, timed: machines.speed },
)
const survey = new Survey(predictAll, showAnswers)
const teaching = createTeaching({
  name: modelName,
  served: versionServed,
  taught: (input, label) => yours.teach(input, label === 'not-a-digit' ? NOT_A_DIGIT : label),
  takenBack: (input) => yours.takeBack(input),
  has: (input) => yours.has(input),
  ownPage: ownPage(),
})
const benchmark = createBenchmark(() => library.listing?.models.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0)
const throttle = createFrameThrottle(() => {
  predictor.predictHere()
  showAnswers()
})

let usableModel = '' // the model that predicts in this browser, and its weights
let reached = false // whether the phone has answered this page
let refreshReason = '' // why the page last fetched the list of models again

/** A model was picked in the menu. */
function chooseModel(model: string): void {
  setModelInAddress(
    library.listing?.models.some(({ id, default: preset }) => preset && id === model) ? undefined : model,
  )
  library.choose(model)
  predict()
}

/** Makes a fetched model predict in this browser. */
async function addModel(...model: Parameters<BrowserRecognizer['add']>): Promise<void> {
  const started = await recognizerStarting
  started.add(...model)
  if (!predictor.recognizer) machines.browser(started)
  predictor.recognizer = started
}

/** The models changed: the list, the choice or a download. */
function showModels(): void {
  const { listing, chosen = '', summary, readiness } = library
  show.menu(listing, chosen)
  show.model(summary)
  show.download(readiness)
  samplingView.show(summary?.dropout === true)
  const now = readiness.kind === 'ready' ? `${chosen} ${readiness.card.weights.sha256}` : ''
  if (now !== usableModel) {
    usableModel = now
    predictor.predictHere()
    whenIdle(() => yours.warm())
  }
  if (predictor.model !== undefined && predictor.model !== chosen) predict()
  else showAnswers()
  yours.follow(chosen, now ? predictor.recognizer?.files(chosen) : undefined)
}

/** The visitor's own weights of a model; none where undefined. */
function ownWeights(model: string, files: ModelFiles | undefined): void {
  predictor.recognizer?.own.set(model, files)
  predictor.predictHere()
}

/** The drawing changed; `settled` when no stroke is open. */
function drawingChanged(settled: boolean): void {
  showDrawing()
  if (!drawing.empty) yours.prepare()
  if (settled) predict()
  else if (controls.live) throttle.request()
  else {
    predictor.predictHere()
    showAnswers()
  }
}

function predict(): void {
  throttle.cancel()
  predictor.predict()
}

/** Shows the drawing and what can be done with it. */
function showDrawing(): void {
  pad.show(drawing.strokes, keyboard.cursor)
  element('hint', HTMLElement).hidden = !drawing.empty
  controls.show()
}

/** Shows the current answers. */
function showAnswers(): void {
  const { input, question } = predictor
  const { phoneState, browser, own, phone, agreement } = predictor.answers()
  if (agreement === 'other-model' && phone) refresh(`${phone.model} ${phone.version}`)
  if (phoneState.kind === 'refused' && MODEL_LOST.includes(phoneState.code)) {
    refresh(`${phoneState.code} ${phoneState.revision}`)
  }

  const hint = reached ? '' : awayHint(server, location.origin)
  const message: PhoneMessage =
    server.kind === 'unusable'
      ? { text: server.words, tone: 'bad' }
      : phoneMessage(phoneState, agreement, browser !== undefined, hint, own !== undefined)
  const shown = shownAnswer({ own, browser, phone })
  const whose = own && shown === own ? whoseMessage(own, browser) : ''
  const pixels = input?.kind === 'ready' ? input.pixels : undefined
  show.phone(message)
  show.answer(answerOrReason(shown), whose)
  show.bars(shown?.probabilities, shown?.spread)
  show.input(pixels)
  show.yours(yours.state, yours.drawings, yours.kept)
  announcer.settle(
    announcement(shown, [whose && `${whose}.`, message.tone === 'bad' ? message.text : ''].join(' ').trim()),
  )
  showSurvey(phone !== undefined)
  // The phone's answer has an id, by which it knows the drawing. Without it the phone gets the picture.
  const answer = phone ?? browser
  const answered =
    answer && shown && question && pixels
      ? { ...question, answer, shown: answeredLabel(shown), input: pixels }
      : undefined
  teaching.show(answered, drawing.empty, library.chosen)
}

/** Shows the answers of all models. Asks for them while their section is open, once the chosen model has answered. */
function showSurvey(answered: boolean): void {
  const wanted = surveyView.open && !drawing.empty && predictor.due
  if (!wanted || (survey.revision !== undefined && survey.revision !== drawing.revision)) survey.clear()
  if (wanted && answered && predictor.question) survey.ask(predictor.question)
  surveyView.show(survey.state, library.listing?.models ?? [], library.chosen, !drawing.empty)
}

/** The visitor's own answer, else the browser's, unless the phone's is the mean of many samples. */
function shownAnswer({ own, browser, phone }: Pick<Answers, 'own' | 'browser' | 'phone'>) {
  return phone?.samples ? phone : (own ?? browser ?? phone)
}

function answerOrReason(shown: ReturnType<typeof shownAnswer>): Answer {
  const { input } = predictor
  if (shown) return { kind: 'digit', ...shown }
  if (server.kind === 'unusable') return { kind: 'none', words: 'There is no phone to ask: see below.' }
  if (input?.kind === 'refused') return { kind: 'none', words: refusalMessage(input.code, input.detail) }
  if (!drawing.empty && !predictor.due) return { kind: 'none', words: 'Not read yet: press “Read it”.' }
  return { kind: 'none', words: waitingMessage(library.readiness) }
}

function announcement(shown: ReturnType<typeof shownAnswer>, alarm: string): string {
  const { input } = predictor
  if (drawing.empty) return ''
  if (shown) {
    const words = shown.verdict === 'not-a-digit' ? sureText(shown) : `${shown.digit}, ${sureText(shown)}.`
    return `${words} ${alarm}`.trim()
  }
  return input?.kind === 'refused' ? refusalMessage(input.code, input.detail) : ''
}

/** Fetches the list of models again, once per reason: the phone has models or weights that are not in it. */
function refresh(reason: string): void {
  if (refreshReason === reason) return
  refreshReason = reason
  void library.refresh()
}

/** The phone serves another version of a model. The page fetches it, and asks for its answer to the drawing. */
function versionServed(model: string, version: number): void {
  if (library.listing?.models.some((one) => one.id === model && one.version === version)) return
  void library.refresh()
  if (model === library.chosen) predict()
}

/** Shows what the phone has said of itself. */
function showPhone(system: SystemResponse): void {
  reached = true
  machines.phone(system)
  show.share(system)
}

function modelName(model: string): string {
  return library.listing?.models.find(({ id }) => id === model)?.name ?? model
}

/** The page of the phone, for what this page may not do, where it is on another origin. */
function ownPage(): string | undefined {
  return server.kind === 'other' && !server.sameOrigin ? server.url : undefined
}

/** Calls something when the page has nothing else to do. Safari does not say when. */
function whenIdle(act: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(act, { timeout: 3000 })
  else setTimeout(act, 1000)
}

document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
  if (effectiveDirective !== 'connect-src' || server.kind !== 'other') return
  server = confinedTo(location.origin)
  askServer(server)
  show.server('')
  showAnswers()
})
handleShortcuts(drawing)
for (const theme of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
  matchMedia(theme).addEventListener('change', showDrawing)
}
addEventListener('hashchange', () => {
  library.choose(modelInAddress(location.hash))
  predict()
})
onReturn(() => {
  retryAllNow()
  predictor.phone.wake()
  teaching.wake()
  benchmark.wake()
  void yours.wake()
  void library.refresh()
})
showDrawing()
show.server(server.kind === 'other' ? server.url : '')
showModels()
predictor.phone.wake()
void library.refresh()
