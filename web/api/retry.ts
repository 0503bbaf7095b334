/** How long to wait before asking again, and a wait that ends early when asking again makes sense. */

import type { Reply } from './request.ts'

const LONGEST = 15_000 // ms

/** Pause before the next try after `failures` in a row (from 1), ms: 1, 2, 4, 8, then 15 s; a little less by chance. */
export function pauseAfter(failures: number, random: () => number = Math.random): number {
  return Math.min(1000 * 2 ** (failures - 1), LONGEST) * (1 - 0.2 * random())
}

/** Whether the answer may change by waiting: nobody there, asked to wait, or the phone's own fault, but no broken model. */
export function isTemporary(reply: Reply<unknown>): boolean {
  if (reply.kind !== 'refused') return reply.kind === 'unreachable'
  return reply.status === 429 || (reply.status >= 500 && reply.code !== 'broken_model')
}

/** Calls `wake` when the network comes back or the page is looked at again. */
export function onReturn(wake: () => void): void {
  addEventListener('online', wake)
  addEventListener('pageshow', wake)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake()
  })
}

const sleepers = new Set<() => void>()

/** Ends all waits of `persist` now. */
export function wakeAll(): void {
  for (const wake of [...sleepers]) wake()
}

/**
 * Asks until there is an answer, for as long as that takes.
 * @param waiting told of every failure, before the pause
 * @throws Error when waiting will not help
 */
export async function persist<T>(
  ask: () => Promise<Reply<T>>,
  waiting: (reply: Reply<T>) => void = () => {},
): Promise<T> {
  for (let failures = 1; ; failures++) {
    const reply = await ask()
    if (reply.kind === 'ok') return reply.value
    if (!isTemporary(reply)) throw new Error(reply.kind === 'refused' ? reply.detail : 'the request was withdrawn')
    waiting(reply)
    const pause = reply.kind === 'refused' && reply.retryAfter ? reply.retryAfter * 1000 : pauseAfter(failures)
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        sleepers.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, pause)
      sleepers.add(wake)
    })
  }
}
