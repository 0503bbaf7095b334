/** POST /api/v1/predict: a drawing in, a digit out; from one model, or from every one. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import { ALL_MODELS, type ModelAnswer, type PredictAllResponse, type PredictResponse } from '../../../core/protocol.ts'
import { prepareDrawing, type Recognizer } from '../../../core/recognizer.ts'
import type { PendingPredictions } from '../../corrections/pending.ts'
import { answerJson } from '../answer.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { type BodyForm, bodyForm, readDrawing } from '../drawing.ts'
import { isEmpty, readBody } from '../limits/body.ts'
import { networkShares } from '../limits/network.ts'
import { SAMPLES_PER_TOKEN, sampleInTurns } from '../sampling.ts'

/** Models of one request that count as one prediction: decoding is done once for all. */
const MODELS_PER_TOKEN = 4

export function predictRoutes(
  { recognizer, inflate, now }: Deps,
  admission: Admission,
  pending: PendingPredictions,
): Hono<{ Bindings: Client }> {
  async function byOneModel(
    address: string,
    form: BodyForm,
    body: Uint8Array,
    clientLeft: () => boolean,
    model?: string,
    samples?: number,
  ) {
    const received = now()
    const read = () => readDrawing(form, body, inflate)
    const started = await admission.enqueue(address, () => recognizer.recognizeDrawing(read, { model, samples, now }))
    const { recognition, took } = await sampleInTurns(started.sampling, admission, address, clientLeft, now)
    return {
      input: started.input,
      answer: recognition,
      timing: timing(started, started.infer + took, now() - received),
    }
  }

  // One piece of work per model, so that others get their turn in between.
  async function byEveryModel(address: string, form: BodyForm, body: Uint8Array, clientLeft: () => boolean) {
    const received = now()
    const prepared = await admission.enqueue(address, () => prepareDrawing(() => readDrawing(form, body, inflate), now))
    const { input } = prepared
    const broken = recognizer.broken().map(({ id, problem }): ModelAnswer => ({ model: id, problem }))
    const answers: ModelAnswer[] = []
    await admission.slowly(address, async (turn) => {
      for (const { id } of recognizer.cards()) {
        if (clientLeft()) return // nobody waits for the rest
        answers.push(await turn(() => answerOf(recognizer, id, input, now)))
      }
    })
    const infer = answers.reduce((sum, answer) => sum + ('time' in answer ? answer.time : 0), 0)
    return { input, answer: { answers: [...answers, ...broken] }, timing: timing(prepared, infer, now() - received) }
  }

  return new Hono<{ Bindings: Client }>().post('/api/v1/predict', async (c) => {
    const { address } = c.env
    const model = c.req.query('model')
    const samples = readSamples(c.req.query('samples'))
    const cost =
      model === ALL_MODELS ? recognizer.cards().length / MODELS_PER_TOKEN : 1 + (samples ?? 0) / SAMPLES_PER_TOKEN
    admission.admit(address, Math.ceil(cost) || 1)
    if (model === ALL_MODELS && samples !== undefined) {
      throw new InputError(422, 'bad_samples', 'samples can be asked of one model at a time')
    }
    const form = bodyForm(c.req.header('content-type'))
    if (form === undefined) throw await unreadable(c.req.raw)
    admission.room(address)
    const body = await readBody(c.req.raw, form.limit)
    const clientLeft = () => c.req.raw.signal.aborted // the signal is made when it is first read, which a quick answer never does
    const { input, answer, timing } =
      model === ALL_MODELS
        ? await byEveryModel(address, form, body, clientLeft)
        : await byOneModel(address, form, body, clientLeft, model, samples)
    admission.answered()
    const id = crypto.randomUUID()
    const correctable = 'answers' in answer ? defaultAnswer(answer.answers, recognizer) : answer
    if (correctable) {
      const { model, version, digit, confidence } = correctable
      const [{ key: network }] = networkShares(address)
      pending.remember(id, { network, form: form.type, body, input, model, version, answer: digit, confidence })
    }
    const response: PredictResponse | PredictAllResponse = {
      id,
      ...answer,
      ...(c.req.query('input') === '1' && { input: [...input] }),
      timing,
    }
    return answerJson(response)
  })
}

/** The answer of one of all models, or why it cannot be used. */
function answerOf(recognizer: Recognizer, id: string, input: Uint8Array, now: () => number): ModelAnswer {
  try {
    const { sampling, infer } = recognizer.start(input, { model: id, now })
    const { model, version, digit, confidence, probabilities } = sampling.result()
    return { model, version, digit, confidence, probabilities, time: milliseconds(infer) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { model: id, problem: recognizer.broken().find((one) => one.id === id)?.problem ?? error.message }
  }
}

// The answer of the default model, for that is what a correction of this prediction is about.
function defaultAnswer(answers: readonly ModelAnswer[], { defaultModel }: Recognizer) {
  const able = answers.filter((answer) => 'digit' in answer)
  return able.find(({ model }) => model === defaultModel) ?? able[0]
}

// NaN where it is no number: the recogniser refuses that, after the request has been counted.
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

// Rounded to a microsecond: further digits are noise.
function milliseconds(duration: number): number {
  return Math.round(duration * 1000) / 1000
}
