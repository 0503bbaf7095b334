/**
 * Charge and temperature of the battery from Linux's /sys/class/power_supply (Documentation/ABI/testing/sysfs-class-power).
 * Many phones with Android deny it.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCharge, isTemperature, type PowerReading, type UnknownPower } from './power-reading.ts'

/** Where Linux lists batteries and chargers, a folder each. */
export const POWER_SUPPLIES = '/sys/class/power_supply'

/** Folder of the machine's battery; undefined where there is none, or none may be seen. A mouse's battery is not the machine's. */
export function batteryFolder(supplies: string): string | undefined {
  return foldersIn(supplies).find(
    (folder) =>
      text(folder, 'type') === 'Battery' && text(folder, 'scope') !== 'Device' && text(folder, 'present') !== '0',
  )
}

/** Reads the battery and whatever charges it. Takes less than a millisecond. */
export function readPowerSupplies(supplies: string): PowerReading | UnknownPower {
  const battery = batteryFolder(supplies)
  if (battery === undefined) return { unknown: 'the system shows no battery' }
  const charge = number(battery, 'capacity')
  if (!isCharge(charge)) return { unknown: 'the system does not say the charge of the battery' }
  const temperature = number(battery, 'temp') / 10 // from tenths of a degree
  if (!isTemperature(temperature)) return { unknown: 'the system does not say the temperature of the battery' }
  const charging = isCharging(text(battery, 'status'), foldersIn(supplies))
  if (charging === undefined) return { unknown: 'the system does not say whether the battery is charged' }
  return { charging, charge, temperature, source: 'power-supplies' }
}

// A battery that is full, or held at a limit to spare it, does not charge, but the charger does the work.
function isCharging(status: string | undefined, folders: readonly string[]): boolean | undefined {
  if (status === 'Charging') return true
  if (status === 'Discharging') return false
  const chargers = folders.filter((folder) => text(folder, 'type') !== 'Battery')
  const online = chargers.map((folder) => number(folder, 'online')).filter((value) => !Number.isNaN(value))
  if (online.length > 0) return online.some((value) => value > 0)
  return status === 'Full' ? true : status === 'Not charging' ? false : undefined
}

function foldersIn(supplies: string): string[] {
  try {
    return readdirSync(supplies)
      .sort()
      .map((name) => join(supplies, name))
  } catch {
    return [] // Android denies it, or the system has none
  }
}

function text(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), 'utf8').trim()
  } catch {
    return undefined
  }
}

function number(folder: string, name: string): number {
  const value = text(folder, name) ?? ''
  return /^-?\d+$/.test(value) ? Number(value) : Number.NaN
}
