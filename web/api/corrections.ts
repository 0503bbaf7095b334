/** Requests that store a correction on the phone, or delete it there. */

import type { CorrectionRequest, CorrectionResponse } from '../../core/protocol.ts'
import { bearer, type Reply, request } from './request.ts'

/**
 * Stores a correction. It is on the phone's disk when the reply is 'ok'.
 * @param key names this correction, so that the phone stores it once although it may arrive twice
 * @param token of the owner, whose corrections are not doubted
 */
export function correct(
  body: CorrectionRequest,
  key: string,
  signal: AbortSignal,
  token: string | undefined,
): Promise<Reply<CorrectionResponse>> {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...bearer(token) }
  const init = { method: 'POST', headers, body: JSON.stringify(body), signal }
  return request('api/v1/corrections', init, async (response) => {
    const stored = (await response.json()) as CorrectionResponse
    return typeof stored.id === 'string' ? stored : undefined
  })
}

/** Deletes a correction. Visitors may delete their own, the owner any. */
export function withdraw(id: string, signal: AbortSignal, token: string | undefined): Promise<Reply<unknown>> {
  return request(`api/v1/corrections/${id}`, { method: 'DELETE', headers: bearer(token), signal }, async () => true)
}
