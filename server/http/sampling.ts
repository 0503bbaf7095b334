/** Does the passes of a recognition with dropout a few at a time, as pieces of work between those of other requests. */

import { InputError } from '../../core/errors.ts'
import type { Passes } from '../../core/models/passes.ts'
import type { Recognition, Sampling } from '../../core/recognizer.ts'
import type { Scores } from '../pool/contract.ts'
import type { Admission } from './dependencies.ts'

/** Passes in one piece of work: of the cnn they take 20 ms on a desktop, half a second on an old phone. */
const TURN = 8

/** The same on another thread, where other predictions wait meanwhile, but no socket. */
const TURN_AWAY = 16 * TURN

/** Passes that the rate limit counts as one prediction. */
export const SAMPLES_PER_TOKEN = 50

/**
 * Does all passes of a recognition that are left.
 * @param address the client's
 * @param clientLeft whether the client has left, so that nobody waits for the answer
 * @param now monotonic clock, ms
 * @returns the recognition, and the time its passes took, ms, without that of other requests in between
 * @throws BusyError 503, InputError 400 client_gone when the client has left
 */
export async function sampleInTurns(
  sampling: Sampling,
  { slowly }: Admission,
  address: string,
  clientLeft: () => boolean,
  now: () => number,
): Promise<{ readonly recognition: Recognition; readonly took: number }> {
  let took = 0
  if (sampling.left() === 0) return { recognition: sampling.result(), took }
  await slowly(address, async (turn) => {
    while (sampling.left() > 0) {
      if (clientLeft()) throw clientGone()
      await turn(() => {
        const started = now()
        sampling.go(TURN)
        took += now() - started
      })
    }
  })
  return { recognition: sampling.result(), took }
}

/**
 * Has all passes done on other threads.
 * @param more scores of passes counted from `first`; undefined where no other thread can do them
 * @returns the time they took, ms; undefined where they have to be done here
 * @throws BusyError 503, InputError 400 client_gone when the client has left
 */
export async function sampleAway<Answer>(
  passes: Passes<Answer>,
  more: (first: number, count: number) => Promise<Scores | undefined>,
  { slowly }: Admission,
  address: string,
  clientLeft: () => boolean,
): Promise<number | undefined> {
  let took = 0
  return slowly(address, async (turn) => {
    while (passes.left() > 0) {
      if (clientLeft()) throw clientGone()
      const count = Math.min(TURN_AWAY, passes.left())
      const done = await turn({ away: () => more(passes.count(), count) })
      if (!done) return undefined
      took += done.infer
      const outputs = done.scores.length / count
      for (let k = 0; k < count; k++) passes.add(done.scores.subarray(k * outputs, (k + 1) * outputs))
    }
    return took
  })
}

function clientGone(): InputError {
  return new InputError(400, 'client_gone', 'the connection closed before the answer was there')
}
