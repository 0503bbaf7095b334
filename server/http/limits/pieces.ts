/** A request whose work may be many pieces: the first is done like any other work, those that are left in the slow lane. */

import { InputError } from '../../../core/errors.ts'
import type { Lane } from './lane.ts'
import type { Enter } from './places.ts'
import type { Piece, Queue } from './queue.ts'

/** Requests with pieces left that may be under way at once, each with a picture that is half decoded; and of one client network. */
export const [UNFINISHED, UNFINISHED_PER_NETWORK] = [2, 1]

/** Work in pieces that may be done on another thread. */
export interface Steps<Result> {
  /** The next piece; it is done before the one after it is asked for. */
  readonly piece: () => Piece<IteratorResult<void, Result>>
  /** Gives up pieces that are left. */
  readonly drop: () => void
}

/** Steps on another thread, or all of them on this one: whichever does the first of them. */
export function eitherSteps<Away, Here>(away: Steps<Away>, start: () => Generator<void, Here>): Steps<Away | Here> {
  let here: Generator<void, Here> | undefined
  let begun = false
  const goHere = () => {
    here ??= start()
    return here.next()
  }
  const goAway = () => {
    begun = true
    return away.piece().away?.() ?? Promise.reject(new Error('these steps are done here'))
  }
  return {
    piece: (): Piece<IteratorResult<void, Away | Here>> => ({
      here: begun ? undefined : goHere,
      away: here ? undefined : goAway,
    }),
    drop: away.drop,
  }
}

/**
 * Does all pieces of a client's request, each from one `next()` to the next.
 * @param clientLeft whether the client has left, so that nobody waits for the answer
 */
export type InPieces = <Result>(
  address: string,
  work: Generator<void, Result> | Steps<Result>,
  clientLeft: () => boolean,
) => Promise<Result>

/** @returns does the work. Rejects with its error, BusyError 503, or InputError 400 client_gone when the client has left */
export function createPieces(enqueue: Queue, slowly: Lane, enter: Enter): InPieces {
  return async (address, work, clientLeft) => {
    const steps = 'piece' in work ? work : undefined
    const next = steps ? steps.piece : () => ({ here: () => (work as Generator<void, never>).next() })
    const first = await enqueue(address, next())
    if (first.done) return first.value
    let leave = () => {}
    try {
      leave = await enter(address)
      return await slowly(address, async (turn) => {
        for (;;) {
          if (clientLeft()) {
            throw new InputError(400, 'client_gone', 'the connection closed before the answer was there')
          }
          const step = await turn(next())
          if (step.done) return step.value
        }
      })
    } catch (error) {
      steps?.drop()
      throw error
    } finally {
      leave()
    }
  }
}
