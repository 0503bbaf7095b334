/** The predictions of the last minutes, so that a correction can name one of them. They are in memory: a restart forgets them. */

import { InputError } from '../../core/errors.ts'
import { type Keepsake, keepsakeBytes } from './keepsake.ts'

/** How long a prediction may be corrected, ms. */
const LIFETIME = 900_000

const ENTRIES = 1024
const BYTES = 16_777_216

/** Memory of an entry beyond its keepsake, bytes. */
const OVERHEAD = 1536

/** Ids of predictions that were pending, kept to say why they no longer are. */
const ENDED_IDS = 4096

/** A prediction that can still be corrected. */
export interface PendingPrediction {
  readonly network: string // client network that it was made for
  readonly keepsake: Keepsake
  readonly input: Uint8Array // [784]
  readonly model: string
  readonly version: number
  readonly answer: number // 0..9
  readonly confidence: number // 0..1
}

export interface PendingPredictions {
  remember(id: string, prediction: PendingPrediction): void
  /**
   * A prediction that this network may still correct. It stays pending until `use`.
   * @throws InputError 404 unknown_prediction, 409 prediction_used, 410 prediction_expired, 403 other_network
   */
  find(id: string, network: string): PendingPrediction
  /** Ends one whose correction is stored. */
  use(id: string): void
  /** How much is in memory; `ended` counts the ids of predictions that are no longer pending. */
  size(): { readonly entries: number; readonly bytes: number; readonly ended: number }
}

export interface PendingBounds {
  readonly entries: number
  readonly bytes: number
}

/** @param now monotonic clock, ms */
export function createPendingPredictions(
  now: () => number,
  { entries, bytes: most }: PendingBounds = { entries: ENTRIES, bytes: BYTES },
): PendingPredictions {
  const pending = new Map<string, PendingPrediction & { readonly at: number }>() // the oldest first
  const ended = new Map<string, 'used' | 'expired'>() // the oldest first
  // one iterator for all deletions: a new one would step over all places that have become free at the front
  const endedIds = ended.keys()
  let bytes = 0

  function end(id: string, why: 'used' | 'expired'): void {
    const prediction = pending.get(id)
    if (prediction) bytes -= keepsakeBytes(prediction.keepsake) + OVERHEAD
    pending.delete(id)
    ended.set(id, why)
    if (ended.size > ENDED_IDS) {
      const oldest = endedIds.next()
      if (!oldest.done) ended.delete(oldest.value)
    }
  }

  let order = pending.keys() // one iterator, for the same reason; what it has passed is not pending any more, but for the last one
  let oldest = order.next()

  function front(): (typeof oldest)['value'] {
    while (pending.size > 0 && (oldest.done || !pending.has(oldest.value))) {
      if (oldest.done) order = pending.keys()
      oldest = order.next()
    }
    return pending.size > 0 ? oldest.value : undefined
  }

  function expire(): void {
    const time = now()
    for (let id = front(); id !== undefined; id = front()) {
      const { at } = pending.get(id) as { readonly at: number }
      if (pending.size <= entries && bytes <= most && time - at <= LIFETIME) return
      end(id, 'expired')
    }
  }

  return {
    remember(id, prediction) {
      pending.set(id, { ...prediction, at: now() })
      bytes += keepsakeBytes(prediction.keepsake) + OVERHEAD
      expire()
    },

    find(id, network) {
      expire()
      const prediction = pending.get(id)
      if (!prediction) {
        const why = ended.get(id)
        if (why === 'used') throw predictionUsed()
        if (why === 'expired') {
          throw new InputError(
            410,
            'prediction_expired',
            'a prediction can be corrected for 15 minutes; send the image',
          )
        }
        throw unknownPrediction()
      }
      if (prediction.network !== network) {
        throw new InputError(403, 'other_network', 'this prediction was asked for from another network')
      }
      return prediction
    },

    use: (id) => end(id, 'used'),
    size: () => ({ entries: pending.size, bytes, ended: ended.size }),
  }
}

export function predictionUsed(): InputError {
  return new InputError(409, 'prediction_used', 'this prediction has been corrected already')
}

export function unknownPrediction(): InputError {
  return new InputError(404, 'unknown_prediction', 'there was no prediction of that id lately; send the image')
}
