/** Whether this machine is a phone, which has a battery to spare and which Android watches. Nothing here reads the battery. */

import { batteryFolder, POWER_SUPPLIES } from './power-supplies.ts'

/** What tells a phone from other machines; this machine's own unless given. */
export interface Machine {
  readonly platform: string // as process.platform
  readonly arch: string // as process.arch
  readonly prefix: string | undefined // $PREFIX, which Termux sets
  readonly supplies: string // folder of power supplies
}

/** Android, Termux, or an ARM machine with a battery. An ARM board without one, an emulated machine and a laptop with x86 are none. */
export function isPhone(machine: Machine = thisMachine()): boolean {
  const { platform, arch, prefix = '', supplies } = machine
  if (platform === 'android' || prefix.includes('/com.termux')) return true
  return /^arm/.test(arch) && batteryFolder(supplies) !== undefined
}

function thisMachine(): Machine {
  const { platform, arch, env } = process
  return { platform, arch, prefix: env.PREFIX, supplies: POWER_SUPPLIES }
}
