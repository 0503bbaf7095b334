/** IHDR: size and format of the image, checked against the specification's table 11.1 and the limits before anything is allocated. */

import { InputError } from '../errors.ts'
import { checkSize, reduction } from '../picture/size.ts'
import type { PngLimits } from './limits.ts'
import { type Pass, storedPasses } from './passes.ts'

/** Colour types (PNG specification, table 11.1). */
export const GREY = 0
export const RGB = 2
export const INDEXED = 3
export const GREY_ALPHA = 4
export const RGBA = 6

/** Length of IHDR's data, bytes. */
export const HEADER_LENGTH = 13

/** Samples per pixel and allowed bits per sample, by colour type. */
const COLOURS: readonly ({ samples: number; depths: readonly number[] } | undefined)[] = [
  { samples: 1, depths: [1, 2, 4, 8, 16] },
  undefined,
  { samples: 3, depths: [8, 16] },
  { samples: 1, depths: [1, 2, 4, 8] },
  { samples: 2, depths: [8, 16] },
  undefined,
  { samples: 4, depths: [8, 16] },
]

/** Largest PNG integer: they fit a signed 32-bit integer. */
const MAX_INTEGER = 0x7fff_ffff

export interface Header {
  readonly width: number // px
  readonly height: number // px
  readonly depth: number // bits per sample: 1, 2, 4, 8 or 16
  readonly colour: number // GREY, RGB, INDEXED, GREY_ALPHA or RGBA
  readonly samples: number // per pixel, 1..4
  readonly passes: readonly Pass[] // one, or up to seven if interlaced
  readonly interlaced: boolean
  readonly inflatedLength: number // bytes the image data must inflate to
}

/** Big-endian u32 at bytes[at]. */
export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/**
 * Reads the 13 bytes at bytes[at].
 * @throws InputError 422 `bad_dimensions`, `bad_depth_colour`, `bad_method`, `image_too_small`; 413 `image_too_large`.
 */
export function readHeader(bytes: Uint8Array, at: number, limits: PngLimits): Header {
  const width = readU32(bytes, at)
  const height = readU32(bytes, at + 4)
  const [depth, colour, compression, filter, interlace] = bytes.subarray(at + 8, at + HEADER_LENGTH)
  if (width === 0 || height === 0 || width > MAX_INTEGER || height > MAX_INTEGER) {
    throw new InputError(422, 'bad_dimensions', 'width and height must be 1 to 2147483647 px')
  }
  const kind = COLOURS[colour]
  if (!kind?.depths.includes(depth)) {
    throw new InputError(422, 'bad_depth_colour', `colour type ${colour} does not come with bit depth ${depth}`)
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new InputError(422, 'bad_method', 'compression and filter method must be 0, interlace method 0 or 1')
  }
  checkSize(width, height, reduction(width, height), limits)
  const passes = storedPasses(width, height, depth * kind.samples, interlace === 1)
  const inflatedLength = passes.reduce((sum, pass) => sum + pass.height * (1 + pass.rowBytes), 0)
  if (inflatedLength > limits.maxInflated) {
    const most = `at most ${limits.maxInflated} are accepted: save it with 8 bits per sample`
    throw new InputError(413, 'image_too_large', `image data is ${inflatedLength} bytes, ${most}`)
  }
  return { width, height, depth, colour, samples: kind.samples, passes, interlaced: interlace === 1, inflatedLength }
}
