/** The rules by which corrections are kept: quotas, bounds, what leaves first, and what of it stays on disk. */

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPendingPredictions } from '../../../server/corrections/pending.ts'
import type { GivenCorrection } from '../../../server/corrections/store.ts'
import { storeFile } from '../../../server/corrections/store.ts'
import type { BusyError } from '../../../server/http/problem.ts'
import { RoundStore } from '../../../server/store/rounds.ts'
import { givenCorrection, newFolder, testStore } from './corrections.ts'

const HOUR = 3_600_000 // ms

/** A store on a clock of the test's own. */
function quotaStore(folder = newFolder(), time = { at: 1_800_000_000_000 }) {
  const store = testStore({ clock: () => time.at }, folder)
  let seed = 0
  /** How many of `count` corrections from an address are taken, and what the first refusal says. */
  const give = (address: string, count: number, changes: Partial<GivenCorrection> = {}) => {
    let taken = 0
    let refused: BusyError | undefined
    for (let k = 0; k < count; k++) {
      try {
        store.corrections.keep(givenCorrection(++seed, { address, ...changes }))
        taken++
      } catch (error) {
        refused ??= error as BusyError
      }
    }
    return { taken, refused }
  }
  return { store, give, time, folder }
}

describe('quotas', () => {
  it('are 10 an hour and 30 a day for a network, with the time until the next', () => {
    const { give, time } = quotaStore()
    const first = give('10.0.0.1', 12)
    expect(first.taken).toBe(10)
    expect(first.refused).toMatchObject({ status: 429, code: 'rate_limited', retryAfter: 3600 })
    expect(give('10.0.0.2', 1).taken).toBe(1)
    time.at += HOUR
    expect(give('10.0.0.1', 12).taken).toBe(10)
    time.at += HOUR
    expect(give('10.0.0.1', 12).taken).toBe(10)
    time.at += HOUR
    const fourth = give('10.0.0.1', 1)
    expect([fourth.taken, fourth.refused?.retryAfter]).toEqual([0, 21 * 3600])
    time.at += 21 * HOUR
    expect(give('10.0.0.1', 12).taken).toBe(10)
  })

  it('of an IPv6 /64 are a network’s, of a /48 four times that', () => {
    const { give } = quotaStore()
    expect(give('2001:db8:1:1::1', 11).taken).toBe(10)
    expect(give('2001:db8:1:1:ffff::2', 1).taken).toBe(0)
    expect([2, 3, 4, 5].map((net) => give(`2001:db8:1:${net}::1`, 11).taken)).toEqual([10, 10, 10, 0])
    expect(give('2001:db8:2:1::1', 11).taken).toBe(10)
  })

  it('survive a restart and deleting', () => {
    const { store, give, time, folder } = quotaStore()
    give('10.0.0.1', 10)
    for (const { id } of store.corrections.list({ limit: 99 })) store.corrections.forget(id, '10.0.0.1', false)
    expect(store.rows.numbers()).toEqual([])
    expect(give('10.0.0.1', 1).taken).toBe(0)
    store.close()
    expect(quotaStore(folder, time).give('10.0.0.1', 1).taken).toBe(0)
  })

  it('are lifted for the owner, and by the option; saying the same again costs nothing', () => {
    const { store, give } = quotaStore()
    expect(give('10.0.0.1', 50, { fromOwner: true }).taken).toBe(50)
    expect(give('10.0.0.1', 10).taken).toBe(10)
    expect(store.corrections.keep(givenCorrection(60)).created).toBe(false)
    const lifted = testStore({ quotas: false })
    for (let seed = 0; seed < 40; seed++) lifted.corrections.keep(givenCorrection(seed))
    expect(lifted.rows.numbers()).toHaveLength(40)
  })
})

describe('what is kept', () => {
  it('is bounded in rows: confirmations leave first, then the implausible, of these the oldest; what was learned and the owner’s last', () => {
    const store = testStore({ quotas: false, maxRows: 5 })
    const keep = (seed: number, changes: Partial<GivenCorrection> = {}) =>
      store.corrections.keep(givenCorrection(seed, changes))
    const labels = () =>
      store.rows
        .list({ limit: 9 })
        .map(({ label }) => label)
        .reverse()
    keep(1, { label: 2, fromOwner: true, answer: 2 })
    keep(2, { label: 3 })
    keep(3, { label: 4, answer: 4 })
    keep(4, { label: 5 })
    keep(5, { label: 6 })
    store.database.run("UPDATE corrections SET use = 'implausible' WHERE label = 5")
    store.database.run("UPDATE corrections SET use = 'learned' WHERE label = 3")
    keep(6, { label: 7 })
    expect(labels()).toEqual([2, 3, 5, 6, 7])
    keep(7, { label: 8 })
    expect(labels()).toEqual([2, 3, 6, 7, 8])
    keep(8, { label: 9 })
    expect(labels()).toEqual([2, 3, 7, 8, 9])
  })

  it('gives a round the owner’s first, then the newest, and the implausible where there is room', () => {
    const store = testStore({ quotas: false })
    for (let seed = 1; seed <= 5; seed++) store.corrections.keep(givenCorrection(seed, { fromOwner: seed === 1 }))
    store.database.run("UPDATE corrections SET use = 'implausible' WHERE number = 4")
    const rounds = new RoundStore(store.database)
    expect(rounds.usable(3)).toEqual([1, 3, 5])
    expect(rounds.usable(4)).toEqual([1, 2, 3, 5])
    expect(rounds.usable(9)).toEqual([1, 2, 3, 4, 5])
  })

  it('is bounded in bytes: the file stays within 4 MiB while 20 MB come', () => {
    const folder = newFolder()
    const store = testStore({ quotas: false, maxBytes: 4_194_304 }, folder)
    for (let seed = 0; seed < 200; seed++)
      store.corrections.keep(givenCorrection(seed, { png: new Uint8Array(100_000) }))
    expect(store.rows.numbers().length).toBeGreaterThan(15)
    expect(store.database.usedBytes()).toBeLessThan(4_194_304 - 2_000_000)
    store.close()
    expect(statSync(storeFile(folder)).size).toBeLessThanOrEqual(4_194_304)
  })

  it('leaves whole or not at all: a correction that cannot be added costs no other its place', () => {
    const store = testStore({ quotas: false, maxRows: 3 })
    for (let seed = 1; seed <= 3; seed++) store.corrections.keep(givenCorrection(seed))
    const before = store.rows.numbers()
    expect(() => store.corrections.keep(givenCorrection(4, { input: new Uint8Array(3) }))).toThrow()
    expect(store.rows.numbers()).toEqual(before)
  })

  it('names no network: neither address nor key to it is in the file with the rows’ hash alone', () => {
    const folders = [newFolder(), newFolder()]
    const hashes = folders.map((folder) => {
      const store = testStore({}, folder)
      store.corrections.keep(givenCorrection(1, { address: '203.0.113.77' }))
      const [{ network }] = store.rows.list({ limit: 1 })
      store.close()
      expect(readFileSync(storeFile(folder)).includes('203.0.113.77')).toBe(false)
      return Buffer.from(network).toString('hex')
    })
    expect(hashes[0]).not.toBe(hashes[1])
  })

  it('is gone from the disk once it is erased: no byte of drawing or input is in any file', async () => {
    const folder = newFolder()
    const store = testStore({ quotas: false }, folder)
    const mark = Buffer.from('this drawing is to be forgotten '.repeat(300))
    for (let seed = 1; seed < 9; seed++) store.corrections.keep(givenCorrection(seed))
    const { response } = store.corrections.keep(givenCorrection(9, { png: mark }))
    const files = () => ['', '-wal'].map((part) => readFileSync(storeFile(folder) + part))
    expect(files().some((bytes) => bytes.includes(mark.subarray(0, 64)))).toBe(true)
    store.corrections.forget(response.id, '10.0.0.1', false)
    await store.corrections.erased()
    const input = Buffer.from(givenCorrection(9).input.subarray(0, 64))
    for (const bytes of files())
      expect([bytes.includes(mark.subarray(0, 64)), bytes.includes(input)]).toEqual([false, false])
    store.close()
  })

  it('answers an Idempotency-Key for a day, also after a restart', () => {
    const time = { at: 1_800_000_000_000 }
    const folder = newFolder()
    const repeat = { key: 'k', request: new Uint8Array([1]) }
    const open = () => testStore({ clock: () => time.at, quotas: false }, folder)
    const first = open()
    const { response } = first.corrections.keep(givenCorrection(1), repeat)
    first.close()
    const second = open()
    expect(second.corrections.repeated('10.0.0.1', repeat)).toEqual(response)
    expect(second.corrections.repeated('10.0.0.2', repeat)).toBeUndefined()
    time.at += 25 * HOUR
    second.corrections.keep(givenCorrection(2), { key: 'other', request: repeat.request })
    expect(second.corrections.repeated('10.0.0.1', repeat)).toBeUndefined()
    second.close()
  })

  it('is the last label of each drawing and network, in whatever order labels come', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            drawing: fc.integer({ min: 1, max: 4 }),
            label: fc.integer({ min: 0, max: 10 }),
            net: fc.integer({ min: 1, max: 2 }),
            forget: fc.boolean(),
          }),
          { maxLength: 25 },
        ),
        (steps) => {
          const store = testStore({ quotas: false })
          const expected = new Map<string, number>()
          for (const { drawing, label, net, forget } of steps) {
            const address = `10.0.0.${net}`
            const { response } = store.corrections.keep(givenCorrection(drawing, { label, address }))
            expected.set(`${net} ${drawing}`, label)
            if (!forget) continue
            store.corrections.forget(response.id, address, false)
            expected.delete(`${net} ${drawing}`)
          }
          const labels = store.rows.list({ limit: 99 }).map(({ label }) => label)
          store.close()
          expect(labels.sort()).toEqual([...expected.values()].sort())
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('predictions remembered', () => {
  const prediction = (bytes: number) =>
    ({
      network: 'n',
      keepsake: { png: new Uint8Array(bytes) },
      input: new Uint8Array(784),
      model: 'm',
      version: 1,
      answer: 1,
      confidence: 1,
    }) as const
  const failure = (work: () => unknown) => {
    try {
      work()
      return 'found'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('are at most 1,024 and at most 16 MiB, the oldest leave first, and 4,096 of those are remembered as expired', () => {
    const many = createPendingPredictions(() => 0)
    for (let k = 0; k < 10_000; k++) many.remember(String(k), prediction(10))
    expect(many.size()).toMatchObject({ entries: 1024, ended: 4096 })
    expect(failure(() => many.find('9999', 'n'))).toBe('found')
    expect(failure(() => many.find('8975', 'n'))).toBe('prediction_expired')
    expect(failure(() => many.find('1', 'n'))).toBe('unknown_prediction')
    const large = createPendingPredictions(() => 0)
    for (let k = 0; k < 200; k++) large.remember(String(k), prediction(262_144))
    expect(large.size().bytes).toBeLessThanOrEqual(16_777_216)
    expect(large.size().entries).toBeGreaterThan(60)
  })
})

it('is in a folder whose files are for this user alone', () => {
  const folder = join(newFolder())
  const store = testStore({}, folder)
  store.corrections.keep(givenCorrection(1))
  expect(statSync(folder).mode & 0o077).toBe(0)
  store.close()
})
