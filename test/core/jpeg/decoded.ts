/** Decodes a JPEG to its end. */

import type { Raster } from '../../../core/data/raster.ts'
import { decodeJpeg } from '../../../core/jpeg/decode.ts'

export function decoded(file: Uint8Array): Raster {
  const work = decodeJpeg(file)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
