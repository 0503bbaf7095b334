/** A picture file of a stranger, PNG or JPEG, to pixels: in pieces of work, in bounded memory and time. Other files are named and refused. */

import type { Raster } from './data/raster.ts'
import { InputError } from './errors.ts'
import { decodeJpeg } from './jpeg/decode.ts'
import { atOnce } from './picture/at-once.ts'
import { isJpeg } from './picture/foreign.ts'
import { decodePng } from './png/decode.ts'
import type { Inflate } from './png/inflate.ts'

/** Largest picture file, bytes. */
export const PICTURE_LIMIT = 4_194_304

/**
 * Decodes a PNG or a JPEG, whatever its name or type says. A side of more than 1,024 px is reduced while the picture is decoded, by a
 * whole factor and as the mean of a box, so that the longer side has at most 1,024 px. A PNG that is not reduced comes at the
 * first `next()`; else each `next()` does a few ms of work.
 * @throws InputError 400 `empty_body`, 413 `body_too_large` or `image_too_large`, 415 `not_png`, else 422 with a code; nothing else.
 */
export function* decodePicture(file: Uint8Array, inflate: Inflate): Generator<void, Raster> {
  if (file.length > PICTURE_LIMIT) {
    throw new InputError(
      413,
      'body_too_large',
      `picture has ${file.length} bytes, at most ${PICTURE_LIMIT} are accepted`,
    )
  }
  return yield* isJpeg(file) ? decodeJpeg(file) : decodePng(file, inflate)
}

/** `decodePicture` to its end. */
export function decodeAtOnce(file: Uint8Array, inflate: Inflate): Raster {
  return atOnce(decodePicture(file, inflate))
}
