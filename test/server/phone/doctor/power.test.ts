import { describe, expect, it } from 'vitest'
import { checkLearning, checkPower, checkTermuxApi } from '../../../../server/phone/doctor/power.ts'
import { learningWait } from '../../../../server/phone/learning-conditions.ts'
import type { PowerReading } from '../../../../server/phone/power-reading.ts'

const READING: PowerReading = { charging: true, charge: 80, temperature: 30.5, source: 'termux' }

describe('the battery', () => {
  it.each([
    [{}, 'ok', '80 %, on a charger, 30.5 °C'],
    [{ charging: false }, 'ok', '80 %, not on a charger, 30.5 °C'],
    [{ charging: false, charge: 14.9 }, 'warning', '14 %, not on a charger, 30.5 °C'],
    [{ charge: 5 }, 'ok', '5 %, on a charger, 30.5 °C'],
    [{ temperature: 45 }, 'warning', '80 %, on a charger, 45.0 °C'],
  ])('with %j is %s: %s', (changes, state, found) => {
    expect(checkPower({ ...READING, ...changes }, true)).toMatchObject({ state, found })
  })

  it('of which nothing is known is unknown, and learning waits for it', () => {
    const power = { unknown: 'termux-battery-status did not answer within 3 s' }
    expect(checkPower(power, true)).toMatchObject({ state: 'unknown', found: power.unknown })
    expect(checkLearning('on', learningWait(power, false))).toMatchObject({
      state: 'warning',
      found: expect.stringContaining(power.unknown),
      remedy: 'inkling serve --learning always',
    })
  })

  it('that is charged and cool lets it learn; learning that is off does not wait', () => {
    expect(checkLearning('on', learningWait(READING, false)).state).toBe('ok')
    const hot = learningWait({ ...READING, temperature: 44 }, false)
    expect(checkLearning('on', hot).state).toBe('warning')
    expect(checkLearning('off', hot)).toMatchObject({ state: 'ok', found: 'off, by --learning' })
  })
})

describe('Termux:API', () => {
  it.each([
    ['termux-battery-status is not installed', 'pkg install termux-api'],
    ['termux-battery-status did not answer within 3 s', 'termux-open-url https://f-droid.org/packages/com.termux.api'],
    ['termux-battery-status printed something other than JSON', expect.stringContaining('f-droid.org')],
  ])('where %s is a warning', (unknown, remedy) => {
    expect(checkTermuxApi({ unknown })).toMatchObject({ state: 'warning', found: unknown, remedy })
  })

  it('that answers is ok', () => {
    expect(checkTermuxApi(READING).state).toBe('ok')
  })
})
