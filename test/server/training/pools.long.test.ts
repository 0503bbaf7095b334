/** The files beside the weights of shipped networks with the images replayed for them are made again, byte for byte. */

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { SHIPPED_POOL } from '../../../server/learning/round-caches.ts'
import { writePools } from '../../../server/training/pools.ts'
import { images, networks, storedPool } from './shipped-pools.ts'

test('chosen again they are the same ones', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-'))
  for (const id of ['softmax', 'mlp-5']) cpSync(join(SHIPPED_MODELS, id), join(folder, id), { recursive: true })
  rmSync(join(folder, 'softmax', SHIPPED_POOL))
  const notes: string[] = []
  await writePools(folder, images, await nodeBackends(), (line) => notes.push(line))
  expect(notes).toEqual(['softmax: 4000 images to replay'])
  const sha256 = networks.find(({ card }) => card.id === 'softmax')?.card.weights.sha256 ?? ''
  expect(storedPool(folder, 'softmax', sha256)).toEqual(storedPool(SHIPPED_MODELS, 'softmax', sha256))
})
