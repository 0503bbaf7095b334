/** POST /api/v1/predict: a drawing in, a digit out; from one model, or from every one. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import { preprocess } from '../../../core/preprocess.ts'
import type { ModelAnswer, PredictAllResponse, PredictResponse } from '../../../core/protocol.ts'
import type { Recognizer } from '../../../core/recognizer.ts'
import type { PendingPredictions } from '../../corrections/pending.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { type BodyForm, bodyForm, readDrawing, release } from '../drawing.ts'
import { API_HEADERS } from '../headers.ts'
import { isEmpty, readBody } from '../limits/body.ts'
import { networkShares } from '../limits/network.ts'
import { SAMPLES_PER_TOKEN, sampleInTurns } from '../sampling.ts'

/** `?model=` that asks every model. */
const ALL = 'all'

/** Of an answer. A plain object goes out as it is; headers set on the context one by one take 10 us more. */
const HEADERS: Readonly<Record<string, string>> = { ...API_HEADERS, 'Content-Type': 'application/json' }

/** Models asked at once that are as much work as one prediction is reckoned to be: decoding is done once for all. */
const MODELS_PER_TOKEN = 4

export function predictRoutes(deps: Deps, work: Admission, asked: PendingPredictions): Hono<{ Bindings: Client }> {
  const { recognizer, inflate, now } = deps

  /** A body to what models see, and how long that took. */
  function see(form: BodyForm, body: Uint8Array) {
    const started = now()
    const drawing = readDrawing(form, body, inflate)
    const decoded = now()
    try {
      const input = preprocess(drawing)
      return { input, decode: decoded - started, preprocess: now() - decoded }
    } finally {
      release(drawing)
    }
  }

  async function one(form: BodyForm, body: Uint8Array, gone: () => boolean, model?: string, samples?: number) {
    const received = now()
    const first = await work.enqueue(() => {
      const { input, ...times } = see(form, body)
      const { id } = recognizer.load(model)
      const loaded = now()
      const begun = samples === undefined ? recognizer.recognize(input, id) : recognizer.sampling(input, samples, id)
      return { input, times, begun, infer: now() - loaded }
    })
    const { input, times, begun } = first
    const { answer, took } = 'left' in begun ? await sampleInTurns(begun, work, gone, now) : { answer: begun, took: 0 }
    return { input, answer, timing: timing(times, first.infer + took, now() - received) }
  }

  // One piece of work per model, so that others get their turn in between.
  async function every(form: BodyForm, body: Uint8Array, gone: () => boolean) {
    const received = now()
    const { input, ...times } = await work.enqueue(() => see(form, body))
    const broken = recognizer.broken().map(({ id, problem }): ModelAnswer => ({ model: id, problem }))
    const answers: ModelAnswer[] = []
    await work.slowly(async (turn) => {
      for (const { id } of recognizer.cards()) {
        if (gone()) return // nobody waits for the rest
        answers.push(await turn(() => ask(recognizer, id, input, now)))
      }
    })
    const infer = answers.reduce((sum, answer) => sum + ('time' in answer ? answer.time : 0), 0)
    return { input, answer: { answers: [...answers, ...broken] }, timing: timing(times, infer, now() - received) }
  }

  return new Hono<{ Bindings: Client }>().post('/api/v1/predict', async (c) => {
    const model = c.req.query('model')
    const samples = readSamples(c.req.query('samples'))
    const cost = model === ALL ? recognizer.cards().length / MODELS_PER_TOKEN : 1 + (samples ?? 0) / SAMPLES_PER_TOKEN
    work.admit(c.env.address, Math.ceil(cost) || 1)
    if (model === ALL && samples !== undefined) {
      throw new InputError(422, 'bad_samples', 'samples can be asked of one model at a time')
    }
    const form = bodyForm(c.req.header('content-type'))
    if (form === undefined) throw await unreadable(c.req.raw)
    await work.room()
    const body = await readBody(c.req.raw, form.limit)
    const gone = () => c.req.raw.signal.aborted // made when it is asked for, which one quick answer never does
    const { input, answer, timing } =
      model === ALL ? await every(form, body, gone) : await one(form, body, gone, model, samples)
    work.answered()
    const id = crypto.randomUUID()
    const said = 'answers' in answer ? usual(answer.answers, recognizer) : answer
    if (said) {
      const { model, version, digit, confidence } = said
      const [{ key: network }] = networkShares(c.env.address)
      asked.remember(id, { network, form: form.type, body, input, model, version, answer: digit, confidence })
    }
    const response: PredictResponse | PredictAllResponse = {
      id,
      ...answer,
      ...(c.req.query('input') === '1' && { input: [...input] }),
      timing,
    }
    return new Response(JSON.stringify(response), { headers: HEADERS })
  })
}

/** What one of all models says; that it cannot be loaded is its answer. */
function ask(recognizer: Recognizer, id: string, input: Uint8Array, now: () => number): ModelAnswer {
  try {
    recognizer.load(id)
    const loaded = now()
    const { model, version, digit, confidence, probabilities } = recognizer.recognize(input, id)
    return { model, version, digit, confidence, probabilities, time: milliseconds(now() - loaded) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { model: id, problem: recognizer.broken().find((one) => one.id === id)?.problem ?? error.message }
  }
}

// What the model says that answers when none is named: a correction is of that.
function usual(answers: readonly ModelAnswer[], { defaultModel }: Recognizer) {
  const able = answers.filter((answer) => 'digit' in answer)
  return able.find(({ model }) => model === defaultModel) ?? able[0]
}

// NaN for what is no number: the recogniser refuses that, once the request has been counted.
function readSamples(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
}

async function unreadable(request: Request): Promise<InputError> {
  return (await isEmpty(request))
    ? new InputError(400, 'empty_body', 'the body is empty, a PNG or JSON was expected')
    : new InputError(415, 'bad_content_type', 'the Content-Type must be image/png or application/json')
}

function timing(times: { readonly decode: number; readonly preprocess: number }, infer: number, total: number) {
  return {
    decode: milliseconds(times.decode),
    preprocess: milliseconds(times.preprocess),
    infer: milliseconds(infer),
    total: milliseconds(total),
  }
}

// to a microsecond: more digits than that are noise
function milliseconds(duration: number): number {
  return Math.round(duration * 1000) / 1000
}
