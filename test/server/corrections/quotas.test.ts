/** Everybody's total of a day: who is still let in when it is used up. What a network may send is tested in store.test.ts. */

import { describe, expect, it } from 'vitest'
import { checkQuota, spend } from '../../../server/corrections/quotas.ts'
import type { BusyError } from '../../../server/http/problem.ts'
import { testStore } from './corrections.ts'

const HOUR = 3_600_000 // ms

/** A day on which networks spend, without drawings. */
function day() {
  const { database } = testStore()
  let at = 1_800_000_000_000
  const refusal = (network: Buffer, wide: Buffer): BusyError | undefined => {
    try {
      checkQuota(database, { network, wide }, at)
      spend(database, { network, wide }, at)
    } catch (error) {
      return error as BusyError
    }
  }
  return {
    wait: (ms: number) => {
      at += ms
    },
    /** How many of `count` corrections of a network are taken, and the first refusal. */
    give(name: string, count: number, wide = name) {
      const refusals = database.transaction(() =>
        Array.from({ length: count }, () => refusal(Buffer.from(name), Buffer.from(wide))),
      )
      return { taken: refusals.filter((one) => !one).length, refused: refusals.find((one) => one) }
    },
  }
}

/** Takes as much as networks of this many may, in three hours. */
function flood({ give, wait }: ReturnType<typeof day>, networks: number): number {
  let taken = 0
  for (let hour = 0; hour < 3; hour++, wait(HOUR)) {
    for (let k = 0; k < networks; k++) taken += give(`flood ${k}`, 12).taken
  }
  return taken
}

describe('when 500 corrections have come in a day', () => {
  it('a network has its share of them, and waits until the day of the first ones is over for more', () => {
    const { give, wait } = day()
    for (let k = 0; k < 50; k++) expect(give(`first ${k}`, 10).taken).toBe(10)
    wait(HOUR)
    expect(give('first 0', 1).refused).toMatchObject({ status: 429, code: 'rate_limited', retryAfter: 23 * 3600 })
    expect(give('late', 12).taken).toBe(9) // 500 among 51
    wait(23 * HOUR)
    expect(give('first 0', 1).taken).toBe(1)
  })

  it('few networks have not kept out the others: each of 20 further ones may still teach', () => {
    const one = day()
    expect(flood(one, 17)).toBe(509) // the last of them is within its share of 29
    for (let k = 0; k < 20; k++) expect(one.give(`honest ${k}`, 10).taken).toBe(10)
    one.wait(HOUR)
    expect(one.give('honest 0', 10).taken).toBe(3) // 500 among 37
  })

  it('a /48 counts as one, however many networks are in it', () => {
    const one = day()
    flood(one, 17)
    expect([1, 2, 3, 4].map((net) => one.give(`/64 ${net}`, 10, '/48').taken)).toEqual([10, 10, 7, 0]) // 500 among 18
  })

  it('a thousand is the end for everybody', () => {
    const one = day()
    for (let k = 0; k < 1000; k++) expect(one.give(`network ${k}`, 1).taken).toBe(1)
    expect(one.give('another', 1).refused).toMatchObject({ status: 429, retryAfter: 86_400 })
    one.wait(24 * HOUR)
    expect(one.give('another', 1).taken).toBe(1)
  })
})
