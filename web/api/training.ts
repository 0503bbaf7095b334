/** Requests about the phone's training: its state, and what only the owner may do. */

import type { TrainingResponse } from '../../core/protocol.ts'
import { bearer, command, type Reply, request } from './request.ts'

/** The state of training. */
export function fetchTraining(): Promise<Reply<TrainingResponse>> {
  return request('api/v1/training', {}, async (response) => {
    const training = (await response.json()) as TrainingResponse
    return Array.isArray(training.rounds) ? training : undefined
  })
}

/** Whether a token is the owner's: requests something that only the owner may read. */
export function tryToken(token: string): Promise<Reply<unknown>> {
  return request('api/v1/corrections?limit=1', { headers: bearer(token) }, async () => true)
}

/** Makes the phone serve another version of a model. */
export function rollBack(model: string, version: number, token: string): Promise<Reply<unknown>> {
  return command('POST', `api/v1/models/${model}/rollback`, token, { version })
}

/** Starts a round of learning. */
export function startRound(model: string, token: string): Promise<Reply<unknown>> {
  return command('POST', 'api/v1/training', token, { model })
}

/** Stops the current round of learning. */
export function stopRound(token: string): Promise<Reply<unknown>> {
  return command('DELETE', 'api/v1/training', token)
}
