/** Checks of the battery: whether Termux:API answers, charge and temperature, and whether learning would wait for it now. */

import type { LearningWait } from '../../../core/protocol.ts'
import type { PowerReading, UnknownPower } from '../power-reading.ts'
import { type Finding, fault, ok } from './finding.ts'

/** Temperature from which a battery ages quickly, degrees Celsius. */
const HOT = 45

/** Charge below which a phone without a charger does not last, %. */
const LOW = 15

/** Where the app is found: the one of Google Play does not fit the Termux of F-Droid. */
const APP_PAGE = 'https://f-droid.org/packages/com.termux.api'

/** @param reading of termux-battery-status itself */
export function checkTermuxApi(reading: PowerReading | UnknownPower): Finding {
  const name = 'termux-api'
  if (!('unknown' in reading)) return ok(name, 'termux-battery-status answers')
  const expected =
    'an answer of termux-battery-status: the package termux-api, and the app Termux:API from F-Droid. With both, one call in ten may hang too'
  const missing = /is not installed/.test(reading.unknown)
  return fault(
    'warning',
    name,
    reading.unknown,
    expected,
    missing ? 'pkg install termux-api' : `termux-open-url ${APP_PAGE}`,
  )
}

export function checkPower(power: PowerReading | UnknownPower, android: boolean): Finding {
  const name = 'power'
  if ('unknown' in power) {
    const remedy = android ? 'termux-battery-status' : 'head /sys/class/power_supply/*/uevent'
    return fault('unknown', name, power.unknown, 'charge and temperature of the battery', remedy)
  }
  const { charging, charge, temperature } = power
  const found = `${Math.floor(charge)} %, ${charging ? 'on a charger' : 'not on a charger'}, ${temperature.toFixed(1)} °C`
  if (temperature >= HOT) return fault('warning', name, found, `below ${HOT} °C: give it air and shade`)
  if (!charging && charge < LOW) return fault('warning', name, found, `a charger, or ${LOW} % of charge`)
  return ok(name, found)
}

/**
 * Whether learning would wait now.
 * @param wait why; undefined where it would not
 */
export function checkLearning(setting: string, wait: LearningWait | undefined): Finding {
  const name = 'learning'
  if (setting === 'off') return ok(name, 'off, by --learning')
  if (wait === undefined) return ok(name, 'it would not wait now')
  return fault(
    'warning',
    name,
    `it waits: ${wait.message}`,
    'a charging, cool battery',
    'inkling serve --learning always',
  )
}
