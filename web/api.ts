/** Talks to the phone: every request ends in a Reply, never in an exception, and never lasts longer than TIMEOUT. */

import type { ModelsResponse, PredictResponse, Problem, SystemResponse } from '../core/protocol.ts'

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

const TIMEOUT = 10_000 // ms; an old phone that is also training may take seconds

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

/** The weights of a model, as a safetensors file. */
export function fetchWeights(model: string): Promise<Reply<Uint8Array<ArrayBuffer>>> {
  return fetchBytes(`api/v1/models/${model}/weights`)
}

/** Any file of the phone. */
export function fetchBytes(path: string): Promise<Reply<Uint8Array<ArrayBuffer>>> {
  return request(path, {}, async (response) => new Uint8Array(await response.arrayBuffer()))
}

/** How the phone is. */
export function fetchSystem(signal: AbortSignal): Promise<Reply<SystemResponse>> {
  return request('api/v1/system', { signal }, async (response) => {
    const body = (await response.json()) as SystemResponse
    return body.name === 'inkling' ? body : undefined
  })
}

/** The phone's own answer to a picture: a PNG, or strokes as JSON, the type says which. */
export function predict(body: Blob, signal: AbortSignal): Promise<Reply<PredictResponse>> {
  const init = { method: 'POST', headers: { 'Content-Type': body.type }, body, signal }
  return request('api/v1/predict', init, async (response) => {
    const body = (await response.json()) as PredictResponse
    return Array.isArray(body.probabilities) && body.probabilities.length === 10 ? body : undefined
  })
}

/** Runs one request; `read` gives undefined for a body that no Inkling would send. */
async function request<T>(
  path: string,
  init: RequestInit,
  read: (response: Response) => Promise<T | undefined>,
): Promise<Reply<T>> {
  // AbortSignal.timeout and .any are younger than the browsers this is for.
  const controller = new AbortController()
  const withdraw = (): void => controller.abort()
  init.signal?.addEventListener('abort', withdraw)
  const timer = setTimeout(withdraw, TIMEOUT)
  try {
    if (init.signal?.aborted) return { kind: 'aborted' }
    const response = await fetch(path, { ...init, signal: controller.signal })
    if (!response.ok) return await refusal(response)
    const value = await read(response)
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
