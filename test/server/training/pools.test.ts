/** What lies beside the weights of every shipped network: the images replayed for it, as a round would choose them. */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { readSealed } from '../../../server/files/sealed.ts'
import { loadReplayGenerator } from '../../../server/learning/replay-generator.ts'
import { poolIdentity, replaySetDigest, SHIPPED_POOL } from '../../../server/learning/round-caches.ts'
import { loadModels } from '../../../server/models/load.ts'

const images = loadReplayGenerator()
const digest = replaySetDigest(images)
const networks = loadModels(SHIPPED_MODELS, (problem) => expect.fail(problem)).filter(
  ({ card }) => card.type === 'network',
)
const stored = (folder: string, id: string, sha256: string) =>
  readSealed(join(folder, id, SHIPPED_POOL), poolIdentity(sha256, digest))

test('every shipped network has 4,000 images to replay, chosen for its weights from the images shipped', () => {
  expect(networks.length).toBeGreaterThan(5)
  for (const { card } of networks) {
    const bytes = stored(SHIPPED_MODELS, card.id, card.weights.sha256) ?? expect.fail(`${card.id} has none`)
    const pool = new Uint32Array(bytes.buffer)
    expect(new Set(pool).size).toBe(4000)
    expect(Math.max(...pool)).toBeLessThan(16_000)
  }
})
