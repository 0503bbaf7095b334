/** The weights of the generator of digits, which are replayed beside what a visitor teaches: a file of the page. */

import { type GeneratorSizes, generatorTensors } from '../../core/learning/generator.ts'
import { decodeTensors } from '../../core/models/safetensors.ts'
import dataUrl from '../../weights/replay.safetensors?url'
import { fetchBytes } from '../api/models.ts'
import { withRetries } from '../api/retry.ts'

/** From weights/replay.json; vite.config.ts fills it in. */
declare const INKLING_GENERATOR: GeneratorSizes

export interface GeneratorWeights {
  readonly sizes: GeneratorSizes
  readonly data: Uint8Array // of its tensors
}

/** Fetches it, 280 kB, and waits while the phone is away. */
export async function fetchGenerator(): Promise<GeneratorWeights> {
  const file = await withRetries(() => fetchBytes(dataUrl))
  return { sizes: INKLING_GENERATOR, data: decodeTensors(file, generatorTensors(INKLING_GENERATOR)) }
}
