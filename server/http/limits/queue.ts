/** Does one piece of work at a time, from a short queue. Between two pieces the server handles its sockets and signals. */

import { BusyError } from '../problem.ts'

/** Pieces of work that may wait. */
export const QUEUE = 16

/** Longest wait of a piece, ms. */
const LONGEST_WAIT = 1000

/**
 * Time by which a refusal is delayed, ms, and the number of refusals that are delayed at most. Clients that ask again at once,
 * whatever Retry-After says, would otherwise keep the server busy with refusals.
 */
const REFUSAL_DELAY = 2000
const MOST_DELAYED = 1024

/** Does a synchronous piece of work when it is its turn. */
export interface Queue {
  <Result>(work: () => Result): Promise<Result>
  /**
   * Resolves where fewer than QUEUE pieces wait, whatever the capacity. Call it before a body is read, so that a refused request
   * takes no memory.
   * @throws BusyError 503 busy, after REFUSAL_DELAY
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
 * @param defer calls back after pending input and output has been handled
 * @returns does a synchronous piece of work, at once where none is under way. Rejects with the error of the piece, or with
 *   BusyError 503 busy where too many wait or it has waited too long
 */
export function createQueue(capacity: number, now: () => number, defer: (task: () => void) => void): Queue {
  const waiting: Job[] = []
  let delayed = 0
  let busy = false

  function next(): void {
    const job = waiting.shift()
    busy = job !== undefined
    if (job) run(job)
  }

  function run(job: Job): void {
    if (now() - job.since > LONGEST_WAIT) job.giveUp()
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
    if (delayed < MOST_DELAYED) {
      delayed++
      await new Promise((resolve) => setTimeout(resolve, REFUSAL_DELAY))
      delayed--
    }
    throw refusal()
  }

  return Object.assign(enqueue, { room })
}
