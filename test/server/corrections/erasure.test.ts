/** Erasing what was taken back: while another process reads, where it fails, and after a restart. */

import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { createErasure } from '../../../server/corrections/erasure.ts'
import { storeFile } from '../../../server/corrections/store.ts'
import { BusyError } from '../../../server/http/problem.ts'
import { correctingApp, correctionOf, givenCorrection, newFolder, refusal, testStore } from './corrections.ts'

const MARK = Buffer.from('this drawing is to be forgotten '.repeat(20))

/** A store with some corrections and one to be taken back. */
function markedStore(folder = newFolder()) {
  const store = testStore({ quotas: false }, folder)
  for (let seed = 1; seed < 5; seed++) store.corrections.keep(givenCorrection(seed))
  const { id } = store.corrections.keep(givenCorrection(5, { png: MARK })).response
  const found = () =>
    ['', '-wal'].some((part) => {
      try {
        return readFileSync(storeFile(folder) + part).includes(MARK.subarray(0, 64))
      } catch {
        return false // the log is gone after a clean end
      }
    })
  const take = () => {
    store.corrections.forget(id, '10.0.0.1', false)
    return store.corrections.erased()
  }
  return { store, folder, found, take }
}

/** Another process in the middle of reading; returns its end. */
function read(folder: string): () => void {
  const other = new DatabaseSync(storeFile(folder), { readOnly: true })
  other.exec('BEGIN')
  other.prepare('SELECT count(*) FROM corrections').get()
  return () => other.close()
}

describe('while another process reads the store', () => {
  it('it is waited for, and requests are answered meanwhile', async () => {
    const { store, folder, found, take } = markedStore()
    const end = read(folder)
    let done = false
    const erased = take().then(() => {
      done = true
    })
    await sleep(200)
    const began = performance.now()
    store.corrections.keep(givenCorrection(6))
    expect([done, found(), performance.now() - began < 150]).toEqual([false, true, true])
    end()
    await erased
    expect(found()).toBe(false)
    store.close()
  })

  it('for too long, it is refused for now, and done when that ends, without another request', async () => {
    const { store, folder, found } = markedStore()
    const end = read(folder)
    const erasure = createErasure({
      database: store.database,
      state: folder,
      settle: async () => undefined,
      patience: 100,
      retry: 50,
    })
    store.database.transaction(() => {
      store.rows.remove(5)
      erasure.note()
    })
    await expect(erasure.finish()).rejects.toMatchObject({ status: 503, code: 'not_erased' })
    await expect(erasure.finish()).rejects.toMatchObject({ status: 503, code: 'not_erased' })
    end()
    await expect.poll(found, { timeout: 5000 }).toBe(false)
    await erasure.finish()
    erasure.close()
    store.close()
  })
})

describe('where it fails', () => {
  it('every request is 503 until a retry has finished it, whoever asks and for whatever', async () => {
    const app = correctingApp()
    const { id } = await correctionOf(app.teach(3), 201)
    const scrub = vi.spyOn(app.store.database, 'scrub').mockImplementation(() => {
      throw new BusyError(503, 'storage_failed', 'the storage does not take this now', 10)
    })
    const remove = () => app.request(`/api/v1/corrections/${id}`, { method: 'DELETE' })
    expect(await refusal(remove())).toBe('503 storage_failed')
    expect(await refusal(remove())).toBe('503 storage_failed')
    expect(app.store.rows.numbers()).toEqual([])
    scrub.mockRestore()
    expect((await remove()).status).toBe(204)
    expect((await remove()).status).toBe(204)
  })

  it('a later start finishes it', async () => {
    const { store, folder, found, take } = markedStore()
    vi.spyOn(store.database, 'scrub').mockImplementation(() => {
      throw new BusyError(503, 'storage_failed', 'the storage does not take this now', 10)
    })
    await expect(take()).rejects.toMatchObject({ code: 'storage_failed' })
    const end = read(folder) // so that the log is not moved at the end of the first process
    store.close()
    expect(found()).toBe(true)
    const again = testStore({}, folder)
    expect(again.database.get("SELECT 1 AS noted FROM secrets WHERE name = 'erase'")).toEqual({ noted: 1 })
    end()
    await again.corrections.erased()
    expect([found(), again.database.get("SELECT 1 FROM secrets WHERE name = 'erase'")]).toEqual([false, undefined])
    again.close()
  })

  it('what is taken back meanwhile is erased too', async () => {
    const { store, folder, found } = markedStore()
    const end = read(folder)
    const [newest, next] = store.corrections.list({ limit: 2 })
    store.corrections.forget(next.id, '', true)
    const first = store.corrections.erased()
    await sleep(60)
    store.corrections.forget(newest.id, '', true)
    end()
    await Promise.all([first, store.corrections.erased()])
    expect(found()).toBe(false)
    store.close()
  })
})
