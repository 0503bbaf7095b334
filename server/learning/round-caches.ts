/**
 * What rounds of learning keep for the next: which trusted images are replayed, in a file of the state directory, and where
 * there is memory to spare what the last model made of them, as long as the thread lives.
 */

import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { CachedFeatures, RoundCache } from '../../core/learning/round.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { readSealed, writeSealed } from '../files/sealed.ts'
import { sha256 } from '../files/sha256.ts'
import type { RoundJob } from './messages.ts'

/** What lies beside the weights of a shipped network: the images chosen for it among the generated ones. */
export const SHIPPED_POOL = 'replay.pool'

/** Memory a machine has, bytes, for features to be kept in it. */
const ROOMY = 2 ** 31

export interface RoundCaches {
  /** What is kept for rounds of a model. */
  find(order: RoundJob, trusted: ReplaySet): RoundCache
  /** Keeps what a round has found out. */
  keep(order: RoundJob, trusted: ReplaySet, kept: RoundCache): void
}

export function createRoundCaches(memory = totalmem()): RoundCaches {
  const digests = new WeakMap<ReplaySet, string>()
  let last: { readonly identity: string; readonly large: CachedFeatures } | undefined
  let written = '' // what is in the file already

  function identify({ shipped }: RoundJob, trusted: ReplaySet): string {
    let digest = digests.get(trusted)
    if (digest === undefined) {
      digest = replaySetDigest(trusted)
      digests.set(trusted, digest)
    }
    return poolIdentity(shipped.card.weights.sha256, digest)
  }

  return {
    find(order, trusted) {
      const identity = identify(order, trusted)
      const shipped = join(SHIPPED_MODELS, order.model, SHIPPED_POOL)
      const bytes = readSealed(poolFile(order), identity) ?? readSealed(shipped, identity)
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
        writeSealed(poolFile(order), identity, new Uint8Array(pool.buffer, pool.byteOffset, pool.byteLength))
        written = identity
      } catch {
        // then the next round chooses again, and comes to the same
      }
    },
  }
}

/** Tells trusted images apart by those of the gate: the others come from the same place. */
export function replaySetDigest({ gate }: ReplaySet): string {
  return sha256(gate.images)
}

/** @param weights SHA-256 of the shipped model's @param images what `replaySetDigest` gave */
export function poolIdentity(weights: string, images: string): string {
  return `pool of ${weights} from ${images}`
}

function poolFile({ checkpoint, model }: RoundJob): string {
  return join(dirname(checkpoint), `${model}.pool`)
}
