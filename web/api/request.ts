/** Runs requests to the phone: each ends in a Reply, never in an exception, and never hears nothing for longer than PATIENCE. */

import type { Problem } from '../../core/protocol.ts'

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
export const PATIENCE = { one: 10_000, many: 60_000 } as const

/** Runs one request; `read` gives undefined for a body that no Inkling would send, and calls `alive` when some of it came. */
export async function request<T>(
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
    ...(Number.isFinite(seconds) && { retryAfter: Math.min(Math.max(seconds, 0), 86_400) }),
  }
}
