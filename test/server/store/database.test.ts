/** The store's file: power cuts, full and failing disks, damage. Faults are real ones; nothing of SQLite is replaced. */

import {
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { PredictResponse } from '../../../core/protocol.ts'
import { storeFile } from '../../../server/corrections/store.ts'
import { Database } from '../../../server/store/database.ts'
import { MIGRATIONS } from '../../../server/store/migrations.ts'
import { repairStore } from '../../../server/store/repair.ts'
import { RoundStore } from '../../../server/store/rounds.ts'
import { runProcess, runTool } from '../../child-processes.ts'
import { testUnless } from '../../skip.ts'
import { run } from '../command.ts'
import { givenCorrection, newFolder, testStore } from '../corrections/corrections.ts'
import { ONE } from '../http/application.ts'
import { testWeights } from '../models/test-model.ts'
import { startServer } from '../running-server.ts'
import { makeEarlierStore } from './earlier-layout.ts'
import { withDisk } from './mounted-disk.ts'

const weights = testWeights()

/** Makes a store with that many corrections, closes it and returns its folder. */
function taught(count: number): string {
  const folder = newFolder()
  const store = testStore({ quotas: false }, folder)
  for (let seed = 1; seed <= count; seed++)
    store.corrections.keep(givenCorrection(seed, { png: new Uint8Array(3000).fill(seed) }))
  store.close()
  return folder
}

/** A store as it was before the columns of rounds were renamed, with an unfinished round. */
function firstSchema(folder: string) {
  const file = storeFile(folder)
  const database = new Database(file, { migrations: MIGRATIONS.slice(0, 2), warn: () => {}, leastFree: 0 })
  const opinions = [['mlp-200', 'b'.repeat(64)]]
  database.run(
    `INSERT INTO rounds (model, parent, seed, lessons, newest, trusted, shipped, seconds, starts, failures, at)
     VALUES ('cnn', 1, 7, '[3,5]', 5, 'mnist', ?, ?, 1, 0, 0)`,
    'a'.repeat(64),
    JSON.stringify(opinions),
  )
  database.close()
  const round = {
    round: 1,
    model: 'cnn',
    parent: 1,
    seed: 7,
    corrections: [3, 5],
    newest: 5,
    replaySet: 'mnist',
    shipped: 'a'.repeat(64),
    secondOpinions: opinions,
    starts: 1,
    failures: 0,
    until: null,
  }
  return { file, round }
}

function overwrite(file: string, at: number, length: number): void {
  writeSync(openSync(file, 'r+'), new Uint8Array(length).fill(0xa5), 0, length, at)
}

const code = (work: () => unknown) => {
  try {
    work()
    return 'done'
  } catch (error) {
    return `${(error as { status?: number }).status} ${(error as { code?: string }).code}`
  }
}

describe('storage', () => {
  it('that is full refuses with 503 storage_full, breaks nothing, and takes corrections again once there is room', () => {
    const folder = newFolder()
    const small = new Database(storeFile(folder), {
      migrations: MIGRATIONS,
      warn: () => {},
      leastFree: 0,
      maxBytes: 262_144,
    })
    const insert = () => small.run('INSERT INTO secrets VALUES (?, ?)', crypto.randomUUID(), new Uint8Array(20_000))
    let stored = 0
    while (code(insert) === 'done') stored++
    expect(code(insert)).toBe('503 storage_full')
    expect(small.get('SELECT count(*) AS count FROM secrets')).toEqual({ count: stored })
    small.transaction(() => small.run('DELETE FROM secrets'), 0)
    expect(code(insert)).toBe('done')
    small.close()
  })

  it('with less room than must stay free is not written to, but corrections may be deleted', () => {
    const folder = taught(3)
    const store = testStore({ leastFree: Number.MAX_SAFE_INTEGER, quotas: false }, folder)
    expect(code(() => store.corrections.keep(givenCorrection(9)))).toBe('503 storage_full')
    const [{ id }] = store.corrections.list({ limit: 1 })
    expect(store.corrections.forget(id, '', true)).toBe(true)
    expect(store.corrections.list({ limit: 9 })).toHaveLength(2)
    expect(store.warnings).toHaveLength(1)
  })

  testUnless(
    !runTool('prlimit', '--version') && 'there is no prlimit',
    'that fails to grow a file refuses with 503, and works again without a restart',
    async () => {
      const folder = newFolder()
      const script = `
        import { execFileSync } from 'node:child_process'
        const { testStore, givenCorrection } = await import(${JSON.stringify(new URL('../corrections/corrections.ts', import.meta.url).href)})
        const store = testStore({ quotas: false }, ${JSON.stringify(folder)})
        const limit = (bytes) => execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=' + bytes + ':'])
        const keep = (seed) => { try { return store.corrections.keep(givenCorrection(seed, { png: new Uint8Array(50_000) })).created } catch (error) { return error.code } }
        const results = [keep(1)]
        limit(400_000)
        for (let seed = 2; seed < 30; seed++) results.push(keep(seed))
        const readable = store.corrections.list({ limit: 99 }).length
        limit('unlimited')
        results.push(keep(100))
        console.log(JSON.stringify({ results, readable, kept: store.corrections.list({ limit: 99 }).length, warnings: store.warnings }))`
      const { stdout, stderr } = await runProcess(process.execPath, ['--input-type=module', '-e', script])
      expect(String(stderr)).toBe('')
      const { results, readable, kept, warnings } = JSON.parse(String(stdout))
      expect(results[0]).toBe(true)
      expect(results.slice(-3)).toEqual(['storage_failed', 'storage_failed', true])
      expect(readable).toBe(results.filter((one: unknown) => one === true).length - 1)
      expect(kept).toBe(readable + 1)
      // the log reports each change, not each refusal
      const refusals = results.filter((one: unknown) => one === 'storage_failed').length
      expect(refusals).toBeGreaterThan(10)
      expect(warnings.length).toBeLessThanOrEqual(8)
      expect(warnings[0]).toMatch(/^storage_failed: /)
      expect(warnings.at(-1)).toBe('the store works again')
    },
  )

  it('on a disk that is full refuses with 503 and works again once there is room', async ({ skip }) => {
    const mounted = await withDisk(512, ({ path, fill }) => {
      const store = testStore({ quotas: false }, path)
      store.corrections.keep(givenCorrection(1))
      fill()
      const large = (seed: number) => givenCorrection(seed, { png: new Uint8Array(200_000) })
      const codes = Array.from({ length: 5 }, (_, k) => code(() => store.corrections.keep(large(2 + k))))
      expect(codes.every((one) => one === '503 storage_full' || one === '503 storage_failed')).toBe(true)
      expect(store.corrections.list({ limit: 9 })).toHaveLength(1)
      rmSync(join(path, 'fill'))
      expect(code(() => store.corrections.keep(givenCorrection(9)))).toBe('done')
      expect(store.corrections.list({ limit: 9 })).toHaveLength(2)
      store.close()
    })
    if (!mounted) skip('a disk cannot be mounted here')
  })
})

describe('a damaged file', () => {
  it.each<[string, (file: string) => void]>([
    ['its header overwritten', (file) => overwrite(file, 0, 100)],
    ['a page flipped', (file) => overwrite(file, 4096 * Math.floor(statSync(file).size / 8192), 4096)],
    ['cut in half', (file) => writeFileSync(file, readFileSync(file).subarray(0, statSync(file).size >> 1))],
    ['text', (file) => writeFileSync(file, 'nothing like a database '.repeat(500))],
  ])('(%s) is kept aside, refuses with 503 store_broken also after the next start, and explains how to repair it', (_, harm) => {
    const folder = taught(40)
    const file = storeFile(folder)
    harm(file)
    const before = readFileSync(file)
    for (let start = 0; start < 2; start++) {
      const store = testStore({}, folder)
      expect(store.database.broken).toBe(true)
      expect(code(() => store.corrections.keep(givenCorrection(1)))).toBe('503 store_broken')
      expect(code(() => store.corrections.list({ limit: 1 }))).toBe('503 store_broken')
      expect(store.warnings).toEqual([expect.stringMatching(/^store_broken: .*inkling corrections repair/)])
      store.close()
    }
    expect(existsSync(file)).toBe(false)
    expect(readFileSync(`${file}.broken`)).toEqual(before)
  })

  it('found damaged while it is used refuses from then on, and the process keeps running', () => {
    const folder = taught(600)
    const store = testStore({}, folder)
    const file = storeFile(folder)
    overwrite(file, 4096 * 20, statSync(file).size - 4096 * 20)
    const codes = Array.from({ length: 3 }, () => code(() => store.database.all('SELECT input, png FROM corrections')))
    expect(codes).toEqual(Array(3).fill('503 store_broken'))
    expect(store.warnings).toHaveLength(2)
  })

  it('is repaired: what can be read is saved, all of it where only the header was lost', () => {
    const folder = taught(40)
    const file = storeFile(folder)
    overwrite(file, 0, 100)
    testStore({}, folder).close()
    const { tables = [], kept = '' } = repairStore(file, 0) ?? {}
    expect(tables[0]).toEqual({ table: 'corrections', saved: 40, unreadable: 0 })
    expect(existsSync(kept)).toBe(true)
    const store = testStore({ quotas: false }, folder)
    expect(store.warnings).toEqual([])
    expect(store.corrections.list({ limit: 99 })).toHaveLength(40)
    // the same network is still known as the same
    expect(store.corrections.keep(givenCorrection(40)).created).toBe(false)
    expect(readdirSync(folder).filter((name) => /new|reading/.test(name))).toEqual([])
    store.close()
    expect(repairStore(file, 0)).toBeUndefined()
  })

  it('is repaired: of 40 corrections with one page overwritten at least 30 are saved, none of them altered', () => {
    for (let page = 30; page < 60; page += 6) {
      const folder = taught(40)
      const whole = testStore({}, folder)
      const before = new Map(whole.rows.whole(0, 99).map((row) => [row.id, row]))
      whole.close()
      const file = storeFile(folder)
      overwrite(file, 4096 * page, 4096)
      const store = testStore({}, folder)
      const { broken } = store.database
      store.close()
      if (broken) repairStore(file, 0)
      const after = testStore({}, folder)
      const rows = after.rows.whole(0, 99)
      expect(rows.length).toBeGreaterThanOrEqual(30)
      for (const { id, input, label } of rows) {
        expect([id, label]).toEqual([id, before.get(id)?.label])
        expect(Buffer.compare(input, before.get(id)?.input as Uint8Array)).toBe(0)
      }
      after.close()
    }
  })

  it('lets the server answer from its weights, refuse corrections with 503, and be repaired by the command', async () => {
    const INKLING_STATE = taught(5)
    overwrite(storeFile(INKLING_STATE), 0, 100)
    const server = await startServer({ INKLING_WEIGHTS: weights, INKLING_STATE })
    const send = (path: string, body: unknown) =>
      fetch(`${server.url}/api/v1/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
    const response = await send('predict', ONE)
    expect(response.status).toBe(200)
    const { id: predictionId } = (await response.json()) as PredictResponse
    const refused = await send('corrections', { predictionId, label: 3 })
    expect([refused.status, await refused.json()]).toEqual([503, expect.objectContaining({ code: 'store_broken' })])
    expect(refused.headers.get('retry-after')).toBe('3600')
    expect(server.output()).toMatch(/store_broken: .*repair/)
    expect((await run(['corrections', 'repair'], { INKLING_STATE })).code).toBe(1) // the server has it
    expect(await server.stop()).toBe(0)
    const { code: ended, stdout } = await run(['corrections', 'repair'], { INKLING_STATE })
    expect([ended, stdout]).toEqual([0, expect.stringContaining('corrections: 5 saved, 0 unreadable')])
    expect((await run(['corrections', 'repair'], { INKLING_STATE })).stdout).toBe('the store is not damaged\n')
  })

  it('whose rounds have their first column names is migrated: an unfinished round keeps everything it was begun with', () => {
    const folder = newFolder()
    const { file, round } = firstSchema(folder)
    const store = testStore({}, folder)
    expect(new RoundStore(store.database).unfinished()).toEqual(round)
    store.close()
    const database = new DatabaseSync(file)
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length })
    database.close()
  })

  it('that is damaged and has the first column names is repaired with its rounds', () => {
    const folder = newFolder()
    const { file, round } = firstSchema(folder)
    overwrite(file, 0, 100)
    testStore({}, folder).close()
    expect(repairStore(file, 0)?.tables).toContainEqual({ table: 'rounds', saved: 1, unreadable: 0 })
    const store = testStore({}, folder)
    expect(new RoundStore(store.database).unfinished()).toEqual(round)
    store.close()
  })

  it('that is damaged and has the earlier layout, its header lost, is repaired with all its corrections and keys', () => {
    const folder = newFolder()
    makeEarlierStore(folder, 20)
    const file = storeFile(folder)
    overwrite(file, 0, 100)
    testStore({}, folder).close()
    const { tables = [] } = repairStore(file, 0) ?? {}
    expect(tables).toContainEqual({ table: 'corrections', saved: 20, unreadable: 0 })
    expect(tables).toContainEqual({ table: 'keys', saved: 20, unreadable: 0 })
    const store = testStore({}, folder)
    expect(store.warnings).toEqual([])
    expect(store.database.get('PRAGMA page_size')).toEqual({ page_size: 512 })
    store.close()
  })

  it('of a newer version is not touched: the server does not start', () => {
    const folder = taught(1)
    const database = new DatabaseSync(storeFile(folder))
    database.exec('PRAGMA user_version = 99')
    database.close()
    copyFileSync(storeFile(folder), join(folder, 'before'))
    expect(() => testStore({}, folder)).toThrow(/^cannot_write: .*newer version/)
    expect(readFileSync(storeFile(folder))).toEqual(readFileSync(join(folder, 'before')))
  })
})

describe('the write-ahead log', () => {
  it('stays below 4 MiB while 400 corrections of 60 kB come and the oldest leave', () => {
    const folder = newFolder()
    const store = testStore({ quotas: false, maxBytes: 8_388_608 }, folder)
    let most = 0
    for (let seed = 0; seed < 400; seed++) {
      store.corrections.keep(givenCorrection(seed, { png: new Uint8Array(60_000).fill(seed) }))
      most = Math.max(most, statSync(`${storeFile(folder)}-wal`).size)
    }
    expect(most).toBeLessThan(4_194_304)
    expect(statSync(storeFile(folder)).size).toBeLessThanOrEqual(8_388_608)
    store.close()
  })
})
