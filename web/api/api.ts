/** What is asked of the phone: its models and their weights, how it is, and its answers to drawings. */

import type {
  BenchmarkResponse,
  ModelsResponse,
  PredictAllResponse,
  PredictResponse,
  SystemResponse,
} from '../../core/protocol.ts'
import type { Question } from '../answers/phone.ts'
import { PATIENCE, type Reply, request } from './request.ts'

/** The models that can be asked. */
export function fetchModels(): Promise<Reply<ModelsResponse>> {
  return request('api/v1/models', {}, async (response) => {
    const body = (await response.json()) as ModelsResponse
    return Array.isArray(body.models) && body.models.length > 0 ? body : undefined
  })
}

/** The card of a model, as JSON. */
export function fetchCard(model: string): Promise<Reply<unknown>> {
  return request(`api/v1/models/${model}`, {}, (response) => response.json())
}

/**
 * The weights of a model: those with this SHA-256 or none, so that the browser may keep them for good.
 * @param progress told how many bytes have come
 */
export function fetchWeights(
  model: string,
  sha256: string,
  progress: (received: number) => void,
): Promise<Reply<Uint8Array<ArrayBuffer>>> {
  return fetchBytes(`api/v1/models/${model}/weights?sha256=${sha256}`, progress)
}

/** Any file of the phone, however long it takes while bytes keep coming. */
export function fetchBytes(
  path: string,
  progress: (received: number) => void = () => {},
): Promise<Reply<Uint8Array<ArrayBuffer>>> {
  return request(path, {}, async (response, alive) => {
    const parts: Uint8Array<ArrayBuffer>[] = []
    let received = 0
    const reader = response.body?.getReader()
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      alive()
      parts.push(part.value)
      received += part.value.length
      progress(received)
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer())
  })
}

/** How the phone is. */
export function fetchSystem(signal: AbortSignal): Promise<Reply<SystemResponse>> {
  return request('api/v1/system', { signal }, async (response) => {
    const body = (await response.json()) as SystemResponse
    return body.name === 'inkling' ? body : undefined
  })
}

/** How fast the phone is, which it measures when it is first asked. */
export function fetchBenchmark(): Promise<Reply<BenchmarkResponse>> {
  return request('api/v1/benchmark', {}, async (response) => {
    const body = (await response.json()) as BenchmarkResponse
    return typeof body.state === 'string' ? body : undefined
  })
}

/** The phone's own answer to a picture: a PNG, or strokes as JSON, the type says which. */
export function predict(question: Question, signal: AbortSignal): Promise<Reply<PredictResponse>> {
  const { body, model, samples } = question
  const query = String(new URLSearchParams({ ...(model && { model }), ...(samples && { samples: String(samples) }) }))
  const patience = samples ? PATIENCE.many : PATIENCE.one
  return request(`api/v1/predict${query && `?${query}`}`, post(body, signal), read, patience)

  async function read(response: Response): Promise<PredictResponse | undefined> {
    const answer = (await response.json()) as PredictResponse
    return Array.isArray(answer.probabilities) && answer.probabilities.length === 10 ? answer : undefined
  }
}

/** The answers of all the phone's models. */
export function predictAll(body: Blob, signal: AbortSignal): Promise<Reply<PredictAllResponse>> {
  const read = async (response: Response): Promise<PredictAllResponse | undefined> => {
    const all = (await response.json()) as PredictAllResponse
    return Array.isArray(all.answers) ? all : undefined
  }
  return request('api/v1/predict?model=all', post(body, signal), read, PATIENCE.many)
}

function post(body: Blob, signal: AbortSignal): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': body.type }, body, signal }
}
