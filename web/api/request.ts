/** Runs requests to the phone. Each one ends in a Reply, never in an exception, and waits at most TIMEOUT for the next byte. */

import type { Problem } from '../../core/protocol.ts'
import { networkOptions, serverUrl } from './server.ts'

/** The result of a request. */
export type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The phone refused. `retryAfter` in s, where the phone sent it. */
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly code: string
      readonly detail: string
      readonly retryAfter?: number
    }
  /** No answer, or an answer that does not come from this program. */
  | { readonly kind: 'unreachable' }
  /** The caller withdrew it. */
  | { readonly kind: 'aborted' }

/** ms without a byte. An old phone that also trains may take seconds; many predictions at once take longer. */
export const TIMEOUT = { one: 10_000, many: 60_000 } as const

/**
 * Runs one request.
 * @param read parses the body: undefined for one that this program would not send. It calls `extend` for every part of a
 * long body, which restarts the timeout.
 * @param timeout ms without a byte
 */
export async function request<T>(
  path: string,
  init: RequestInit,
  read: (response: Response, extend: () => void) => Promise<T | undefined>,
  timeout: number = TIMEOUT.one,
): Promise<Reply<T>> {
  const url = serverUrl(path)
  if (url === undefined) return { kind: 'unreachable' }
  // Some of the supported browsers lack AbortSignal.timeout and AbortSignal.any.
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  init.signal?.addEventListener('abort', abort)
  let timer = setTimeout(abort, timeout)
  const extend = (): void => {
    clearTimeout(timer)
    timer = setTimeout(abort, timeout)
  }
  try {
    if (init.signal?.aborted) return { kind: 'aborted' }
    const response = await fetch(url, {
      ...init,
      ...networkOptions(),
      headers: marked(init),
      signal: controller.signal,
    })
    if (!response.ok) return await refusal(response)
    const value = await read(response, extend)
    return value === undefined ? { kind: 'unreachable' } : { kind: 'ok', value }
  } catch {
    return { kind: init.signal?.aborted ? 'aborted' : 'unreachable' }
  } finally {
    clearTimeout(timer)
    init.signal?.removeEventListener('abort', abort)
  }
}

// No other site can send this header unless the server has allowed it to. So the server knows its own page by it, also where a proxy
// has changed Host and the browser, over plain http, sends no Sec-Fetch-Site.
function marked({ method = 'GET', headers }: RequestInit): Headers {
  const all = new Headers(headers)
  if (method !== 'GET') all.set('X-Requested-With', 'Inkling')
  return all
}

/** The header that shows the owner's token; none for a visitor. */
export function bearer(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` }
}

/** Runs a request of the owner that changes something. */
export function command(method: string, path: string, token: string, body?: object): Promise<Reply<unknown>> {
  const headers = { ...bearer(token), ...(body && { 'Content-Type': 'application/json' }) }
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  return request(path, init, async () => true, TIMEOUT.many)
}

async function refusal(response: Response): Promise<Reply<never>> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return {
    kind: 'refused',
    status: response.status,
    code: problem.code ?? 'unknown',
    detail: problem.detail ?? `status ${response.status}`,
    ...(Number.isFinite(seconds) && { retryAfter: Math.min(Math.max(seconds, 0), 86_400) }),
  }
}
