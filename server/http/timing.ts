/** Where the time of an answer went, as it is sent. */

import type { Timing } from '../../core/protocol.ts'

/** All in ms. */
export function timing(
  times: { readonly decode: number; readonly preprocess: number },
  infer: number,
  total: number,
): Timing {
  return {
    decode: sentMilliseconds(times.decode),
    preprocess: sentMilliseconds(times.preprocess),
    infer: sentMilliseconds(infer),
    total: sentMilliseconds(total),
  }
}

/** Rounded to a microsecond: further digits are noise. */
export function sentMilliseconds(duration: number): number {
  return Math.round(duration * 1000) / 1000
}
