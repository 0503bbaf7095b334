/** POST /api/v1/predict: a drawing in, a digit out; from one model, or from every one. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import { ALL_MODELS, type ModelAnswer, type PredictAllResponse, type PredictResponse } from '../../../core/protocol.ts'
import { prepareDrawing, type Recognizer } from '../../../core/recognizer.ts'
import type { PendingPredictions } from '../../corrections/pending.ts'
import { answerJson } from '../answer.ts'
import { decodeDrawing, pictureReader } from '../bodies/decoding.ts'
import { BODY_LIMIT, readDrawing } from '../bodies/drawing.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import type { Body } from '../limits/body.ts'
import { networkShares } from '../limits/network.ts'
import { SAMPLES_PER_TOKEN, sampleInTurns } from '../sampling.ts'
import { sentMilliseconds, timing } from '../timing.ts'

/** Models of one request that count as one prediction: decoding is done once for all. */
const MODELS_PER_TOKEN = 4

/** A request whose body was read. */
interface Received {
  readonly address: string
  readonly contentType: string | undefined
  readonly body: Body
  readonly at: number // ms
  readonly clientLeft: () => boolean
}

export function predictRoutes(
  deps: Deps,
  admission: Admission,
  pending: PendingPredictions,
): Hono<{ Bindings: Client }> {
  const { recognizer, now } = deps

  const decode = ({ address, contentType, body }: Received) =>
    decodeDrawing(readDrawing(contentType, body.bytes, pictureReader(deps, admission, address)), body.release, now)

  async function byOneModel(received: Received, model?: string, samples?: number) {
    const { address, clientLeft, at } = received
    function* work() {
      const { raster, keepsake, decode: took } = yield* decode(received)
      return { ...recognizer.recognizeDrawing(() => raster, { model, samples, now }), decode: took, keepsake }
    }
    const started = await admission.inPieces(address, work(), clientLeft)
    const { input, keepsake, infer } = started
    const { recognition, took } = await sampleInTurns(started.sampling, admission, address, clientLeft, now)
    return { input, keepsake, answer: recognition, timing: timing(started, infer + took, now() - at) }
  }

  // One piece of work per model, so that others get their turn in between.
  async function byEveryModel(received: Received) {
    const { address, clientLeft, at } = received
    function* work() {
      const { raster, keepsake, decode: took } = yield* decode(received)
      return { ...prepareDrawing(() => raster, now), decode: took, keepsake }
    }
    const prepared = await admission.inPieces(address, work(), clientLeft)
    const { input, keepsake } = prepared
    const broken = recognizer.broken().map(({ id, problem }): ModelAnswer => ({ model: id, problem }))
    const answers: ModelAnswer[] = []
    await admission.slowly(address, async (turn) => {
      for (const { id } of recognizer.cards()) {
        if (clientLeft()) return // nobody waits for the rest
        answers.push(await turn(() => answerOf(recognizer, id, input, now)))
      }
    })
    const infer = answers.reduce((sum, answer) => sum + ('time' in answer ? answer.time : 0), 0)
    const times = timing(prepared, infer, now() - at)
    return { input, keepsake, answer: { answers: [...answers, ...broken] }, timing: times }
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
    admission.room(address)
    const body = await admission.read(address, c.req.raw, BODY_LIMIT)
    const clientLeft = () => c.req.raw.signal.aborted // the signal is made when it is first read, which a quick answer never does
    const received = { address, contentType: c.req.header('content-type'), body, at: now(), clientLeft }
    const work = model === ALL_MODELS ? byEveryModel(received) : byOneModel(received, model, samples)
    const { input, keepsake, answer, timing } = await work.finally(body.release)
    admission.answered()
    const id = crypto.randomUUID()
    const correctable = 'answers' in answer ? defaultAnswer(answer.answers, recognizer) : answer
    if (correctable) {
      const { model, version, digit, confidence } = correctable
      const [{ key: network }] = networkShares(address)
      pending.remember(id, { network, keepsake, input, model, version, answer: digit, confidence })
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
    const { model, version, digit, confidence, verdict, other, probabilities } = sampling.result()
    return { model, version, digit, confidence, verdict, other, probabilities, time: sentMilliseconds(infer) }
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
