/** A store with the earlier layout: it is copied into a new file, whatever happens meanwhile, and works where it cannot be. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { storeFile } from '../../../server/corrections/store.ts'
import type { Database } from '../../../server/store/database.ts'
import { testUnless } from '../../skip.ts'
import { givenCorrection, newFolder, testStore } from '../corrections/corrections.ts'
import { Disk, LEFTOVERS, writeTree } from '../files/power-cut.ts'
import { makeEarlierStore } from './earlier-layout.ts'
import { noTrace, traceScript } from './traced-script.ts'

const OPENING = fileURLToPath(new URL('opening-process.ts', import.meta.url))
const COUNT = 25

const pageSize = (database: Database) => database.get<{ page_size: number }>('PRAGMA page_size')?.page_size

/** All rows of a file, as text. */
function contents(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  const columns =
    'number, id, at, png, input, digest, label, model, version, answer, confidence, network, trusted, use, prediction'
  const tables = [
    database.prepare(`SELECT ${columns} FROM corrections ORDER BY number`).all(),
    database.prepare('SELECT network, key, body, answer, correction, at FROM keys ORDER BY correction').all(),
    database.prepare('SELECT network, wide, at FROM spent ORDER BY network').all(),
    database.prepare('SELECT * FROM secrets').all(),
    database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'corrections'").all(),
  ]
  database.close()
  return JSON.stringify(tables, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  )
}

describe('a store with pages of 4096 bytes', () => {
  it('is copied to pages of 512 with every row as it was, ids are found, and no number is given again', () => {
    const folder = newFolder()
    const ids = makeEarlierStore(folder, COUNT)
    const before = contents(storeFile(folder))
    testStore({}, folder).close()
    expect(contents(storeFile(folder))).toBe(before)
    const { database, corrections, rows, warnings, close } = testStore({ quotas: false }, folder)
    expect([pageSize(database), warnings]).toEqual([512, []])
    expect(corrections.forget(ids[3], '', true)).toBe(true)
    expect(corrections.list({ limit: 3, before: ids[5] }).map(({ id }) => id)).toEqual([ids[4], ids[2], ids[1]])
    expect(database.get('SELECT count(*) AS count FROM keys WHERE correction = ?', ids[3])).toEqual({ count: 0 })
    const { response } = corrections.keep(givenCorrection(1000))
    expect(rows.find(response.id)?.number).toBe(COUNT + 2)
    expect(corrections.forget(response.id, '', true)).toBe(true)
    expect(rows.find(response.id)).toBeUndefined()
    close()
    expect(readdirSync(folder)).toEqual(['store.db'])
  })

  it('that another program reads is used as it is, and copied at the next start', () => {
    const folder = newFolder()
    const ids = makeEarlierStore(folder, COUNT)
    const reader = new DatabaseSync(storeFile(folder), { readOnly: true })
    reader.exec('BEGIN; SELECT count(*) FROM corrections')
    const store = testStore({ quotas: false }, folder)
    expect(store.warnings).toEqual([expect.stringMatching(/^the store is not rewritten now.*another program reads it/)])
    expect(pageSize(store.database)).toBe(4096)
    const repeat = { key: 'k', request: Uint8Array.of(1) }
    const { response } = store.corrections.keep(givenCorrection(1000), repeat)
    expect(store.corrections.repeated('10.0.0.1', repeat)).toEqual(response)
    expect(store.corrections.keep(givenCorrection(1000)).created).toBe(false)
    expect(store.corrections.forget(ids[0], '', true)).toBe(true)
    store.close()
    reader.close()
    const next = testStore({}, folder)
    expect([pageSize(next.database), next.warnings]).toEqual([512, []])
    expect(next.corrections.repeated('10.0.0.1', repeat)).toEqual(response)
    expect(next.rows.numbers()).toHaveLength(COUNT)
    next.close()
  })

  it('is used as it is where there is no room for a copy', () => {
    const folder = newFolder()
    makeEarlierStore(folder, COUNT)
    const store = testStore({ leastFree: Number.MAX_SAFE_INTEGER }, folder)
    expect(store.warnings).toEqual([expect.stringContaining('not enough free space')])
    expect([pageSize(store.database), store.corrections.list({ limit: 99 }).length]).toEqual([4096, COUNT])
    store.close()
    expect(existsSync(`${storeFile(folder)}.new`)).toBe(false)
  })

  testUnless(noTrace, 'is whole with all its rows after a power cut at any moment while it is copied', async () => {
    const state = newFolder()
    makeEarlierStore(state, COUNT)
    const before = contents(storeFile(state))
    const disk = new Disk(state)
    const wrong: string[] = []
    const layouts = new Set<number | undefined>()
    const look = (moment: string) => {
      for (const leftover of LEFTOVERS) {
        const cut = mkdtempSync(join(tmpdir(), 'inkling-cut-'))
        writeTree(cut, disk.afterPowerCut(leftover))
        // a reader with write access recovers what the cut has left
        const found = new DatabaseSync(storeFile(cut))
        layouts.add((found.prepare('PRAGMA page_size').get() as { page_size: number }).page_size)
        found.close()
        const { database, warnings, close } = testStore({}, cut)
        if (pageSize(database) !== 512 || warnings.length > 0) wrong.push(`${moment}: ${warnings}`)
        close()
        if (contents(storeFile(cut)) !== before) wrong.push(`${moment}, ${JSON.stringify(leftover)}: other rows`)
        rmSync(cut, { recursive: true })
      }
    }
    for (const operation of await traceScript(state, OPENING, state)) {
      if (operation.type === 'print') continue
      const { type } = operation
      if (type === 'sync' || type === 'rename' || type === 'remove') look(`before ${type} ${operation.path}`)
      disk.apply(operation)
      if (type === 'rename') look('after renaming')
    }
    look('at the end')
    expect(wrong).toEqual([])
    expect([...layouts].sort()).toEqual([4096, 512])
  })
})
