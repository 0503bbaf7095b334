/** A request whose work may be many pieces: the first is done like any other work, those that are left in the slow lane. */

import { InputError } from '../../../core/errors.ts'
import type { Lane } from './lane.ts'
import type { Enter } from './places.ts'
import type { Queue } from './queue.ts'

/** Requests with pieces left that may be under way at once, each with a picture that is half decoded; and of one client network. */
export const [UNFINISHED, UNFINISHED_PER_NETWORK] = [2, 1]

/**
 * Does all pieces of a client's request, each from one `next()` to the next.
 * @param clientLeft whether the client has left, so that nobody waits for the answer
 */
export type InPieces = <Result>(
  address: string,
  work: Generator<void, Result>,
  clientLeft: () => boolean,
) => Promise<Result>

/** @returns does the work. Rejects with its error, BusyError 503, or InputError 400 client_gone when the client has left */
export function createPieces(enqueue: Queue, slowly: Lane, enter: Enter): InPieces {
  return async (address, work, clientLeft) => {
    const first = await enqueue(address, () => work.next())
    if (first.done) return first.value
    const leave = await enter(address)
    try {
      return await slowly(address, async (turn) => {
        for (;;) {
          if (clientLeft()) {
            throw new InputError(400, 'client_gone', 'the connection closed before the answer was there')
          }
          const step = await turn(() => work.next())
          if (step.done) return step.value
        }
      })
    } finally {
      leave()
    }
  }
}
