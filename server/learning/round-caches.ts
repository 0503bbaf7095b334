/**
 * What a round of learning can reuse of earlier ones: which images of the replay set are replayed, in memory and, from the first
 * version on, in a file of the state directory; and, on a machine with memory to spare, their features in the last model, as long as the thread lives.
 */

import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { CachedFeatures, RoundCache } from '../../core/learning/round.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { readSealed, writeSealed } from '../files/sealed.ts'
import { sha256 } from '../files/sha256.ts'
import type { RoundJob } from './messages.ts'

/** File beside the weights of a shipped network: the images chosen for it among the generated ones. */
export const SHIPPED_POOL = 'replay.pool'

/** Memory of a machine from which on features are kept in it, bytes. On 32-bit ARM they never are: they would be a third of all. */
const ROOMY = 2 ** 31

export interface RoundCaches {
  /** What earlier rounds of the model have left. */
  find(job: RoundJob, replaySet: ReplaySet): RoundCache
  /** Keeps what a round has found for the next, as long as the thread lives. */
  keep(job: RoundJob, replaySet: ReplaySet, cache: RoundCache): void
  /** Writes what was kept for the next thread. A round that is refused does not: it writes its report alone. */
  write(job: RoundJob, replaySet: ReplaySet): void
}

export function createRoundCaches(memory = totalmem(), arch: string = process.arch): RoundCaches {
  const roomy = memory >= ROOMY && arch !== 'arm'
  const digests = new WeakMap<ReplaySet, string>()
  let last: { readonly identity: string; readonly large: CachedFeatures } | undefined
  const pools = new Map<string, { readonly pool: Uint32Array; written: boolean }>() // by identity

  function identify({ shipped }: RoundJob, replaySet: ReplaySet): string {
    let digest = digests.get(replaySet)
    if (digest === undefined) {
      digest = replaySetDigest(replaySet)
      digests.set(replaySet, digest)
    }
    return poolIdentity(shipped.card.weights.sha256, digest)
  }

  return {
    find(job, replaySet) {
      const identity = identify(job, replaySet)
      const shipped = join(SHIPPED_MODELS, job.model, SHIPPED_POOL)
      const bytes = pools.has(identity)
        ? undefined
        : (readSealed(poolFile(job), identity) ?? readSealed(shipped, identity))
      if (bytes) {
        const pool = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
        pools.set(identity, { pool, written: true })
      }
      const known = pools.get(identity)
      if (roomy && last?.identity !== identity) last = { identity, large: {} }
      return {
        ...(known && { pool: known.pool }),
        ...(last?.identity === identity && { large: last.large }),
      }
    },

    keep(job, replaySet, { pool }) {
      const identity = identify(job, replaySet)
      if (pool && !pools.has(identity)) pools.set(identity, { pool, written: false })
    },

    write(job, replaySet) {
      const identity = identify(job, replaySet)
      const kept = pools.get(identity)
      if (!kept || kept.written) return
      try {
        const { buffer, byteOffset, byteLength } = kept.pool
        writeSealed(poolFile(job), identity, new Uint8Array(buffer, byteOffset, byteLength))
        kept.written = true
      } catch {
        // then the next round makes the same choice again
      }
    },
  }
}

/** Identifies a replay set by its images for the gate: the others come from the same source. */
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
