/** When a phone learns: while it charges, its battery is not low and not hot. A rule over readings; it reads nothing itself. */

import type { LearningWait } from '../../core/protocol.ts'
import type { PowerReading, UnknownPower } from './power-reading.ts'

/** Learning needs this charge, %. Below it, a phone on a weak charger could run flat. */
const LEAST_CHARGE = 40

/**
 * Temperatures of the battery at which learning starts and stops, degrees Celsius. Lithium cells age quickly above 45. What lies between
 * the two keeps learning, which warms the phone, from starting and stopping all the time.
 */
const [STARTS_AT, STOPS_AT] = [40, 43]

/** The setting with which a phone learns whatever its battery says. */
const OVERRIDE = '--learning always learns all the same'

/**
 * Why learning waits, or undefined where it does not.
 * @param learning whether it is learning now
 */
export function learningWait(power: PowerReading | UnknownPower, learning: boolean): LearningWait | undefined {
  const limits = { charge: LEAST_CHARGE, starts: STARTS_AT, stops: STOPS_AT }
  if ('unknown' in power) {
    const message = `a phone learns while it charges, and the state of its battery is unknown: ${power.unknown}; ${OVERRIDE}`
    return { reason: 'unknown', message, limits }
  }
  const { charging, charge, temperature } = power
  // whole numbers on the side that makes the sentence true, and that change seldom
  const [percent, degrees] = [Math.floor(charge), Math.ceil(temperature)]
  const wait = (reason: LearningWait['reason'], words: string) => {
    return { reason, message: `${words}; ${OVERRIDE}`, charge: percent, temperature: degrees, limits }
  }
  if (!charging) return wait('not-charging', `a phone learns while it charges, and it is not charging, at ${percent} %`)
  if (charge < LEAST_CHARGE) {
    return wait('low', `a phone learns from ${LEAST_CHARGE} % of charge on, and the battery is at ${percent} %`)
  }
  if (learning ? temperature >= STOPS_AT : temperature > STARTS_AT) {
    const rule = `learning starts at ${STARTS_AT} °C or less and stops at ${STOPS_AT} °C`
    return wait('hot', `${rule}, and the battery is at ${degrees} °C`)
  }
  return undefined
}
