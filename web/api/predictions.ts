/** The request for a prediction: of one model, or of all. */

import { CLASSES } from '../../core/data/dataset.ts'
import type { PredictAllResponse, PredictResponse } from '../../core/protocol.ts'
import { type Reply, request, TIMEOUT } from './request.ts'

/** What the phone is asked about a drawing. */
export interface Question {
  readonly revision: number // of the drawing
  readonly body: Blob // a PNG, or strokes as JSON; its type says which
  readonly model?: string | undefined // the phone's default where undefined
  readonly samples?: number | undefined // passes with dropout to average; undefined for one pass without dropout
}

/** The phone's own prediction. */
export function predict(question: Question, signal: AbortSignal): Promise<Reply<PredictResponse>> {
  const { body, model, samples } = question
  const query = String(new URLSearchParams({ ...(model && { model }), ...(samples && { samples: String(samples) }) }))
  const timeout = samples ? TIMEOUT.many : TIMEOUT.one
  return request(`api/v1/predict${query && `?${query}`}`, post(body, signal), read, timeout)

  async function read(response: Response): Promise<PredictResponse | undefined> {
    const answer = (await response.json()) as PredictResponse
    return Array.isArray(answer.probabilities) && answer.probabilities.length === CLASSES ? answer : undefined
  }
}

/** The predictions of all the phone's models. */
export function predictAll(body: Blob, signal: AbortSignal): Promise<Reply<PredictAllResponse>> {
  const read = async (response: Response): Promise<PredictAllResponse | undefined> => {
    const all = (await response.json()) as PredictAllResponse
    return Array.isArray(all.answers) ? all : undefined
  }
  return request('api/v1/predict?model=all', post(body, signal), read, TIMEOUT.many)
}

function post(body: Blob, signal: AbortSignal): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': body.type }, body, signal }
}
