/**
 * The slow lane of the work queue: requests that are many pieces of work take turns among themselves and have one place in
 * the queue together, so that whoever asks for a single prediction waits for one piece of theirs at most.
 */

import { BusyError } from '../problem.ts'

/** Slow requests that may be under way at once. */
export const LANE = 8

/** Does a piece of work when it is its turn. */
export type Enqueue = <Result>(work: () => Result) => Promise<Result>

/**
 * @param enqueue puts a piece of work into the queue
 * @param capacity slow requests that may be under way, Infinity for any number
 * @returns runs a request that does its pieces by the `turn` it is given; rejects with what it throws, or with BusyError
 *   503 busy when too many are under way
 */
export function createLane(enqueue: Enqueue, capacity: number) {
  let underway = 0
  let last: Promise<unknown> = Promise.resolve()

  const turn: Enqueue = (work) => {
    const mine = last.then(() => enqueue(work))
    last = mine.catch(() => {}) // whose piece failed is told so; the next one's turn comes all the same
    return mine
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
