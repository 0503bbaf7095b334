/** When a phone learns: the rule, and how often it asks the battery. */

import { describe, expect, it } from 'vitest'
import { learningWait } from '../../../server/phone/learning-conditions.ts'
import { createLearningPermit } from '../../../server/phone/learning-permit.ts'
import type { PowerReading, UnknownPower } from '../../../server/phone/power-reading.ts'

const GOOD: PowerReading = { charging: true, charge: 80, temperature: 30, source: 'power-supplies' }

describe('a phone', () => {
  it.each([
    // charging, charge in %, temperature in degrees Celsius, learning already, why it waits
    [true, 80, 30, false, undefined],
    [true, 40, 40, false, undefined],
    [true, 39.9, 30, false, 'low'],
    [true, 39.9, 30, true, 'low'],
    [true, 80, 40.1, false, 'hot'],
    [true, 80, 40.1, true, undefined],
    [true, 80, 42.9, true, undefined],
    [true, 80, 43, true, 'hot'],
    [false, 80, 30, false, 'not-charging'],
    [false, 80, 30, true, 'not-charging'],
    [false, 10, 50, true, 'not-charging'],
    [true, 10, 50, true, 'low'],
  ])('charging %s, at %f %% and %f degrees, learning %s, waits as: %s', (charging, charge, temperature, learning, reason) => {
    expect(learningWait({ charging, charge, temperature, source: 'termux' }, learning)?.reason).toBe(reason)
  })

  it('of which nothing is known does not learn', () => {
    expect(learningWait({ unknown: 'nobody knows' }, false)?.reason).toBe('unknown')
    expect(learningWait({ unknown: 'nobody knows' }, true)?.reason).toBe('unknown')
  })

  it('says what it got, what it needs and the setting that changes it', () => {
    const message = (change: Partial<PowerReading>) => learningWait({ ...GOOD, ...change }, false)?.message
    expect(message({ charge: 31.7 })).toBe(
      'a phone learns from 40 % of charge on, and the battery is at 31 %; --learning always learns all the same',
    )
    expect(message({ temperature: 40.2 })).toBe(
      'learning starts at 40 °C or less and stops at 43 °C, and the battery is at 41 °C; --learning always learns all the same',
    )
    expect(message({ charging: false })).toBe(
      'a phone learns while it charges, and it is not charging, at 80 %; --learning always learns all the same',
    )
    expect(learningWait({ unknown: 'nobody knows' }, false)?.message).toBe(
      'a phone learns while it charges, and the state of its battery is unknown: nobody knows; --learning always learns all the same',
    )
  })
})

describe('the permit', () => {
  function permit(...readings: (PowerReading | UnknownPower)[]) {
    let [time, count, takes] = [0, 0, 1000]
    const read = async () => {
      time += takes
      return readings[count++] ?? GOOD
    }
    const asked = createLearningPermit({ read, stop() {} }, () => time)
    const took = (ms: number) => {
      takes = ms
    }
    return { ...asked, took, count: () => count, pass: (ms: number) => (time += ms) }
  }

  it('uses a reading of the system for 0.9 s, and one of termux-battery-status for 0.9 s to 9 s, as it took long', async () => {
    for (const [source, takes, age] of [
      ['power-supplies', 1, 900],
      ['termux', 20, 900],
      ['termux', 200, 4500],
      ['termux', 2900, 9000],
    ] as const) {
      const { ask, count, pass, took } = permit({ ...GOOD, source }, { ...GOOD, source })
      took(takes)
      await ask(false)
      pass(age - 1)
      await ask(true)
      expect(count()).toBe(1)
      pass(1)
      await ask(true)
      expect(count()).toBe(2)
    }
  })

  it('asks again at once before an unknown reading stops a round, and then believes it', async () => {
    const unknown = { unknown: 'it did not answer' }
    const { ask, count, pass } = permit(GOOD, unknown, GOOD, unknown, unknown)
    await ask(false)
    pass(1000)
    expect(await ask(true)).toBeUndefined()
    expect(count()).toBe(3)
    pass(1000)
    expect(await ask(true)).toMatchObject({ reason: 'unknown' })
    expect(count()).toBe(5)
    pass(8000) // then it is read as seldom as termux-battery-status is
    await ask(false)
    expect(count()).toBe(5)
  })

  it('looks again after a quarter of the time it has waited, within bounds', async () => {
    for (const [source, least, most, learning] of [
      ['power-supplies', 5000, 10_000, 1000],
      ['termux', 10_000, 60_000, 10_000],
    ] as const) {
      const { ask, pause } = permit({ ...GOOD, source })
      await ask(false)
      expect([0, 30_000, 80_000, 86_400_000].map(pause)).toEqual([
        least,
        Math.max(least, 7500),
        Math.min(most, 20_000),
        most,
      ])
      expect(pause()).toBe(learning)
    }
  })

  it('lets no unknown reading begin a round', async () => {
    const { ask, count } = permit({ unknown: 'it did not answer' })
    expect(await ask(false)).toMatchObject({ reason: 'unknown' })
    expect(count()).toBe(1)
  })
})
