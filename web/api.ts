/** Talks to the phone: every request ends in a Reply, never in an exception, and never hears nothing for longer than PATIENCE. */

import type { ModelsResponse, PredictAllResponse, PredictResponse, Problem, SystemResponse } from '../core/protocol.ts'
import type { Question } from './phone.ts'

/** What came of a request. */
export type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The phone answered, and refused. `retryAfter` in s, where it named one. */
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly code: string
      readonly detail: string
      readonly retryAfter?: number
    }
  /** Nobody answered, or somebody else did. */
  | { readonly kind: 'unreachable' }
  /** The caller withdrew it. */
  | { readonly kind: 'aborted' }

// ms without a byte; an old phone that is also training may take seconds, and it computes longer for many answers at once
const PATIENCE = { one: 10_000, many: 60_000 } as const

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

/** Runs one request; `read` gives undefined for a body that no Inkling would send, and calls `alive` when some of it came. */
async function request<T>(
  path: string,
  init: RequestInit,
  read: (response: Response, alive: () => void) => Promise<T | undefined>,
  patience: number = PATIENCE.one,
): Promise<Reply<T>> {
  // AbortSignal.timeout and .any are younger than the browsers this is for.
  const controller = new AbortController()
  const withdraw = (): void => controller.abort()
  init.signal?.addEventListener('abort', withdraw)
  let timer = setTimeout(withdraw, patience)
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(withdraw, patience)
  }
  try {
    if (init.signal?.aborted) return { kind: 'aborted' }
    const response = await fetch(path, { ...init, signal: controller.signal })
    if (!response.ok) return await refusal(response)
    const value = await read(response, alive)
    return value === undefined ? { kind: 'unreachable' } : { kind: 'ok', value }
  } catch {
    return { kind: init.signal?.aborted ? 'aborted' : 'unreachable' }
  } finally {
    clearTimeout(timer)
    init.signal?.removeEventListener('abort', withdraw)
  }
}

async function refusal(response: Response): Promise<Reply<never>> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return {
    kind: 'refused',
    status: response.status,
    code: problem.code ?? 'unknown',
    detail: problem.detail ?? `status ${response.status}`,
    ...(Number.isFinite(seconds) && { retryAfter: Math.min(Math.max(seconds, 0), 3600) }),
  }
}
