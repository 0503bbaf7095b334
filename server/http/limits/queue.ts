/** One piece of work at a time, and a short queue: between two pieces the server hears its sockets and signals. */

import { BusyError } from '../problem.ts'

/** Pieces of work that may wait. */
export const QUEUE = 16

/** How long one may wait, ms. */
const PATIENCE = 1000

/**
 * How long a refusal is held back, ms, and how many are at most: who asks again at once, whatever Retry-After says, would
 * otherwise be refused so often that nothing else gets done.
 */
const HELD_BACK = 2000
const HELD = 1024

/** Does a synchronous piece of work when it is its turn. */
export interface Queue {
  <Result>(work: () => Result): Promise<Result>
  /**
   * Whether fewer than QUEUE pieces wait, whatever the capacity: to be asked before a body is read, so that what is refused
   * takes no memory.
   * @throws BusyError 503 busy, after a while
   */
  room(): Promise<void>
}

interface Job {
  readonly since: number // ms
  readonly start: () => void
  readonly giveUp: () => void
}

/**
 * @param capacity pieces that may wait, Infinity for any number
 * @param now monotonic clock, ms
 * @param defer calls back once pending input and output has been dealt with
 * @returns does a synchronous piece of work, at once when none is under way; rejects with what it throws, or with
 *   BusyError 503 busy when too many wait or it has waited too long
 */
export function createQueue(capacity: number, now: () => number, defer: (task: () => void) => void): Queue {
  const waiting: Job[] = []
  let held = 0
  let busy = false

  function next(): void {
    const job = waiting.shift()
    busy = job !== undefined
    if (job) run(job)
  }

  function run(job: Job): void {
    if (now() - job.since > PATIENCE) job.giveUp()
    else job.start()
    defer(next)
  }

  const refusal = () => new BusyError(503, 'busy', 'more work is waiting than this server takes on')

  const enqueue = <Result>(work: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      const refused = () => reject(refusal())
      if (waiting.length >= capacity) return refused()
      const start = () => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      }
      const job: Job = { since: now(), start, giveUp: refused }
      if (busy) waiting.push(job)
      else {
        busy = true
        run(job)
      }
    })

  async function room(): Promise<void> {
    if (waiting.length < Math.min(capacity, QUEUE)) return
    if (held < HELD) {
      held++
      await new Promise((resolve) => setTimeout(resolve, HELD_BACK))
      held--
    }
    throw refusal()
  }

  return Object.assign(enqueue, { room })
}
