/**
 * What rounds of learning keep for the next: which trusted images are replayed, in a file of the state directory, and where
 * there is memory to spare what the last model made of them, as long as the thread lives.
 */

import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import type { Kept, KeptFeatures } from '../../core/learning/round.ts'
import type { TrustedImages } from '../../core/learning/trusted.ts'
import { sha256 } from '../sha256.ts'
import type { Order } from './order.ts'
import { readSealed, writeSealed } from './sealed.ts'

/** Memory a machine has, bytes, for features to be kept in it. */
const ROOMY = 2 ** 31

export interface Keeping {
  /** What is kept for rounds of a model. */
  find(order: Order, trusted: TrustedImages): Kept
  /** Keeps what a round has found out. */
  keep(order: Order, trusted: TrustedImages, kept: Kept): void
}

export function createKeeping(memory = totalmem()): Keeping {
  const digests = new WeakMap<TrustedImages, string>()
  let last: { readonly identity: string; readonly large: KeptFeatures } | undefined
  let written = '' // what is in the file already

  // The images are told apart by those of the gate: the others come from the same place.
  function identify({ shipped }: Order, trusted: TrustedImages): string {
    let digest = digests.get(trusted)
    if (digest === undefined) {
      digest = sha256(trusted.gate.images)
      digests.set(trusted, digest)
    }
    return `pool of ${shipped.card.weights.sha256} from ${digest}`
  }

  return {
    find(order, trusted) {
      const identity = identify(order, trusted)
      const bytes = readSealed(place(order), identity)
      if (bytes) written = identity
      if (memory >= ROOMY && last?.identity !== identity) last = { identity, large: {} }
      return {
        ...(bytes && { pool: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) }),
        ...(last?.identity === identity && { large: last.large }),
      }
    },

    keep(order, trusted, { pool }) {
      const identity = identify(order, trusted)
      if (!pool || written === identity) return
      try {
        writeSealed(place(order), identity, new Uint8Array(pool.buffer, pool.byteOffset, pool.byteLength))
        written = identity
      } catch {
        // then the next round chooses again, and comes to the same
      }
    },
  }
}

function place({ checkpoint, model }: Order): string {
  return join(dirname(checkpoint), `${model}.pool`)
}
