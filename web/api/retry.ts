/** When to repeat a request that failed: pauses that grow, and that end early when the network or the visitor comes back. */

import type { Reply } from './request.ts'

const LONGEST_DELAY = 15_000 // ms

/** Pause after `failures` in a row (from 1), ms: 1, 2, 4, 8, then 15 s, reduced by up to 20 % at random. */
export function retryDelay(failures: number, random: () => number = Math.random): number {
  return Math.min(1000 * 2 ** (failures - 1), LONGEST_DELAY) * (1 - 0.2 * random())
}

/** The pause the phone asked for, ms, at least 1; undefined where it named none. */
export function requestedPause(reply: Reply<unknown>): number | undefined {
  if (reply.kind !== 'refused' || reply.retryAfter === undefined) return undefined
  return Math.max(reply.retryAfter * 1000, 1)
}

/** Whether waiting may help: the phone is away, asks for a pause or has a fault of its own. A broken model stays broken. */
export function isTemporary(reply: Reply<unknown>): boolean {
  if (reply.kind !== 'refused') return reply.kind === 'unreachable'
  return reply.status === 429 || (reply.status >= 500 && reply.code !== 'broken_model')
}

/** Calls `wake` when the network is back or the page is visible again. */
export function onReturn(wake: () => void): void {
  addEventListener('online', wake)
  addEventListener('pageshow', wake)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake()
  })
}

const pauses = new Set<() => void>()

/** Ends all pauses of `withRetries` now. */
export function retryAllNow(): void {
  for (const wake of [...pauses]) wake()
}

/**
 * Repeats a request until it succeeds.
 * @param waiting called with every temporary failure, before the pause
 * @throws Error when waiting does not help
 */
export async function withRetries<T>(
  send: () => Promise<Reply<T>>,
  waiting: (reply: Reply<T>) => void = () => {},
): Promise<T> {
  for (let failures = 1; ; failures++) {
    const reply = await send()
    if (reply.kind === 'ok') return reply.value
    if (!isTemporary(reply)) throw new Error(reply.kind === 'refused' ? reply.detail : 'the request was withdrawn')
    waiting(reply)
    const pause = reply.kind === 'refused' && reply.retryAfter ? reply.retryAfter * 1000 : retryDelay(failures)
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        pauses.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, pause)
      pauses.add(wake)
    })
  }
}
