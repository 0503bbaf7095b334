/** What somebody does to the files of a store that is open: deletes, replaces or cuts them. Nothing of SQLite is replaced. */

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { storeFile } from '../../../server/corrections/store.ts'
import { openState } from '../../../server/files/state-directory.ts'
import { repairStore } from '../../../server/store/repair.ts'
import { givenCorrection, newFolder, testStore } from '../corrections/corrections.ts'

const code = (work: () => unknown) => {
  try {
    work()
    return 'done'
  } catch (error) {
    return `${(error as { status?: number }).status} ${(error as { code?: string }).code}`
  }
}

const opened: (() => void)[] = []
afterEach(() => {
  for (const close of opened.splice(0)) close()
})

/** A store in use: two corrections, one of them in the log alone. */
function inUse() {
  const folder = join(newFolder(), 'state')
  const state = openState(folder)
  const store = testStore({ quotas: false, regain: state.regain }, folder)
  const keep = (seed: number) => code(() => store.corrections.keep(givenCorrection(seed)))
  opened.push(store.close, state.release)
  keep(1)
  store.database.scrub()
  keep(2)
  return { folder, file: storeFile(folder), state, store, keep, count: () => countOf(store) }
}

const countOf = ({ database }: ReturnType<typeof testStore>) =>
  database.get<{ count: number }>('SELECT count(*) AS count FROM corrections')?.count

/** How many corrections another process would find on disk. */
function onDisk(folder: string): number | undefined {
  const copy = newFolder()
  cpSync(folder, copy, { recursive: true })
  const store = testStore({}, copy)
  const count = countOf(store)
  store.close()
  return count
}

describe('a state folder that is deleted while its store is open', () => {
  it('is made again, says so once, and what is acknowledged from then on is on disk', () => {
    const { folder, store, keep, count } = inUse()
    rmSync(folder, { recursive: true })
    expect(keep(3)).toBe('503 storage_failed')
    expect(keep(4)).toBe('done')
    expect([count(), onDisk(folder)]).toEqual([1, 1])
    expect(store.warnings).toEqual([
      'the store was deleted while the server ran: a new one is made, and what was in it is gone',
    ])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('during a transaction is not acknowledged', () => {
    const { folder, store } = inUse()
    const half = () =>
      store.database.transaction(() => {
        store.database.run("INSERT INTO secrets VALUES ('half', x'00')")
        rmSync(folder, { recursive: true })
      })
    expect(code(half)).toBe('503 storage_failed')
  })

  it('is locked again, so that no second process takes it', () => {
    const { folder, state, store, keep } = inUse()
    rmSync(folder, { recursive: true })
    keep(3)
    expect(existsSync(join(folder, 'lock.db'))).toBe(true)
    expect(() => openState(folder)).toThrow('already_running')
    store.close()
    state.release()
    openState(folder).release()
  })

  it('is noticed by who only reads, within a second', () => {
    const { folder, count } = inUse()
    rmSync(folder, { recursive: true })
    const until = performance.now() + 3000
    let seen: unknown
    while (performance.now() < until && seen !== 0) {
      try {
        seen = count()
      } catch {
        // once
      }
    }
    expect(seen).toBe(0)
  })

  it('and moved back has all that was acknowledged', () => {
    const { folder, store, keep, count } = inUse()
    const away = `${folder}-away`
    renameSync(folder, away)
    writeFileSync(folder, '') // so that none can be made
    expect(keep(3)).toBe('503 storage_failed')
    expect(keep(3)).toBe('503 storage_failed')
    rmSync(folder)
    renameSync(away, folder)
    expect(keep(3)).toBe('503 storage_failed')
    expect(keep(3)).toBe('done')
    expect([count(), onDisk(folder)]).toEqual([3, 3])
    expect(store.warnings.at(-2)).toBe('the store is there again')
  })
})

describe('a store that is replaced while it is open', () => {
  it('by a copy with a log of its own is used as it is there, whole', () => {
    const { folder, store, keep, count } = inUse()
    const backup = newFolder()
    cpSync(folder, backup, { recursive: true })
    expect(statSync(join(backup, 'store.db-wal')).size).toBeGreaterThan(0)
    for (const seed of [3, 4, 5]) expect(keep(seed)).toBe('done')
    rmSync(folder, { recursive: true })
    cpSync(backup, folder, { recursive: true })
    expect(keep(6)).toBe('503 storage_failed')
    expect(count()).toBe(2)
    expect(keep(6)).toBe('done')
    expect([count(), onDisk(folder)]).toEqual([3, 3])
    expect(store.warnings).toEqual(['the store was replaced while the server ran: the one that is there now is used'])
  })

  it('alone, beside the log of the one before, does not get the changes in that', () => {
    const { folder, file, keep, count } = inUse()
    const other = newFolder()
    const another = testStore({ quotas: false }, other)
    another.corrections.keep(givenCorrection(7))
    another.close()
    copyFileSync(storeFile(other), `${file}.restored`)
    renameSync(`${file}.restored`, file)
    expect(keep(3)).toBe('503 storage_failed')
    expect(count()).toBe(1)
    expect(keep(8)).toBe('done')
    expect(onDisk(folder)).toBe(2)
  })

  it('by something else is refused as broken, until a store is there', () => {
    const { folder, file, keep, count } = inUse()
    const backup = newFolder()
    cpSync(folder, backup, { recursive: true })
    rmSync(file)
    writeFileSync(file, 'no store '.repeat(1000))
    expect(keep(3)).toBe('503 store_broken')
    expect(keep(3)).toBe('503 store_broken')
    rmSync(folder, { recursive: true })
    cpSync(backup, folder, { recursive: true })
    expect(keep(3)).toBe('503 storage_failed')
    expect(keep(3)).toBe('done')
    expect(count()).toBe(3)
  })
})

describe('a store that is cut', () => {
  it.each([0, 512, 5000])('to %i bytes while it is open is put aside and said, and nothing is acknowledged', (size) => {
    const { file, store, keep } = inUse()
    truncateSync(file, size)
    expect(keep(3)).toBe('503 store_broken')
    expect(code(() => store.corrections.list({ limit: 9 }))).toBe('503 store_broken')
    expect(store.warnings).toHaveLength(1)
    expect(store.warnings[0]).toMatch(/^store_broken: it was cut while the server ran; the file is kept aside as /)
    expect([existsSync(file), existsSync(`${file}.broken`), existsSync(`${file}.broken-wal`)]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('works again without a restart where a whole one is put in its place', () => {
    const { file, store, keep, count } = inUse()
    store.database.scrub()
    const bytes = readFileSync(file)
    truncateSync(file, 0)
    expect(keep(3)).toBe('503 store_broken')
    writeFileSync(file, bytes)
    expect(keep(3)).toBe('503 storage_failed')
    expect(keep(3)).toBe('done')
    expect(count()).toBe(3)
  })

  it('to 0 bytes while it is closed is not taken for a new one; repair makes one', () => {
    const { folder, file, store, state } = inUse()
    store.close()
    state.release()
    truncateSync(file, 0)
    const again = testStore({}, folder)
    expect(again.database.broken).toBe(true)
    expect(again.warnings[0]).toMatch(/^store_broken: it was cut to 0 bytes; /)
    expect(code(() => again.corrections.keep(givenCorrection(3)))).toBe('503 store_broken')
    again.close()
    expect(repairStore(file, Date.now())?.tables.length).toBeGreaterThan(3)
    const repaired = testStore({ quotas: false }, folder)
    expect(repaired.corrections.keep(givenCorrection(3)).created).toBe(true)
    repaired.close()
  })
})

describe('the log of a store', () => {
  it.each([
    '-wal',
    '-shm',
  ])('is saved when its file %s is deleted, and nothing that was acknowledged is lost', (part) => {
    const { folder, file, store, keep, count } = inUse()
    rmSync(file + part)
    expect(keep(3)).toBe('done')
    expect([count(), onDisk(folder)]).toEqual([3, 3])
    expect(store.warnings).toEqual(['the log of the store was deleted while it was in use; what was in it is saved'])
  })
})

it('a first start that is killed before the store has its name begins anew', () => {
  const folder = newFolder()
  mkdirSync(dirname(storeFile(folder)), { recursive: true })
  writeFileSync(`${storeFile(folder)}.first`, new Uint8Array(700))
  const store = testStore({ quotas: false }, folder)
  expect(store.corrections.keep(givenCorrection(1)).created).toBe(true)
  expect([store.warnings, existsSync(`${storeFile(folder)}.first`)]).toEqual([[], false])
  store.close()
})
