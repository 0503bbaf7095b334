/** Decodes a JPEG to its end. */

import type { Raster } from '../../../core/data/raster.ts'
import { decodeJpeg } from '../../../core/jpeg/decode.ts'
import { atOnce } from '../../../core/picture/at-once.ts'

export function decoded(file: Uint8Array): Raster {
  return atOnce(decodeJpeg(file))
}
