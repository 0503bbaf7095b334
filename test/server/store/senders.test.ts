/** What the owner decides about corrections and who sent them, as the store keeps it: for rounds, in lists, over restarts and repair. */

import { openSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { RoundReport } from '../../../core/protocol.ts'
import { storeFile } from '../../../server/corrections/store.ts'
import { LAYOUT, MIGRATIONS } from '../../../server/store/migrations.ts'
import { repairStore } from '../../../server/store/repair.ts'
import { RoundStore } from '../../../server/store/rounds.ts'
import { givenCorrection, newFolder, testStore } from '../corrections/corrections.ts'
import { makeEarlierStore } from './earlier-layout.ts'

const [ANN, BEN, OWNER] = ['10.0.0.1', '10.0.1.1', '10.0.2.1']

/** A store with corrections 1 to 6: two each of Ann, Ben and the owner. */
function decidedStore(folder = newFolder()) {
  const store = testStore({ quotas: false }, folder)
  const give = (seed: number, address: string, fromOwner = false) =>
    store.corrections.keep(givenCorrection(seed, { address, fromOwner })).response.id
  const ids = [ANN, ANN, BEN, BEN].map((address, k) => give(k + 1, address))
  ids.push(give(5, OWNER, true), give(6, OWNER, true))
  const rounds = new RoundStore(store.database)
  /** Ends a round in which these were held back and the others learned. */
  const endRound = (held: readonly number[], model = 'softmax') => {
    const { until, stale } = rounds.learner(model)
    const corrections = rounds.usable(1000, until)
    const newest = rounds.newest()
    const task = {
      model,
      parent: 1,
      seed: 1,
      corrections,
      newest,
      replaySet: 'replay',
      shipped: '',
      secondOpinions: [],
    }
    const { round } = rounds.begin({ ...task, until, stale })
    const uses = corrections.map((number) => [number, held.includes(number) ? 'held' : 'learned'] as const)
    rounds.finish(round, model, { report: {} as RoundReport, seen: newest, uses })
  }
  const uses = () =>
    store.rows
      .list({ limit: 99 })
      .map(({ use }) => use)
      .reverse()
  return { ...store, ids, rounds, give, endRound, uses }
}

const numbers = (rows: readonly { number: number }[]) => rows.map(({ number }) => number)

describe('a correction', () => {
  it('that a round held back is shown as held until a later round learns from it', () => {
    const { rows, rounds, endRound, uses } = decidedStore()
    expect(rounds.corrections()).toEqual({ kept: 6, waiting: 6, held: 0 })
    endRound([1, 3])
    expect(uses()).toEqual(['held', 'learned', 'held', 'learned', 'learned', 'learned'])
    expect(numbers(rows.list({ limit: 9, use: 'held' }))).toEqual([3, 1])
    expect(numbers(rows.list({ limit: 9, use: 'waiting' }))).toEqual([])
    expect([rows.held(), rows.held(1), rows.held(2), rows.held(99)]).toEqual([[1, 3], [1], [3], []])
    expect(rounds.corrections()).toEqual({ kept: 6, waiting: 0, held: 2 })
    endRound([1])
    expect(uses()).toEqual(['held', 'learned', 'learned', 'learned', 'learned', 'learned'])
  })

  it('that the owner approved counts as the owner’s, and every model that has learned is due', () => {
    const { rows, rounds, endRound } = decidedStore()
    endRound([1, 2, 3, 4])
    expect(rounds.learner('softmax').stale).toBe(0)
    expect(rows.approve([3, 5, 99])).toBe(1)
    expect(rows.approve([3])).toBe(0)
    expect(rounds.learner('softmax').stale).toBe(1)
    expect(rows.held()).toEqual([1, 2, 4])
    expect(rows.list({ limit: 9 }).map(({ number, approved, sender }) => [number, approved, sender])).toEqual([
      [6, 0, null],
      [5, 0, null],
      [4, 0, 2],
      [3, 1, 2],
      [2, 0, 1],
      [1, 0, 1],
    ])
    expect(rounds.inputs([2, 3, 5]).map(({ fromOwner }) => fromOwner)).toEqual([false, true, true])
    expect(rounds.usable(3)).toEqual([3, 5, 6])
    endRound([1, 2, 4])
    expect(rounds.learner('softmax').stale).toBe(0)
  })

  it('that is approved while a round is under way is due again after it', () => {
    const { rows, rounds } = decidedStore()
    rounds.setLearner('softmax', { seen: 6 })
    const { until, stale } = rounds.learner('softmax')
    const task = { parent: 1, seed: 1, corrections: [], newest: 6, replaySet: '', shipped: '', secondOpinions: [] }
    const { round } = rounds.begin({ ...task, model: 'softmax', until, stale })
    rows.approve([1])
    rounds.finish(round, 'softmax', { report: {} as RoundReport, seen: 6 })
    expect(rounds.learner('softmax').stale).toBe(1)
  })
})

describe('a client network', () => {
  it('has a number in order of arrival, and counts of what it sent', () => {
    const { senders, endRound } = decidedStore()
    endRound([3])
    const row = { standing: '', corrections: 2, implausible: 0, latest: expect.any(Number) }
    expect(senders.list(9)).toEqual([
      { ...row, number: 2, held: 1, learned: 1 },
      { ...row, number: 1, held: 0, learned: 2 },
    ])
    expect(senders.list(1)).toHaveLength(1)
  })

  it('that is trusted counts as the owner, until it is not any more', () => {
    const { senders, rounds } = decidedStore()
    rounds.setLearner('softmax', {})
    expect(senders.setStanding(2, 'trusted')).toBe(true)
    expect(rounds.usable(4)).toEqual([3, 4, 5, 6])
    expect(rounds.inputs([1, 3]).map(({ fromOwner }) => fromOwner)).toEqual([false, true])
    expect(senders.setStanding(2, 'trusted')).toBe(true)
    expect(rounds.learner('softmax').stale).toBe(1)
    expect(senders.setStanding(2, '')).toBe(true)
    expect(rounds.inputs([3])[0].fromOwner).toBe(false)
    expect(rounds.learner('softmax').stale).toBe(2)
    expect(senders.setStanding(99, 'trusted')).toBe(false)
  })

  it('that is blocked is used in no round, approved or not, and may send no more; the owner at its place may', () => {
    const { senders, rounds, rows, give } = decidedStore()
    rows.approve([1])
    senders.setStanding(1, 'blocked')
    expect(rounds.usable(9)).toEqual([3, 4, 5, 6])
    expect(rounds.missing([1, 2, 3, 5])).toBe(2)
    expect(() => give(7, ANN)).toThrow(expect.objectContaining({ status: 403, code: 'sender_blocked' }))
    give(7, ANN, true)
    give(8, BEN)
    expect(rounds.usable(9)).toEqual([3, 4, 5, 6, 7, 8])
    senders.setStanding(1, '')
    expect(rounds.missing([1, 2, 3, 5])).toBe(0)
    give(9, ANN)
  })

  it('loses its number when nothing of it is kept and there are more than a thousand, unless something was decided about it', () => {
    const { senders, database, corrections, ids } = decidedStore()
    senders.setStanding(1, 'blocked')
    for (const id of ids.slice(0, 3)) corrections.forget(id, '', true)
    database.transaction(() => {
      for (let k = 0; k < 1000; k++) senders.note(Uint8Array.of(k >> 8, k & 255), Uint8Array.of(k >> 8, k & 255))
    })
    senders.forgetIdle()
    expect(senders.list(9999).map(({ number }) => number)).toEqual([2, 1])
    expect(database.get('SELECT count(*) AS count FROM senders')).toEqual({ count: 2 })
  })
})

describe('after a rollback', () => {
  it('a round uses what it knew and what is the owner’s; what others gave since is held back', () => {
    const { rounds, rows, senders, give, uses, endRound } = decidedStore()
    rounds.setLearner('softmax', { until: 1, seen: 6 })
    expect(rounds.usable(9, 1)).toEqual([1, 5, 6])
    expect(uses()).toEqual(['waiting', 'held', 'held', 'held', 'waiting', 'waiting'])
    expect(rounds.corrections()).toEqual({ kept: 6, waiting: 3, held: 3 })
    expect([rounds.heldSince(1), rounds.isNewer('softmax', 6, 1), rounds.isNewer('softmax', 6, null)]).toEqual([
      3,
      false,
      false,
    ])
    give(7, BEN)
    expect([
      rounds.isNewer('softmax', 6, 1),
      rounds.isNewer('softmax', 6, 1),
      rounds.isNewer('softmax', 6, null),
    ]).toEqual([false, false, true])
    rows.approve([2])
    senders.setStanding(2, 'trusted')
    expect(rounds.usable(9, 1)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect([rounds.heldSince(1), rounds.isNewer('softmax', 6, 1)]).toEqual([0, false])
    give(8, OWNER, true)
    expect([rounds.isNewer('softmax', 6, 1), rounds.isNewer('softmax', 7, 1)]).toEqual([true, true])
    endRound([])
    expect([rounds.isNewer('softmax', 8, 1), rounds.learner('softmax').until]).toEqual([false, 1])
  })
})

describe('a store from before', () => {
  it('of any earlier step, copied or not, numbers its senders and takes decisions', () => {
    for (const leastFree of [0, Number.MAX_SAFE_INTEGER]) {
      const folder = newFolder()
      makeEarlierStore(folder, 3)
      const store = testStore({ leastFree, quotas: false }, folder)
      expect(
        store.senders
          .list(9)
          .map(({ number }) => number)
          .sort(),
      ).toEqual([1, 2, 3])
      store.close()
      const again = testStore({ quotas: false }, folder)
      expect([again.rows.approve([2]), again.senders.setStanding(3, 'blocked'), again.warnings]).toEqual([1, true, []])
      expect(numbers(again.rows.list({ limit: 9 }))).toEqual([3, 2, 1])
      again.close()
      const database = new DatabaseSync(storeFile(folder))
      expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length })
      database.close()
    }
  })

  it('of the step before keeps its rows and learners', () => {
    const folder = newFolder()
    const database = new DatabaseSync(storeFile(folder))
    database.exec(`${MIGRATIONS.slice(0, LAYOUT).join(';')}; PRAGMA user_version = ${LAYOUT};
      INSERT INTO learners VALUES ('cnn', 3, 4, 1, 9, 1)`)
    database.close()
    const store = testStore({}, folder)
    const learner = { version: 3, newest: 4, base: 1, seen: 9, paused: true, until: null, stale: 0 }
    expect(new RoundStore(store.database).learner('cnn')).toEqual(learner)
    store.close()
  })
})

it('a damaged store is repaired with its decisions', () => {
  const folder = newFolder()
  const { rows, rounds, senders, endRound, close } = decidedStore(folder)
  rounds.setLearner('softmax', { until: 4 })
  endRound([4])
  rows.approve([3])
  senders.setStanding(1, 'blocked')
  close()
  writeSync(openSync(storeFile(folder), 'r+'), new Uint8Array(100).fill(0xa5), 0, 100, 0)
  testStore({}, folder).close()
  expect(repairStore(storeFile(folder), 0)?.tables).toContainEqual({ table: 'senders', saved: 2, unreadable: 0 })
  const store = testStore({}, folder)
  expect(store.rows.held()).toEqual([4])
  expect(
    store.rows
      .list({ limit: 9 })
      .filter(({ approved }) => approved)
      .map(({ number }) => number),
  ).toEqual([3])
  expect(store.senders.list(9).map(({ number, standing }) => [number, standing])).toContainEqual([1, 'blocked'])
  expect(new RoundStore(store.database).learner('softmax').until).toBe(4)
  store.close()
})
