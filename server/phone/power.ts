/** Reads the battery of a phone: from the system where it may be seen, else from Termux:API. One reading at a time. */

import type { PowerReading, UnknownPower } from './power-reading.ts'
import { POWER_SUPPLIES, readPowerSupplies } from './power-supplies.ts'
import { readTermuxBattery, type TermuxReading } from './termux-battery.ts'

export interface PowerMeter {
  /** Reads the battery. While a reading is under way, that one is given. */
  read(): Promise<PowerReading | UnknownPower>
  /** Ends the reading under way, which is then unknown. */
  stop(): void
}

/** @param supplies folder of power supplies */
export function createPowerMeter(supplies: string = POWER_SUPPLIES): PowerMeter {
  let termux: TermuxReading | undefined
  let pending: Promise<PowerReading | UnknownPower> | undefined

  // The system's own files cost no process. Android shows them on some phones only.
  async function read(): Promise<PowerReading | UnknownPower> {
    const seen = readPowerSupplies(supplies)
    if (!('unknown' in seen)) return seen
    termux = readTermuxBattery()
    const reading = await termux.ended
    termux = undefined
    return 'unknown' in reading ? { unknown: `${reading.unknown}; ${seen.unknown}` } : reading
  }

  return {
    read() {
      pending ??= read().finally(() => {
        pending = undefined
      })
      return pending
    },
    stop: () => termux?.stop(),
  }
}
