/** Servers that believe to run in Termux, with a program in place of termux-battery-status, for tests. */

import { batteryFolder, POWER_SUPPLIES } from '../../../server/phone/power-supplies.ts'
import type { Missing } from '../../skip.ts'
import type { FakeBattery } from '../phone/fake-battery.ts'

/** Why this machine cannot imitate a phone whose battery only termux-battery-status shows. */
export const ownBattery: Missing =
  batteryFolder(POWER_SUPPLIES) !== undefined && 'this machine shows a battery of its own'

/** What makes a process a phone in Termux. */
export function inTermux(battery: FakeBattery): Record<string, string> {
  return { PREFIX: '/data/data/com.termux/files/usr', PATH: battery.path }
}

/** Of a battery that is not being charged. */
export const DISCHARGING = { plugged: 'UNPLUGGED', status: 'DISCHARGING', percentage: 31 }
