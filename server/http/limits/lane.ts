/**
 * The slow lane of the work queue. Requests that are many pieces of work take turns and have one place in the queue together,
 * so that a single prediction waits for one of their pieces at most.
 */

import { BusyError } from '../problem.ts'
import { widestNetwork } from './network.ts'
import type { Work } from './queue.ts'

/** Slow requests that may be under way at once. */
export const LANE = 8

/** Does a piece of work when it is its turn. */
export type Enqueue = <Result>(work: Work<Result>) => Promise<Result>

/** Runs the slow request of a client, which does each of its pieces through `turn`. */
export type Lane = <Result>(address: string, request: (turn: Enqueue) => Promise<Result>) => Promise<Result>

interface Slow {
  readonly network: string
  shed: boolean // does no further piece
}

/**
 * @param enqueue puts a piece of work into the queue
 * @param capacity slow requests that may be under way, Infinity for any number
 * @param width pieces that may be in the queue or under way at once: one, or one for each thread
 * @returns runs a request. Rejects with the error of the request, or with BusyError 503 busy where too many are under way: the
 *   client network with most of them ends its newest one for a network that has fewer
 */
export function createLane(enqueue: Enqueue, capacity: number, width = 1): Lane {
  const underway = new Set<Slow>() // in the order in which they began
  const waiting: (() => void)[] = [] // for their turns
  let free = width

  const refusal = () => new BusyError(503, 'busy', 'too many long requests are under way', 2)

  const turn: Enqueue = async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await enqueue(work)
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }

  function admit(network: string): Slow {
    const slow: Slow = { network, shed: false }
    underway.add(slow)
    if (underway.size <= capacity) return slow
    const counts = new Map<string, number>()
    for (const one of underway) counts.set(one.network, (counts.get(one.network) ?? 0) + 1)
    const count = (one: Slow) => counts.get(one.network) ?? 0
    const loser = [...underway].reduce((most, one) => (count(one) >= count(most) ? one : most))
    if (count(loser) === count(slow)) {
      underway.delete(slow)
      throw refusal()
    }
    underway.delete(loser)
    loser.shed = true
    return slow
  }

  return async (address, request) => {
    const slow = admit(widestNetwork(address))
    try {
      return await request(async (work) => {
        if (slow.shed) throw refusal()
        return turn(work)
      })
    } finally {
      underway.delete(slow)
    }
  }
}
