/** A battery whose state the test sets, and a permit that asks it every few ms, counting the readings under way. */

import { createLearningPermit, type LearningPermit } from '../../../server/phone/learning-permit.ts'
import type { PowerReading, UnknownPower } from '../../../server/phone/power-reading.ts'

export const CHARGING: PowerReading = { charging: true, charge: 80, temperature: 30, source: 'power-supplies' }
export const UNPLUGGED: PowerReading = { charging: false, charge: 31, temperature: 30, source: 'power-supplies' }

export interface TestBattery {
  power: PowerReading | UnknownPower
  readonly permit: LearningPermit
  /** How often it was read. */
  readonly readings: number
}

/** @param pause time between two readings, ms */
export function testBattery(power: PowerReading | UnknownPower, pause = 5): TestBattery {
  let readings = 0
  const battery = { power, permit: undefined as unknown as LearningPermit }
  const meter = {
    async read() {
      readings++
      return battery.power
    },
    stop() {},
  }
  // a clock that runs so fast that every reading is old
  let time = 0
  const permit = createLearningPermit(meter, () => (time += 1_000_000))
  battery.permit = { ...permit, pause: () => pause }
  return Object.defineProperty(battery, 'readings', { get: () => readings }) as TestBattery
}
