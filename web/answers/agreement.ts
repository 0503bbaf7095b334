/** Compares the phone's and the browser's answer to one drawing. */

import type { PredictResponse } from '../../core/protocol.ts'
import type { Recognition } from '../../core/recognizer.ts'

/**
 * 'identical': the same model and the same bits in every probability, as it must be. 'close': the same digit with other
 * probabilities. 'different': another digit. 'other-model': another model or version, so the answers can't be compared.
 */
export type Agreement = 'identical' | 'close' | 'different' | 'other-model'

export function compare(here: Recognition, there: PredictResponse): Agreement {
  if (here.model !== there.model || here.version !== there.version) return 'other-model'
  if (here.digit !== there.digit) return 'different'
  return here.probabilities.every((value, i) => value === there.probabilities[i]) ? 'identical' : 'close'
}
