/** Requests about models: which there are, their cards, weights and versions. */

import type { ModelsResponse, VersionsResponse } from '../../core/protocol.ts'
import { type Reply, request } from './request.ts'

/** The models that can be asked for a prediction. */
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

/** The versions of a model. */
export function fetchVersions(model: string): Promise<Reply<VersionsResponse>> {
  return request(`api/v1/models/${model}/versions`, {}, async (response) => {
    const history = (await response.json()) as VersionsResponse
    return Array.isArray(history.versions) ? history : undefined
  })
}

/**
 * The weights of a model with this SHA-256, and no others. The browser may therefore cache them without limit.
 * @param progress called with the number of bytes received so far
 */
export function fetchWeights(
  model: string,
  sha256: string,
  progress: (received: number) => void,
): Promise<Reply<Uint8Array<ArrayBuffer>>> {
  return fetchBytes(`api/v1/models/${model}/weights?sha256=${sha256}`, progress)
}

/** Any file of the phone. It may take any time while bytes keep coming. */
export function fetchBytes(
  path: string,
  progress: (received: number) => void = () => {},
): Promise<Reply<Uint8Array<ArrayBuffer>>> {
  return request(path, {}, async (response, extend) => {
    const parts: Uint8Array<ArrayBuffer>[] = []
    let received = 0
    const reader = response.body?.getReader()
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      extend()
      parts.push(part.value)
      received += part.value.length
      progress(received)
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer())
  })
}
