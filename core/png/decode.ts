/**
 * A strict PNG decoder for untrusted files (PNG specification, third edition). It accepts every valid file within the limits and
 * nothing else. The header bounds memory and time, before anything is inflated.
 */

import type { Raster } from '../data/raster.ts'
import { orientationOf } from '../picture/exif.ts'
import { orient } from '../picture/orient.ts'
import { reduction } from '../picture/size.ts'
import { type Datastream, readDatastream } from './datastream.ts'
import { unfilter } from './filters.ts'
import { RGBA } from './header.ts'
import { inflateWhole } from './image-data.ts'
import type { Inflate } from './inflate.ts'
import { PNG_LIMITS, type PngLimits } from './limits.ts'
import { placePixels } from './pixels.ts'
import { unfilterRgba } from './rgba-filters.ts'
import { decodeInStrips } from './strips.ts'

/**
 * Decodes a PNG of any colour type, depth and interlacing to RGBA. 16-bit samples are rounded to 8 bits; of an animation the first
 * frame is decoded. The orientation of eXIf is undone. Colour management (gAMA, iCCP, sRGB) and all other ancillary chunks except
 * tRNS are ignored.
 *
 * A picture of up to 1,024 px a side is decoded at the first `next()`. Memory beside `file`: the IDAT data if it is in several chunks,
 * the inflated data, and 4 bytes per pixel. A larger one is reduced as `reduction` says and takes many steps; memory is that of the
 * result and a few strips of rows, and if it is interlaced 8 bytes per pixel of the result.
 * @throws InputError 400 `empty_body`, 415 `not_png`, 413 `image_too_large`, else 422 with a code; nothing else.
 */
export function* decodePng(
  file: Uint8Array,
  inflate: Inflate,
  limits: Partial<PngLimits> = {},
): Generator<void, Raster> {
  const allLimits = { ...PNG_LIMITS, ...limits }
  // a subclass such as Node's Buffer would make the loops polymorphic and slower
  const plain = new Uint8Array(file.buffer, file.byteOffset, file.byteLength)
  const stream = readDatastream(plain, allLimits)
  const { width, height, inflatedLength } = stream.header
  const factor = reduction(width, height)
  const upright = (raster: Raster) => (stream.exif ? orient(raster, orientationOf(stream.exif)) : raster)
  if (factor === 1 && inflatedLength <= allLimits.maxWhole) return upright(decodeWhole(stream, inflate))
  yield // checking a large file takes some ms
  return upright(yield* decodeInStrips(stream, inflate, factor))
}

function decodeWhole({ header, palette, transparency, parts }: Datastream, inflate: Inflate): Raster {
  const { width, height, depth, colour, samples, passes, interlaced, inflatedLength } = header
  const data = inflateWhole(inflate, parts, inflatedLength)
  if (colour === RGBA && depth === 8 && !interlaced) {
    return { width, height, channels: 4, data: unfilterRgba(data, height, width) }
  }
  const pixelBytes = Math.max(1, (depth * samples) / 8)
  for (const pass of passes) unfilter(data, pass.start, pass.height, pass.rowBytes, pixelBytes)
  return { width, height, channels: 4, data: placePixels(data, header, palette, transparency) }
}
