/** The images replayed for each shipped network, as they are stored beside its weights, for tests. */

import { join } from 'node:path'
import { expect } from 'vitest'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { readSealed } from '../../../server/files/sealed.ts'
import { loadReplayGenerator } from '../../../server/learning/replay-generator.ts'
import { poolIdentity, replaySetDigest, SHIPPED_POOL } from '../../../server/learning/round-caches.ts'
import { loadModels } from '../../../server/models/load.ts'

export const images = loadReplayGenerator()
const digest = replaySetDigest(images)

export const networks = loadModels(SHIPPED_MODELS, (problem) => expect.fail(problem)).filter(
  ({ card }) => card.type === 'network',
)

/** The file of a network with weights of that digest; undefined if there is none for them. */
export function storedPool(folder: string, id: string, sha256: string): Uint8Array<ArrayBuffer> | undefined {
  return readSealed(join(folder, id, SHIPPED_POOL), poolIdentity(sha256, digest))
}
