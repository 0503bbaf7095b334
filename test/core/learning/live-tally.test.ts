/** The sign test that rolls a version back. */

import { describe, expect, it } from 'vitest'
import { addTallies, doesHarm, type LiveTally, NO_TALLY, signTest } from '../../../core/learning/live-tally.ts'

/** A tally where the served version alone answered `won` correctly, the shipped one alone `lost`, and both the rest. */
function tally(judged: number, won: number, lost: number): LiveTally {
  return { judged, right: judged - lost, shippedRight: judged - won, lost }
}

describe('the sign test', () => {
  it.each([
    [0, 0, 1],
    [0, 5, 1],
    [5, 5, 1 / 32],
    [7, 7, 1 / 128],
    [9, 10, 11 / 1024],
    [10, 10, 1 / 1024],
    [60, 100, 0.02844396682049039],
  ])('gives %d heads or more of %d tosses the probability %f within 1e-12', (heads, tosses, probability) => {
    expect(Math.abs(signTest(heads, tosses) - probability)).toBeLessThan(1e-12)
  })

  it('is that of the other side, of all but one less, within 1e-9 up to 1000 tosses', () => {
    for (const tosses of [1, 17, 250, 1000]) {
      for (let heads = 1; heads <= tosses; heads += 7) {
        const both = signTest(heads, tosses) + signTest(tosses - heads + 1, tosses)
        expect(Math.abs(both - 1)).toBeLessThan(1e-9)
      }
    }
  })
})

describe('a version does harm', () => {
  it('with seven answered by the shipped one alone, not with six', () => {
    expect(doesHarm(tally(20, 0, 6))).toBe(false)
    expect(doesHarm(tally(20, 0, 7))).toBe(true)
  })

  it('not when it alone answers as many, however many both do or neither', () => {
    for (const n of [1, 30, 499]) expect(doesHarm(tally(1000, n, n))).toBe(false)
    expect(doesHarm(tally(5000, 800, 800))).toBe(false)
    expect(doesHarm(tally(5000, 800, 1000))).toBe(true)
    expect(doesHarm(NO_TALLY)).toBe(false)
  })

  it('by what its predecessors did too', () => {
    const four = tally(10, 0, 4)
    expect(doesHarm(four)).toBe(false)
    expect(doesHarm(addTallies(four, four))).toBe(true)
  })
})
