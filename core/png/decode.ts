/**
 * A strict PNG decoder for untrusted files (PNG specification, third edition). It accepts every valid file within the limits and
 * nothing else. The header bounds memory and time, before anything is inflated.
 */

import type { Raster } from '../data/raster.ts'
import { InputError } from '../errors.ts'
import { readDatastream } from './datastream.ts'
import { unfilter } from './filters.ts'
import { type Header, RGBA } from './header.ts'
import { PNG_LIMITS, type PngLimits } from './limits.ts'
import { placePixels } from './pixels.ts'
import { unfilterRgba } from './rgba-filters.ts'

/**
 * Inflates exactly one complete zlib stream: correct Adler-32, no preset dictionary, no bytes after it, at most `maxOutputLength`
 * bytes of output. Throws on anything else. Platforms provide it: `server/files/inflate.ts` for Node.
 */
export type Inflate = (zlib: Uint8Array, maxOutputLength: number) => Uint8Array

/**
 * Decodes a PNG of any colour type, depth and interlacing to RGBA. 16-bit samples are rounded to 8 bits; of an animation the first
 * frame is decoded. Colour management (gAMA, iCCP, sRGB) and all other ancillary chunks except tRNS are ignored.
 * Memory beside `file`: the IDAT data if it is in several chunks, the inflated data, and 4 bytes per pixel.
 * @throws InputError 400 `empty_body`, 415 `not_png`, 413 `image_too_large`, else 422 with a code; nothing else.
 */
export function decodePng(file: Uint8Array, inflate: Inflate, limits: Partial<PngLimits> = {}): Raster {
  const { header, palette, transparency, zlib } = readDatastream(plain(file), { ...PNG_LIMITS, ...limits })
  const { width, height, depth, colour, samples, passes, interlaced } = header
  const data = inflateImage(zlib, header, inflate)
  if (colour === RGBA && depth === 8 && !interlaced) {
    return { width, height, channels: 4, data: unfilterRgba(data, height, width) }
  }
  const pixelBytes = Math.max(1, (depth * samples) / 8)
  for (const pass of passes) unfilter(data, pass.start, pass.height, pass.rowBytes, pixelBytes)
  return { width, height, channels: 4, data: placePixels(data, header, palette, transparency) }
}

/** The same bytes as a plain Uint8Array: a subclass such as Node's Buffer would make the loops polymorphic and slower. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function inflateImage(zlib: Uint8Array, { inflatedLength }: Header, inflate: Inflate): Uint8Array {
  let data: Uint8Array
  try {
    data = plain(inflate(zlib, inflatedLength))
  } catch {
    const expected = `one complete zlib stream of ${inflatedLength} bytes`
    throw new InputError(422, 'bad_zlib', `image data must be ${expected}, got something else`)
  }
  if (data.length < inflatedLength) {
    const got = `got ${data.length} bytes`
    throw new InputError(422, 'bad_pixel_count', `image data must inflate to ${inflatedLength} bytes, ${got}`)
  }
  return data
}
