/** The store's file after power cuts: what SQLite writes, syncs and removes is recorded and cut off at each sync and acknowledgement. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { sha256 } from '../../../server/files/sha256.ts'
import { testUnless } from '../../skip.ts'
import { newFolder, testStore } from '../corrections/corrections.ts'
import { Disk, LEFTOVERS, writeTree } from '../files/power-cut.ts'
import { noTrace, traceScript } from './traced-script.ts'

const STORING = fileURLToPath(new URL('storing-process.ts', import.meta.url))
const COUNT = 40
const folder = mkdtempSync(join(tmpdir(), 'inkling-power-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('is written ahead, synced at every commit and keeps to its foreign keys', () => {
  const { database } = testStore({}, newFolder())
  expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
  expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 }) // FULL
  expect(database.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
})

testUnless(
  noTrace,
  `after a power cut at any moment of ${COUNT} corrections the file is whole and holds all that were acknowledged`,
  async () => {
    const state = newFolder()
    const disk = new Disk(state)
    const acknowledged: string[] = []
    const wrong: string[] = []
    const seen = new Set<string>() // states of the disk
    const look = (moment: string) => {
      for (const leftover of wrong.length < 5 ? LEFTOVERS : []) {
        const tree = disk.afterPowerCut(leftover)
        const digest = sha256(
          Buffer.concat([...tree].flatMap(([path, contents]) => [Buffer.from(path), contents ?? Buffer.alloc(0)])),
        )
        if (seen.has(`${digest} ${acknowledged.length}`)) continue
        seen.add(`${digest} ${acknowledged.length}`)
        const cut = mkdtempSync(join(folder, 'cut-'))
        writeTree(cut, tree)
        const { database, warnings } = testStore({}, cut)
        const kept = database.broken
          ? []
          : database.all<{ id: string }>('SELECT id FROM corrections').map(({ id }) => id)
        const missing = acknowledged.filter((id) => !kept.includes(id))
        if (missing.length > 0 || warnings.length > 0) {
          wrong.push(`${moment}, ${JSON.stringify(leftover)}: ${missing.length} missing; ${warnings.join()}`)
        }
        database.close()
        rmSync(cut, { recursive: true })
      }
    }
    for (const operation of await traceScript(state, STORING, state, '5900', String(COUNT))) {
      if (operation.type === 'print') {
        acknowledged.push(operation.text.trim())
        look(`after acknowledgement ${acknowledged.length}`)
      } else {
        if (operation.type === 'sync') look(`before a sync of ${operation.path.slice(state.length)}`)
        disk.apply(operation)
      }
    }
    expect(acknowledged).toHaveLength(COUNT)
    expect(seen.size).toBeGreaterThan(2 * COUNT)
    expect(wrong).toEqual([])
  },
)
