/** What lies beside the weights of every shipped network: the images replayed for it, as a round would choose them. */

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { readSealed } from '../../../server/files/sealed.ts'
import { loadReplayGenerator } from '../../../server/learning/replay-generator.ts'
import { poolIdentity, replaySetDigest, SHIPPED_POOL } from '../../../server/learning/round-caches.ts'
import { loadModels } from '../../../server/models/load.ts'
import { writePools } from '../../../server/training/pools.ts'

const images = loadReplayGenerator()
const digest = replaySetDigest(images)
const networks = loadModels(SHIPPED_MODELS, (problem) => expect.fail(problem)).filter(
  ({ card }) => card.type === 'network',
)
const stored = (folder: string, id: string, sha256: string) =>
  readSealed(join(folder, id, SHIPPED_POOL), poolIdentity(sha256, digest))

test('chosen again they are the same ones', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-'))
  for (const id of ['softmax', 'mlp-5']) cpSync(join(SHIPPED_MODELS, id), join(folder, id), { recursive: true })
  rmSync(join(folder, 'softmax', SHIPPED_POOL))
  const said: string[] = []
  await writePools(folder, images, await nodeBackends(), (line) => said.push(line))
  expect(said).toEqual(['softmax: 4000 images to replay'])
  const sha256 = networks.find(({ card }) => card.id === 'softmax')?.card.weights.sha256 ?? ''
  expect(stored(folder, 'softmax', sha256)).toEqual(stored(SHIPPED_MODELS, 'softmax', sha256))
})
