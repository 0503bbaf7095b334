/**
 * The slow lane of the work queue. Requests that are many pieces of work take turns and have one place in the queue together,
 * so that a single prediction waits for one of their pieces at most.
 */

import { BusyError } from '../problem.ts'

/** Slow requests that may be under way at once. */
export const LANE = 8

/** Does a piece of work when it is its turn. */
export type Enqueue = <Result>(work: () => Result) => Promise<Result>

/**
 * @param enqueue puts a piece of work into the queue
 * @param capacity slow requests that may be under way, Infinity for any number
 * @returns runs a request, which does each of its pieces through `turn`. Rejects with the error of the request, or with
 *   BusyError 503 busy where too many are under way
 */
export function createLane(enqueue: Enqueue, capacity: number) {
  let underway = 0
  let last: Promise<unknown> = Promise.resolve()

  const turn: Enqueue = (work) => {
    const result = last.then(() => enqueue(work))
    last = result.catch(() => {}) // a piece that failed rejects its own request; the next piece gets its turn anyway
    return result
  }

  return async <Result>(request: (turn: Enqueue) => Promise<Result>): Promise<Result> => {
    if (underway >= capacity) throw new BusyError(503, 'busy', 'too many long requests are under way', 2)
    underway++
    try {
      return await request(turn)
    } finally {
      underway--
    }
  }
}
