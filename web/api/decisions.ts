/** Requests by which the owner decides about corrections that are held back, and about who sent them. */

import type { SenderStanding, SenderSummary, SendersResponse } from '../../core/learning/decisions.ts'
import type { CorrectionSummary, CorrectionsResponse } from '../../core/protocol.ts'
import { bearer, command, type Reply, request } from './request.ts'

/** The newest corrections that are held back. */
export function fetchHeld(limit: number, token: string): Promise<Reply<readonly CorrectionSummary[]>> {
  const path = `api/v1/corrections?use=held&limit=${limit}`
  return request(path, { headers: bearer(token) }, async (response) => {
    const { corrections } = (await response.json()) as CorrectionsResponse
    return Array.isArray(corrections) ? corrections : undefined
  })
}

/** Who sent corrections, those with most held back first. */
export function fetchSenders(token: string): Promise<Reply<readonly SenderSummary[]>> {
  return request('api/v1/senders', { headers: bearer(token) }, async (response) => {
    const { senders } = (await response.json()) as SendersResponse
    return Array.isArray(senders) ? senders : undefined
  })
}

/** The drawing of a correction, a PNG. */
export function fetchPicture(id: string, token: string): Promise<Reply<Blob>> {
  return request(`api/v1/corrections/${id}/picture`, { headers: bearer(token) }, (response) => response.blob())
}

/** Has a correction count as the owner's. */
export function approve(id: string, token: string): Promise<Reply<unknown>> {
  return command('POST', `api/v1/corrections/${id}/approve`, token)
}

/** Approves all that a sender has held back. */
export function approveFrom(sender: number, token: string): Promise<Reply<unknown>> {
  return command('POST', 'api/v1/corrections/approve', token, { from: sender })
}

/** Trusts a sender, blocks it, or neither. */
export function setStanding(sender: number, standing: SenderStanding, token: string): Promise<Reply<unknown>> {
  return command('PUT', `api/v1/senders/${sender}`, token, { standing })
}

/** Ends what a rollback of a model holds back. */
export function resume(model: string, token: string): Promise<Reply<unknown>> {
  return command('POST', `api/v1/models/${model}/resume`, token)
}
