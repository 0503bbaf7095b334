/** What rounds keep for each other: found again for the same model and images only, and given up where it cannot be written. */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReplaySet } from '../../../core/learning/replay-set.ts'
import type { RoundJob } from '../../../server/learning/messages.ts'
import { createRoundCaches } from '../../../server/learning/round-caches.ts'

const ROOMY = 4 * 2 ** 30
const folder = () => mkdtempSync(join(tmpdir(), 'inkling-'))
const order = (place: string, sha256 = 'a') =>
  ({ model: 'cnn', checkpoint: join(place, '1.checkpoint'), shipped: { card: { weights: { sha256 } } } }) as RoundJob

function images(first: number): ReplaySet {
  const gate = { images: new Uint8Array(784).fill(first), labels: new Uint8Array(1), count: 1 }
  return { name: 'replay', draw: () => 0, gate }
}

const POOL = Uint32Array.of(7, 70_000, 4_000_000_000)

test('the images chosen are found again by the next thread, for the same model and images', () => {
  const place = folder()
  createRoundCaches(ROOMY).keep(order(place), images(1), { pool: POOL })
  const later = createRoundCaches(ROOMY)
  expect(later.find(order(place), images(1)).pool).toEqual(POOL)
  expect(later.find(order(place, 'b'), images(1)).pool).toBeUndefined()
  expect(later.find(order(place), images(2)).pool).toBeUndefined()
})

test('a file that was changed counts as none', () => {
  const place = folder()
  createRoundCaches(ROOMY).keep(order(place), images(1), { pool: POOL })
  const [name] = readdirSync(place)
  const bytes = readFileSync(join(place, name))
  bytes[bytes.length - 1] ^= 1
  writeFileSync(join(place, name), bytes)
  expect(createRoundCaches(ROOMY).find(order(place), images(1)).pool).toBeUndefined()
})

test('features stay in memory for the last model, where there are 2 GiB or more', () => {
  const place = folder()
  const keeping = createRoundCaches(ROOMY)
  const [one, other] = [images(1), images(1)]
  const { large } = keeping.find(order(place), one)
  expect(large).toEqual({})
  expect(keeping.find(order(place), one).large).toBe(large)
  expect(keeping.find(order(place), other).large).toBe(large)
  expect(keeping.find(order(place, 'b'), one).large).not.toBe(large)
  expect(createRoundCaches(ROOMY / 4).find(order(place), one).large).toBeUndefined()
})

test('where they cannot be written the round goes on', () => {
  const keeping = createRoundCaches(ROOMY)
  const nowhere = order(join(folder(), 'missing'))
  keeping.keep(nowhere, images(1), { pool: POOL })
  expect(keeping.find(nowhere, images(1)).pool).toBeUndefined()
})
