/** The predictions of the last minutes, so that a correction can say which it is about. In memory: a restart forgets them. */

import { InputError } from '../../core/errors.ts'
import type { BodyForm } from '../http/drawing.ts'

/** How long a prediction may be corrected, ms. */
const LIFETIME = 900_000

const ENTRIES = 1024
const BYTES = 16_777_216

/** What an entry takes beyond its body, bytes. */
const OVERHEAD = 1536

/** Ids remembered after that, to say what became of them. */
const ENDED_IDS = 4096

/** A prediction as it was asked and answered. */
export interface PendingPrediction {
  readonly network: string // whose
  readonly form: BodyForm['type']
  readonly body: Uint8Array // of the request
  readonly input: Uint8Array // [784]
  readonly model: string
  readonly version: number
  readonly answer: number // 0..9
  readonly confidence: number // 0..1
}

/** What keeps them. */
export interface PendingPredictions {
  remember(id: string, asked: PendingPrediction): void
  /**
   * One that this network may still correct; it stays until `use`.
   * @throws InputError 404 unknown_prediction, 409 prediction_used, 410 prediction_expired, 403 other_network
   */
  find(id: string, network: string): PendingPrediction
  /** Takes one off: its correction is stored. */
  use(id: string): void
  /** How much is held. */
  size(): { readonly entries: number; readonly bytes: number; readonly tombstones: number }
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
  const known = new Map<string, PendingPrediction & { readonly at: number }>() // the oldest first
  const gone = new Map<string, 'used' | 'expired'>()
  const buried = gone.keys() // one walk, kept: a new one would pass by all places that have become free at the front
  let bytes = 0

  function bury(id: string, why: 'used' | 'expired'): void {
    const asked = known.get(id)
    if (asked) bytes -= asked.body.length + OVERHEAD
    known.delete(id)
    gone.set(id, why)
    if (gone.size > ENDED_IDS) {
      const oldest = buried.next()
      if (!oldest.done) gone.delete(oldest.value)
    }
  }

  function bound(): void {
    const time = now()
    for (const [id, { at }] of known) {
      if (known.size <= entries && bytes <= most && time - at <= LIFETIME) return
      bury(id, 'expired')
    }
  }

  return {
    remember(id, asked) {
      known.set(id, { ...asked, at: now() })
      bytes += asked.body.length + OVERHEAD
      bound()
    },

    find(id, network) {
      bound()
      const asked = known.get(id)
      if (!asked) {
        const why = gone.get(id)
        if (why === 'used') throw new InputError(409, 'prediction_used', 'this prediction has been corrected already')
        if (why === 'expired') {
          throw new InputError(
            410,
            'prediction_expired',
            'a prediction can be corrected for 15 minutes; send the image',
          )
        }
        throw new InputError(404, 'unknown_prediction', 'there was no prediction of that id lately; send the image')
      }
      if (asked.network !== network) {
        throw new InputError(403, 'other_network', 'this prediction was asked for from another network')
      }
      return asked
    },

    use: (id) => bury(id, 'used'),
    size: () => ({ entries: known.size, bytes, tombstones: gone.size }),
  }
}
