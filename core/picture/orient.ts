/** Turns and mirrors a decoded picture so that it is upright, as its EXIF orientation asks for. */

import type { Raster } from '../data/raster.ts'

/** Orientations from this one on exchange width and height. */
const TRANSPOSED = 5

/** Orientations whose stored rows run from right to left in the upright picture (or its columns, where transposed). */
const FROM_RIGHT = [2, 3, 6, 7]

/** Orientations whose stored columns run from bottom to top in the upright picture (or its rows, where transposed). */
const FROM_BOTTOM = [3, 4, 7, 8]

/**
 * The upright picture. A new one, except for orientation 1.
 * @param orientation 1 to 8, as `orientationOf` returns it
 */
export function orient(raster: Raster, orientation: number): Raster {
  const { width, height, channels, data } = raster
  if (orientation === 1) return raster
  const transposed = orientation >= TRANSPOSED
  const upright = {
    width: transposed ? height : width,
    height: transposed ? width : height,
    channels,
    data: new Uint8Array(data.length),
    ...(raster.paper !== undefined && { paper: raster.paper }),
  }
  // pixels to the right and down in the upright picture, for one pixel to the right and one down in the stored one
  const right = FROM_RIGHT.includes(orientation) ? -1 : 1
  const down = FROM_BOTTOM.includes(orientation) ? -upright.width : upright.width
  const [perColumn, perRow] = transposed ? [down, right] : [right, down]
  const first = (right < 0 ? upright.width - 1 : 0) + (down < 0 ? (upright.height - 1) * upright.width : 0)
  const from = pixelsOf(data, channels)
  const to = pixelsOf(upright.data, channels)
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0, q = first + y * perRow; x < width; x++, p++, q += perColumn) to[q] = from[p]
  }
  return upright
}

/** Whole pixels as numbers: only copied, so the byte order makes no difference. */
function pixelsOf(data: Uint8Array | Uint8ClampedArray, channels: 1 | 4): Uint8Array | Uint8ClampedArray | Uint32Array {
  if (channels === 1) return data
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data)
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
}
