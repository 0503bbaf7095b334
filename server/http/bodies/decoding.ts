/** Decoding as the routes do it: charged by the size of the picture, timed, and with what is kept of a drawing for a correction. */

import type { Raster } from '../../../core/data/raster.ts'
import { SIZE_LIMITS } from '../../../core/picture/size.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { type Keepsake, keepsakeOf } from '../../corrections/keepsake.ts'
import type { Admission, Deps } from '../dependencies.ts'
import type { BodyDrawing, PictureReader } from './drawing.ts'
import { pictureSize } from './picture-size.ts'

/** Pixels that the rate limit counts as one prediction. Larger pictures than the largest are refused before they take time. */
const PIXELS_PER_TOKEN = 1_048_576

/** A drawing that was decoded. */
export interface DecodedDrawing {
  readonly raster: Raster
  readonly strokes?: Strokes // what the raster was drawn of
  readonly keepsake: Keepsake
  readonly decode: number // ms, without the time between the pieces
}

/** Reads the pictures of a client, whose quota pays for large ones. */
export function pictureReader({ inflate }: Deps, { admit }: Admission, address: string): PictureReader {
  return {
    inflate,
    // biome-ignore lint/correctness/useYield: here nothing is waited for
    *charge(file) {
      const further = furtherTokens(file)
      if (further > 0) admit(address, further)
    },
  }
}

/** Predictions that a picture counts as by its size, beyond the first, which is paid for. */
export function furtherTokens(file: Uint8Array): number {
  const { width, height } = pictureSize(file) ?? { width: 0, height: 0 }
  return Math.max(0, Math.ceil(Math.min(width * height, SIZE_LIMITS.maxPixels) / PIXELS_PER_TOKEN) - 1)
}

/**
 * Does the pieces of `read`.
 * @param release is called when the file is not needed any more
 * @param now monotonic clock, ms
 */
export function* decodeDrawing(
  read: Generator<void, BodyDrawing>,
  release: () => void,
  now: () => number,
): Generator<void, DecodedDrawing> {
  let decode = 0
  for (let pieces = 1; ; pieces++) {
    const started = now()
    const step = read.next()
    decode += now() - started
    if (step.done) {
      const keepsake = keepsakeOf(step.value)
      release()
      if (pieces > 1) yield // to recognise a large picture is a piece of its own
      const { raster, strokes } = step.value
      return { raster, ...(strokes && { strokes }), keepsake, decode }
    }
    yield
  }
}
