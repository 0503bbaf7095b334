/** POST /api/v1/predict: a drawing in, a digit out; from one model, or from every one. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import { ALL_MODELS, type ModelAnswer, type PredictAllResponse, type PredictResponse } from '../../../core/protocol.ts'
import type { Recognizer } from '../../../core/recognizer.ts'
import type { PendingPredictions } from '../../corrections/pending.ts'
import { answerJson } from '../answer.ts'
import { BODY_LIMIT } from '../bodies/drawing.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { networkShares } from '../limits/network.ts'
import { createPredictions } from '../predictions.ts'
import { SAMPLES_PER_TOKEN } from '../sampling.ts'

/** Models of one request that count as one prediction: decoding is done once for all. */
const MODELS_PER_TOKEN = 4

export function predictRoutes(
  deps: Deps,
  admission: Admission,
  pending: PendingPredictions,
): Hono<{ Bindings: Client }> {
  const { recognizer, now } = deps
  const { byOneModel, byEveryModel } = createPredictions(deps, admission)

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
