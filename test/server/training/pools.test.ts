/** The files beside the weights of shipped networks with the images replayed for them are complete. */

import { expect, test } from 'vitest'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { networks, storedPool } from './shipped-pools.ts'

test('every shipped network has 4,000 images to replay, chosen for its weights from the images shipped', () => {
  expect(networks.length).toBeGreaterThan(5)
  for (const { card } of networks) {
    const bytes = storedPool(SHIPPED_MODELS, card.id, card.weights.sha256) ?? expect.fail(`${card.id} has none`)
    const pool = new Uint32Array(bytes.buffer)
    expect(new Set(pool).size).toBe(4000)
    expect(Math.max(...pool)).toBeLessThan(16_000)
  }
})
