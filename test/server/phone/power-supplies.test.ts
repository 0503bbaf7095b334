/** Reading the battery from Linux's power supplies, and telling a phone from other machines. */

import { describe, expect, it } from 'vitest'
import { isPhone } from '../../../server/phone/machine.ts'
import { readPowerSupplies } from '../../../server/phone/power-supplies.ts'
import { powerSupplies } from './fake-battery.ts'

const BATTERY = { type: 'Battery', present: 1, status: 'Charging', capacity: 61, temp: 312 }
const USB = { type: 'USB', online: 1 }
const read = (supplies: Parameters<typeof powerSupplies>[0]) => readPowerSupplies(powerSupplies(supplies))

describe('power supplies', () => {
  it('give charge in percent and temperature from tenths of a degree', () => {
    const expected = { charging: true, charge: 61, temperature: 31.2, source: 'power-supplies' }
    expect(read({ battery: BATTERY, usb: USB })).toEqual(expected)
  })

  it.each([
    ['Charging', 0, true],
    ['Discharging', 1, false],
    ['Full', 1, true],
    ['Full', 0, false],
    ['Not charging', 1, true],
    ['Not charging', 0, false],
    ['Unknown', 1, true],
    ['Unknown', 0, false],
  ])('say of a battery that is %s with a charger at %i: charging %s', (status, online, charging) => {
    const supplies = { ac: { type: 'Mains', online: 0 }, battery: { ...BATTERY, status }, usb: { ...USB, online } }
    expect(read(supplies)).toMatchObject({ charging })
  })

  it.each([
    ['Full', { charging: true }],
    ['Not charging', { charging: false }],
    ['Unknown', { unknown: 'the system does not say whether the battery is charged' }],
  ])('without a charger that says whether it is connected, and %s', (status, expected) => {
    expect(read({ battery: { ...BATTERY, status } })).toMatchObject(expected)
  })

  it.each([
    ['no supplies', {}, 'the system shows no battery'],
    ['a mouse', { mouse: { ...BATTERY, scope: 'Device' } }, 'the system shows no battery'],
    ['an empty bay', { battery: { ...BATTERY, present: 0 } }, 'the system shows no battery'],
    ['no capacity', { battery: { ...BATTERY, capacity: '' } }, 'the system does not say the charge of the battery'],
    [
      'a capacity of 300',
      { battery: { ...BATTERY, capacity: 300 } },
      'the system does not say the charge of the battery',
    ],
    [
      'a temp of 31200',
      { battery: { ...BATTERY, temp: 31_200 } },
      'the system does not say the temperature of the battery',
    ],
    [
      'a temp of hot',
      { battery: { ...BATTERY, temp: 'hot' } },
      'the system does not say the temperature of the battery',
    ],
  ])('with %s are unknown', (_, supplies, unknown) => {
    expect(read(supplies)).toEqual({ unknown })
  })

  it('that are denied are unknown', () => {
    expect(readPowerSupplies('/nonexistent')).toEqual({ unknown: 'the system shows no battery' })
  })
})

describe('a phone', () => {
  const none = powerSupplies({ ac: { type: 'Mains', online: 1 } })
  const supplies = powerSupplies({ battery: BATTERY, usb: USB })
  const mouse = powerSupplies({ mouse: { ...BATTERY, scope: 'Device' } })
  it.each([
    ['Android', { platform: 'android', arch: 'arm', supplies: '/nonexistent' }, true],
    ['Termux', { prefix: '/data/data/com.termux/files/usr', supplies: '/nonexistent' }, true],
    ['postmarketOS on 32-bit ARM', { arch: 'arm', supplies }, true],
    ['postmarketOS on 64-bit ARM', { arch: 'arm64', supplies }, true],
    ['Debian on ARM without a battery, also emulated', { arch: 'arm', supplies: none }, false],
    ['Debian on ARM where nothing may be seen', { arch: 'arm', supplies: '/nonexistent' }, false],
    ['a Raspberry Pi with a wireless mouse', { arch: 'arm64', supplies: mouse }, false],
    ['a laptop', { supplies }, false],
    ['conda, which sets $PREFIX too', { prefix: '/opt/conda' }, false],
  ])('is %s: %o', (_, machine, expected) => {
    const other = { platform: 'linux', arch: 'x64', prefix: undefined, supplies: none }
    expect(isPhone({ ...other, ...machine })).toBe(expected)
  })
})
