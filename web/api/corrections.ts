/** What is asked of the phone about learning: to keep a correction or forget it, how it learns, and what only its owner may. */

import type {
  CorrectionRequest,
  CorrectionResponse,
  ModelSummary,
  TrainingResponse,
  VersionsResponse,
} from '../../core/protocol.ts'
import { PATIENCE, type Reply, request } from './request.ts'

/**
 * Teaches. It is on the phone's disk when this is answered.
 * @param key names this correction, so that sent twice over a bad network it is kept once
 * @param token of the owner, who is believed
 */
export function correct(
  body: CorrectionRequest,
  key: string,
  signal: AbortSignal,
  token: string | undefined,
): Promise<Reply<CorrectionResponse>> {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...bearer(token) }
  return request(
    'api/v1/corrections',
    { method: 'POST', headers, body: JSON.stringify(body), signal },
    async (response) => {
      const kept = (await response.json()) as CorrectionResponse
      return typeof kept.id === 'string' ? kept : undefined
    },
  )
}

/** Makes the phone forget a correction: one's own, the owner any. */
export function takeBack(id: string, signal: AbortSignal, token: string | undefined): Promise<Reply<unknown>> {
  return request(`api/v1/corrections/${id}`, { method: 'DELETE', headers: bearer(token), signal }, async () => true)
}

/** How learning stands. */
export function fetchTraining(): Promise<Reply<TrainingResponse>> {
  return request('api/v1/training', {}, async (response) => {
    const training = (await response.json()) as TrainingResponse
    return Array.isArray(training.rounds) ? training : undefined
  })
}

/** Which versions of a model there were. */
export function fetchVersions(model: string): Promise<Reply<VersionsResponse>> {
  return request(`api/v1/models/${model}/versions`, {}, async (response) => {
    const history = (await response.json()) as VersionsResponse
    return Array.isArray(history.versions) ? history : undefined
  })
}

/** Whether a token is the owner's: asks for something only the owner is told. */
export function tryToken(token: string): Promise<Reply<unknown>> {
  return request('api/v1/corrections?limit=1', { headers: bearer(token) }, async () => true)
}

/** Makes another version of a model answer. */
export function rollBack(model: ModelSummary['id'], version: number, token: string): Promise<Reply<unknown>> {
  return command('POST', `api/v1/models/${model}/rollback`, token, { version })
}

/** Starts a round of learning. */
export function startRound(model: ModelSummary['id'], token: string): Promise<Reply<unknown>> {
  return command('POST', 'api/v1/training', token, { model })
}

/** Stops the round of learning under way. */
export function stopRound(token: string): Promise<Reply<unknown>> {
  return command('DELETE', 'api/v1/training', token)
}

function command(method: string, path: string, token: string, body?: object): Promise<Reply<unknown>> {
  const headers = { ...bearer(token), ...(body && { 'Content-Type': 'application/json' }) }
  return request(
    path,
    { method, headers, ...(body && { body: JSON.stringify(body) }) },
    async () => true,
    PATIENCE.many,
  )
}

function bearer(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` }
}
