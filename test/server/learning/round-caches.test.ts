/** What rounds keep for later ones is found for the same model and images only, and a failure to write it does no harm. */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReplaySet } from '../../../core/learning/replay-set.ts'
import type { RoundJob } from '../../../server/learning/messages.ts'
import { createRoundCaches } from '../../../server/learning/round-caches.ts'

const ROOMY = 4 * 2 ** 30
const newFolder = () => mkdtempSync(join(tmpdir(), 'inkling-'))
const jobIn = (folder: string, sha256 = 'a') =>
  ({ model: 'cnn', checkpoint: join(folder, '1.checkpoint'), shipped: { card: { weights: { sha256 } } } }) as RoundJob

function images(first: number): ReplaySet {
  const gate = { images: new Uint8Array(784).fill(first), labels: new Uint8Array(1), count: 1 }
  return { name: 'replay', draw: () => 0, gate }
}

const POOL = Uint32Array.of(7, 70_000, 4_000_000_000)

test('the images chosen are found again by the next thread, for the same model and images', () => {
  const folder = newFolder()
  const first = createRoundCaches(ROOMY)
  first.keep(jobIn(folder), images(1), { pool: POOL })
  expect([first.find(jobIn(folder), images(1)).pool, readdirSync(folder)]).toEqual([POOL, []])
  first.write(jobIn(folder), images(1))
  const later = createRoundCaches(ROOMY)
  expect(later.find(jobIn(folder), images(1)).pool).toEqual(POOL)
  expect(later.find(jobIn(folder, 'b'), images(1)).pool).toBeUndefined()
  expect(later.find(jobIn(folder), images(2)).pool).toBeUndefined()
})

test('a changed file is ignored', () => {
  const folder = newFolder()
  const first = createRoundCaches(ROOMY)
  first.keep(jobIn(folder), images(1), { pool: POOL })
  first.write(jobIn(folder), images(1))
  const [name] = readdirSync(folder)
  const bytes = readFileSync(join(folder, name))
  bytes[bytes.length - 1] ^= 1
  writeFileSync(join(folder, name), bytes)
  expect(createRoundCaches(ROOMY).find(jobIn(folder), images(1)).pool).toBeUndefined()
})

test('features stay in memory for the last model, where there are 2 GiB or more and more than 32 bits', () => {
  const folder = newFolder()
  const caches = createRoundCaches(ROOMY)
  const [one, other] = [images(1), images(1)]
  const { large } = caches.find(jobIn(folder), one)
  expect(large).toEqual({})
  expect(caches.find(jobIn(folder), one).large).toBe(large)
  expect(caches.find(jobIn(folder), other).large).toBe(large)
  expect(caches.find(jobIn(folder, 'b'), one).large).not.toBe(large)
  expect(createRoundCaches(ROOMY / 4).find(jobIn(folder), one).large).toBeUndefined()
  expect(createRoundCaches(ROOMY, 'arm').find(jobIn(folder), one).large).toBeUndefined()
})

test('without a folder they cannot be written, and the round continues', () => {
  const caches = createRoundCaches(ROOMY)
  const nowhere = jobIn(join(newFolder(), 'missing'))
  caches.keep(nowhere, images(1), { pool: POOL })
  caches.write(nowhere, images(1))
  expect(caches.find(nowhere, images(1)).pool).toEqual(POOL)
  expect(createRoundCaches(ROOMY).find(nowhere, images(1)).pool).toBeUndefined()
})
