/**
 * Does one piece of work at a time, from a short queue in which client networks take turns. Between two pieces the server handles
 * its sockets and signals.
 */

import { BusyError } from '../problem.ts'
import { widestNetwork } from './network.ts'

/** Pieces of work that may wait. */
export const QUEUE = 16

/** Longest wait of a piece, ms. */
const LONGEST_WAIT = 1000

/** Longest time for which pieces are done without a look at the sockets, unless one takes longer, ms. */
const LONGEST_TURN = 20

/** Does a synchronous piece of work of a client when it is its turn. */
export interface Queue {
  <Result>(address: string, work: () => Result): Promise<Result>
  /**
   * Whether a piece of this client would be taken where QUEUE may wait, whatever the capacity. Call it before a body is read, so
   * that a refused request takes no memory.
   * @throws BusyError 503 busy
   */
  room(address: string): void
  /** The same as an answer. */
  hasRoom(address: string): boolean
  /** Whether half of the pieces wait that may. */
  isHalfFull(): boolean
}

/** The refusal of a piece for which there is no room. */
export function queueFull(): BusyError {
  return new BusyError(503, 'busy', 'more work is waiting than this server takes on')
}

interface Job {
  readonly since: number // ms
  readonly early: boolean // its network was refused shortly before
  readonly start: () => void
  readonly giveUp: () => void
}

/**
 * Networks take turns. Where the queue is full, the network with most pieces in it loses its newest one to a network that has
 * fewer; where all have equally many, one that came back too early loses it to one that did not.
 * @param capacity pieces that may wait, Infinity for any number
 * @param now monotonic clock, ms
 * @param defer calls back after pending input and output has been handled
 * @param early whether the network of an address came back before its time
 * @returns does a synchronous piece of work, at once where none is under way. Rejects with the error of the piece, or with
 *   BusyError 503 busy where too many wait or it has waited too long
 */
export function createQueue(
  capacity: number,
  now: () => number,
  defer: (task: () => void) => void,
  early: (address: string) => boolean = () => false,
): Queue {
  const waiting = new Map<string, Job[]>() // by network, in the order of their turns
  let length = 0
  let busy = false
  let ended = now() // ms, the last turn

  function take(): Job | undefined {
    for (const [network, jobs] of waiting) {
      waiting.delete(network)
      if (jobs.length > 1) waiting.set(network, jobs) // behind the others
      length--
      return jobs.shift()
    }
    return undefined
  }

  // Answering and refusing requests takes time between two turns. Pieces get as much, so that a flood of refusals leaves them half.
  function next(): void {
    const began = now()
    const enough = began + Math.min(began - ended, LONGEST_TURN)
    let job = take()
    busy = job !== undefined
    while (job) {
      run(job)
      job = now() < enough ? take() : undefined
    }
    if (busy) rest()
  }

  function run(job: Job): void {
    if (now() - job.since > LONGEST_WAIT) job.giveUp()
    else job.start()
  }

  function rest(): void {
    ended = now()
    defer(next)
  }

  /** The pieces whose last one gives way to a piece of this network. */
  function losers(network: string, isEarly: boolean): Job[] | undefined {
    const own = (waiting.get(network)?.length ?? 0) + 1
    let most: Job[] | undefined
    for (const jobs of waiting.values()) if (jobs.length > (most?.length ?? own)) most = jobs
    if (most || isEarly) return most
    return [...waiting.values()].find((jobs) => jobs.length === own && jobs[jobs.length - 1].early)
  }

  function dropLast(jobs: Job[]): void {
    const job = jobs.pop()
    length--
    for (const [network, { length }] of waiting) if (length === 0) waiting.delete(network)
    job?.giveUp()
  }

  const enqueue = <Result>(address: string, work: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      const refused = () => reject(queueFull())
      const start = () => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      }
      if (!busy) {
        busy = true
        start()
        return rest()
      }
      const network = widestNetwork(address)
      const job: Job = { since: now(), early: early(address), start, giveUp: refused }
      if (length >= capacity) {
        const jobs = losers(network, job.early)
        if (!jobs) return refused()
        dropLast(jobs)
      }
      length++
      const jobs = waiting.get(network)
      if (jobs) jobs.push(job)
      else waiting.set(network, [job])
    })

  const hasRoom = (address: string) =>
    length < Math.min(capacity, QUEUE) || losers(widestNetwork(address), early(address)) !== undefined

  function room(address: string): void {
    if (!hasRoom(address)) throw queueFull()
  }

  const isHalfFull = () => length >= QUEUE / 2

  return Object.assign(enqueue, { room, hasRoom, isHalfFull })
}
