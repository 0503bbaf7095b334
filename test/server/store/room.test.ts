/** Who makes room when the store is full. What leaves first of one network is tested beside the other rules of corrections. */

import { describe, expect, it } from 'vitest'
import type { GivenCorrection } from '../../../server/corrections/store.ts'
import { RoundStore } from '../../../server/store/rounds.ts'
import { givenCorrection, testStore } from '../corrections/corrections.ts'

/** A store of so many rows. */
function fullStore(maxRows: number) {
  const store = testStore({ quotas: false, maxRows })
  let seed = 0
  const give = (address: string, count = 1, changes: Partial<GivenCorrection> = {}) => {
    for (let k = 0; k < count; k++) store.corrections.keep(givenCorrection(++seed, { address, ...changes }))
  }
  /** Rows of each label: tests give each network a label of its own. */
  const left = () => {
    const counts: Record<number, number> = {}
    for (const { label } of store.rows.list({ limit: 500 })) counts[label] = (counts[label] ?? 0) + 1
    return counts
  }
  return { store, give, left }
}

describe('a store that is full', () => {
  it('loses rows of whoever holds most: sixteen networks that flood push out none of forty honest rows', () => {
    const { give, left } = fullStore(170) // 21 networks with 8 each
    for (let net = 0; net < 5; net++) give(`10.0.50.${net}`, 8, { label: 3 })
    for (let net = 0; net < 16; net++) give(`10.0.60.${net}`, 10, { label: 4 })
    expect(left()).toEqual({ 3: 40, 4: 130 })
  })

  it('lets in a network that holds least, at the cost of those that hold most, until all hold as much', () => {
    const { give, left } = fullStore(30)
    give('10.0.0.1', 20, { label: 2 })
    give('10.0.0.2', 10, { label: 3 })
    give('10.0.0.3', 5, { label: 4 })
    expect(left()).toEqual({ 2: 15, 3: 10, 4: 5 })
    give('10.0.0.3', 20, { label: 4 })
    expect(left()).toEqual({ 2: 10, 3: 10, 4: 10 })
  })

  it('counts a /48 as one network, and in it those that hold most lose first', () => {
    const { give, left } = fullStore(20)
    for (let net = 1; net <= 4; net++) give(`2001:db8:1:${net}::1`, 3, { label: 2 })
    give('2001:db8:1:5::1', 1, { label: 3 })
    give('10.0.0.1', 7, { label: 4 })
    give('10.0.0.2', 6, { label: 5 })
    expect(left()).toEqual({ 2: 6, 3: 1, 4: 7, 5: 6 })
  })

  it('keeps what counts and what the owner gave, approved or trusts, and a quarter of the rest for what is new', () => {
    const { store, give, left } = fullStore(20)
    give('10.0.0.9', 2, { label: 2, fromOwner: true })
    give('10.0.0.1', 3, { label: 3 })
    give('10.0.0.2', 12, { label: 4 })
    give('10.0.0.3', 3, { label: 5 })
    store.database.run("UPDATE corrections SET use = 'learned' WHERE label = 4")
    store.database.run('UPDATE corrections SET approved = 1 WHERE label = 3')
    for (let net = 0; net < 30; net++) give(`10.0.1.${net}`, 1, { label: 6 })
    const { 2: own, 3: approved, 4: agreed, 5: waiting = 0, 6: fresh } = left()
    expect([own, approved, agreed, waiting + fresh]).toEqual([2, 3, 11, 4])
    store.senders.setStanding(2, 'trusted')
    for (let net = 0; net < 30; net++) give(`10.0.2.${net}`, 1, { label: 7 })
    expect(left()).toMatchObject({ 2: 2, 3: 3, 4: 11, 7: 4 })
  })

  it('loses even the owner’s where there is nothing else, the oldest first', () => {
    const { store, give } = fullStore(3)
    give('10.0.0.9', 5, { fromOwner: true })
    expect(store.rows.numbers()).toEqual([3, 4, 5])
  })

  it('forgets nothing that a version may know: what left can still be taken back, by its sender alone', async () => {
    const { store, give } = fullStore(2)
    give('10.0.0.1', 1)
    const [{ id }] = store.corrections.list({ limit: 1 })
    const rounds = new RoundStore(store.database)
    store.database.run(`INSERT INTO rounds (round, model, parent, seed, corrections, newest, replay_set, shipped, second_opinions,
      starts, failures, at, report) VALUES (1, 'softmax', 1, 1, '[1]', 1, 'replay', 's', '[]', 0, 0, 0, '{}')`)
    store.database.run("INSERT INTO versions VALUES ('softmax', 2, 1, 'x', 1, 's', 1, 0, 1, 0, 0, 0, 0)")
    rounds.setLearner('softmax', { version: 2, newest: 2, seen: 1 })
    give('10.0.0.1', 2)
    expect([store.rows.numbers(), rounds.missing([1]), rounds.served()]).toEqual([
      [2, 3],
      0,
      [{ model: 'softmax', version: 2 }],
    ])
    expect(() => store.corrections.forget(id, '10.0.0.2', false)).toThrow('another network')
    expect(store.corrections.forget(id, '10.0.0.1', false)).toBe(true)
    expect([rounds.missing([1]), rounds.served(), rounds.stale()]).toEqual([1, [], ['softmax']])
    await store.corrections.erased()
    expect(store.corrections.forget(id, '10.0.0.1', false)).toBe(false)
  })
})
