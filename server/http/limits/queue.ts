/**
 * Does one piece of work at a time, from a short queue in which client networks take turns. Between two pieces the server handles
 * its sockets and signals. Pieces that other threads can do are handed to them in the same order, a few at a time.
 */

import { BusyError } from '../problem.ts'
import { widestNetwork } from './network.ts'

/** Pieces of work that may wait. */
export const QUEUE = 16

/** Longest wait of a piece, ms. */
const LONGEST_WAIT = 1000

/** Longest time for which pieces are done without a look at the sockets, unless one takes longer, ms. */
const LONGEST_TURN = 20

/**
 * A piece of work: what this thread does in one go, or what is done on another one; where it can be either, as it comes. One that
 * can only be done elsewhere takes no time of this thread.
 */
export interface Piece<Result> {
  readonly here?: (() => Result) | undefined
  readonly away?: (() => Promise<Result>) | undefined
}

/** Work as it is asked for: a function is done here. */
export type Work<Result> = (() => Result) | Piece<Result>

/** Does a piece of work of a client when it is its turn. */
export interface Queue {
  <Result>(address: string, work: Work<Result>): Promise<Result>
  /**
   * Whether a piece of this client would be taken where QUEUE may wait, whatever the capacity. Call it before a body is read, so
   * that a refused request takes no memory.
   * @throws BusyError 503 busy
   */
  room(address: string): void
  /** The same as an answer. */
  hasRoom(address: string): boolean
  /** Whether a piece would have to wait for this thread. */
  isBusy(): boolean
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
  readonly here: (() => void) | undefined
  readonly away: (() => Promise<void>) | undefined // never rejects
  readonly giveUp: () => void
}

/**
 * Networks take turns. Where the queue is full, the network with most pieces in it loses its newest one to a network that has
 * fewer; where all have equally many, one that came back too early loses it to one that did not.
 * @param capacity pieces that may wait, Infinity for any number
 * @param now monotonic clock, ms
 * @param defer calls back after pending input and output has been handled
 * @param early whether the network of an address came back before its time
 * @param seats pieces that may be under way on other threads
 * @returns does a piece of work, at once where none is under way. Rejects with the error of the piece, or with
 *   BusyError 503 busy where too many wait or it has waited too long
 */
export function createQueue(
  capacity: number,
  now: () => number,
  defer: (task: () => void) => void,
  early: (address: string) => boolean = () => false,
  seats = 0,
): Queue {
  const waiting = new Map<string, Job[]>() // by network, in the order of their turns
  let length = 0
  let busy = false
  let taken = 0 // seats
  let ended = now() // ms, the last turn

  function take(place: 'here' | 'away'): Job | undefined {
    for (const [network, jobs] of waiting) {
      const k = jobs.findIndex((job) => job[place])
      if (k < 0) continue
      waiting.delete(network)
      if (jobs.length > 1) waiting.set(network, jobs) // behind the others
      length--
      return jobs.splice(k, 1)[0]
    }
    return undefined
  }

  function seat(away: () => Promise<void>): void {
    taken++
    void away().then(() => {
      taken--
      fillSeats()
    })
  }

  function fillSeats(): void {
    while (taken < seats) {
      const job = take('away')
      if (!job?.away) return
      if (isLate(job)) job.giveUp()
      else seat(job.away)
    }
  }

  // Answering and refusing requests takes time between two turns. Pieces get as much, so that a flood of refusals leaves them half.
  function next(): void {
    const began = now()
    const enough = began + Math.min(began - ended, LONGEST_TURN)
    let job = take('here')
    busy = job !== undefined
    while (job) {
      run(job)
      job = now() < enough ? take('here') : undefined
    }
    if (busy) rest()
  }

  const isLate = ({ since }: Job) => now() - since > LONGEST_WAIT

  function run(job: Job): void {
    if (isLate(job)) job.giveUp()
    else job.here?.()
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

  const enqueue = <Result>(address: string, work: Work<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      const piece: Piece<Result> = typeof work === 'function' ? { here: work } : work
      const refused = () => reject(queueFull())
      const here = piece.here && (() => settle(piece.here as () => Result, resolve, reject))
      const away = piece.away && (() => piece.away?.().then(resolve, reject) as Promise<void>)
      if (here && !busy) {
        busy = true
        here()
        return rest()
      }
      if (away && taken < seats) return seat(away)
      const network = widestNetwork(address)
      const job: Job = { since: now(), early: early(address), here, away, giveUp: refused }
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

  return Object.assign(enqueue, { room, hasRoom, isBusy: () => busy, isHalfFull })
}

function settle<Result>(work: () => Result, resolve: (result: Result) => void, reject: (error: unknown) => void): void {
  try {
    resolve(work())
  } catch (error) {
    reject(error)
  }
}
