/** What is written to disk until a correction is acknowledged: flash memory wears out by it. */

import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { testUnless } from '../../skip.ts'
import { givenCorrection, newFolder, testStore } from '../corrections/corrections.ts'
import { noTrace, traceScript } from './traced-script.ts'

const KEEPING = fileURLToPath(new URL('keeping-process.ts', import.meta.url))
const DAY = 86_400_000 // ms

/** Bytes written and syncs made between two acknowledgements of a process that stores 150 corrections. */
async function acknowledgements(folder: string, first: number) {
  const found: { bytes: number; syncs: number }[] = []
  let [bytes, syncs] = [0, 0]
  for (const operation of await traceScript(folder, KEEPING, folder, String(first), '150')) {
    if (operation.type === 'print') {
      found.push({ bytes, syncs })
      ;[bytes, syncs] = [0, 0]
    } else if (operation.type === 'write') bytes += operation.bytes.length
    else if (operation.type === 'sync') syncs++
  }
  // before the first the store was made or opened
  return found.slice(1)
}

testUnless(
  noTrace,
  'a correction with a drawing of 600 bytes is acknowledged with at most 16 KB written, 9 KB on average, and one sync',
  async () => {
    const empty = newFolder()
    const filled = newFolder()
    const store = testStore({ quotas: false }, filled)
    store.database.transaction(() => {
      for (let seed = 10_000; seed < 12_000; seed++) {
        store.corrections.keep(givenCorrection(seed, { address: `10.${seed >> 8}.${seed & 255}.1` }))
      }
    })
    store.close()
    for (const folder of [empty, filled]) {
      const written = await acknowledgements(folder, 0)
      expect(written).toHaveLength(149)
      expect(Math.max(...written.map(({ syncs }) => syncs))).toBe(1)
      expect(Math.max(...written.map(({ bytes }) => bytes))).toBeLessThanOrEqual(16_384)
      expect(written.reduce((sum, { bytes }) => sum + bytes, 0) / written.length).toBeLessThan(9000)
    }
  },
)

it('what no longer counts is deleted after 96 commits, not while one of them is waited for', async () => {
  const time = { at: 1_800_000_000_000 }
  const { corrections, database, close } = testStore({ clock: () => time.at })
  corrections.keep(givenCorrection(0), { key: 'k', request: Uint8Array.of(1) })
  const rows = () =>
    ['keys', 'spent'].map((table) => database.get<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)?.count)
  time.at += DAY
  expect(rows()).toEqual([1, 1])
  for (let seed = 1; seed < 96; seed++) corrections.keep(givenCorrection(seed, { address: `10.0.1.${seed}` }))
  expect(rows()).toEqual([1, 96])
  await expect.poll(rows, { timeout: 10_000 }).toEqual([0, 95])
  close()
})
