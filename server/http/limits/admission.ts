/** Which work is taken, decided by quotas, queue and slow lane together; and a quick refusal of clients that ask again too early. */

import type { Admission } from '../dependencies.ts'
import { BusyError } from '../problem.ts'
import { createBodyReader, LARGE_BODIES, LARGE_BODIES_PER_NETWORK } from './body.ts'
import { createLane, LANE } from './lane.ts'
import { createPatience } from './patience.ts'
import { createPieces, UNFINISHED, UNFINISHED_PER_NETWORK } from './pieces.ts'
import { createPlaces } from './places.ts'
import { createQueue, QUEUE, queueFull } from './queue.ts'
import { createRateLimit } from './rate.ts'

/** Stands for the slow lane, which takes turns in the queue as if it were a client. */
const SLOW = 'slow lane'

/** Made once, for an error takes as long as the rest of a quick refusal. */
const FULL = queueFull()

export interface AdmissionOptions {
  readonly ratePerMinute: number // predictions of one network; Infinity: no quotas at all
  readonly now: () => number // monotonic clock, ms
  readonly defer: (task: () => void) => void // calls back after pending input and output has been handled
  readonly workers?: number // threads that do pieces of work, 0 unless given
}

/** Pieces that one thread is given at once: while it does one, the next is on its way. */
const AHEAD = 2

/** Takes or refuses work. */
export interface Gate extends Omit<Admission, 'answered'> {
  /** Notes a refusal of a client, and gives the time by which it is to be held, ms. */
  readonly refused: (address: string, error: BusyError) => number
  /**
   * The refusal of work for a client that was refused shortly before and came back too early; undefined where it may get what it
   * asks for. The application would refuse it too, but takes several times as long for that.
   * @param again whether that was on the same connection: then it gets nothing while half of the queue is taken
   */
  readonly refuseEarly: (address: string, again: boolean) => BusyError | undefined
  /** Whether large bodies wait for others that are read: the slow ones of these give way. */
  readonly bodiesWait: () => boolean
}

export function createAdmission({ ratePerMinute, now, defer, workers = 0 }: AdmissionOptions): Gate {
  const quotas = ratePerMinute !== Infinity
  const patience = createPatience(now)
  const admit = createRateLimit(ratePerMinute, now)
  const enqueue = createQueue(quotas ? QUEUE : Infinity, now, defer, patience.early, AHEAD * workers)
  const slowly = createLane((work) => enqueue(SLOW, work), quotas ? LANE : Infinity, Math.max(1, workers))
  const large = createPlaces(LARGE_BODIES, quotas ? LARGE_BODIES_PER_NETWORK : Infinity)

  function refuseEarly(address: string, again: boolean): BusyError | undefined {
    if (!patience.early(address)) return undefined
    const hasRoom = enqueue.hasRoom(address) && !(again && enqueue.isHalfFull())
    if (hasRoom && admit.allows(address)) return undefined
    try {
      admit(address) // where the queue is full, the refusal costs as much as a prediction
    } catch (error) {
      if (error instanceof BusyError) return error
      throw error
    }
    return hasRoom ? undefined : FULL
  }

  return {
    admit,
    room: enqueue.room,
    enqueue,
    slowly,
    inPieces: createPieces(enqueue, slowly, createPlaces(UNFINISHED, quotas ? UNFINISHED_PER_NETWORK : Infinity)),
    read: createBodyReader(large),
    refused: (address, { retryAfter }) => patience.refused(address, retryAfter),
    refuseEarly,
    bodiesWait: large.short,
  }
}
