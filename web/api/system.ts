/** Requests about the phone itself: its state and its speed. */

import type { BenchmarkResponse, SystemResponse } from '../../core/protocol.ts'
import { type Reply, request } from './request.ts'

/** The state of the phone. */
export function fetchSystem(signal: AbortSignal): Promise<Reply<SystemResponse>> {
  return request('api/v1/system', { signal }, async (response) => {
    const body = (await response.json()) as SystemResponse
    return body.name === 'inkling' ? body : undefined
  })
}

/** The speed of the phone. The first request makes the phone measure itself. */
export function fetchBenchmark(): Promise<Reply<BenchmarkResponse>> {
  return request('api/v1/benchmark', {}, async (response) => {
    const body = (await response.json()) as BenchmarkResponse
    return typeof body.state === 'string' ? body : undefined
  })
}
