/** What a reading of the battery says, whoever made it. */

/** Who said it: termux-battery-status, or Linux's /sys/class/power_supply. */
export type PowerSource = 'termux' | 'power-supplies'

/** A reading of the battery. */
export interface PowerReading {
  readonly charging: boolean // a charger supplies the machine; a full battery counts
  readonly charge: number // 0..100 %
  readonly temperature: number // degrees Celsius, of the battery
  readonly source: PowerSource
}

/** A reading that failed or lacks something. */
export interface UnknownPower {
  readonly unknown: string // why, in words that go on after a colon
}

/** Temperatures of a battery that a sensor can mean, degrees Celsius: a missing sensor reads as -214748364.8, for example. */
const [COLDEST, HOTTEST] = [-40, 120]

export function isTemperature(degrees: number): boolean {
  return degrees >= COLDEST && degrees <= HOTTEST
}

export function isCharge(percent: number): boolean {
  return percent >= 0 && percent <= 100
}
