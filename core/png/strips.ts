/**
 * Decodes a large PNG in strips of a few rows: inflated, unfiltered, placed as RGBA and added to the sums of a box mean. Neither the
 * inflated data nor the picture in its own size is ever in memory.
 */

import type { Raster } from '../data/raster.ts'
import { InputError } from '../errors.ts'
import { BoxMean } from '../picture/box-mean.ts'
import type { Datastream } from './datastream.ts'
import { NONE, unfilter } from './filters.ts'
import { ImageDataReader } from './image-data.ts'
import type { Inflate } from './inflate.ts'
import type { Pass } from './passes.ts'
import { choosePlacer } from './pixels.ts'

/** Most bytes and pixels of a strip, a few ms of work. Every strip has at least one row: at most 32 KiB and 4,096 px. */
const STRIP_BYTES = 65_536
const STRIP_PIXELS = 32_768

/**
 * The picture, each side divided by `factor` and rounded up. Of an interlaced one the sums of the whole result are kept, 8 bytes per
 * pixel of it; else those of one row. Each `next()` inflates and places one strip at most.
 * @throws InputError 422 `bad_zlib`, `bad_pixel_count`, `bad_filter`, `palette_index`
 */
export function* decodeInStrips(stream: Datastream, inflate: Inflate, factor: number): Generator<void, Raster> {
  const { header, palette, transparency, parts } = stream
  const source = new ImageDataReader(inflate, parts, header.inflatedLength)
  const boxes = new BoxMean(header, factor, header.interlaced)
  const placeRow = choosePlacer(header, palette, transparency)
  const pixelBytes = Math.max(1, (header.depth * header.samples) / 8)
  let badFilter: InputError | undefined
  let badIndex: InputError | undefined
  try {
    for (const pass of header.passes) {
      const stride = 1 + pass.rowBytes
      const most = rowsOfStrip(pass)
      const strip = new Uint8Array((1 + most) * stride) // the row above, unfiltered already, and those of the strip
      const rgba = new Uint8Array(4 * pass.width)
      for (let y = 0; y < pass.height; y += most) {
        const rows = Math.min(most, pass.height - y)
        yield* source.fill(strip.subarray(stride, (1 + rows) * stride))
        // an error of the zlib stream, which may be found later, counts more than one of a filter, and that more than one of a pixel
        badFilter ??= refusalOf(() => {
          if (y === 0) unfilter(strip, stride, rows, pass.rowBytes, pixelBytes)
          else unfilter(strip, 0, 1 + rows, pass.rowBytes, pixelBytes)
        })
        if (!badFilter) {
          badIndex ??= refusalOf(() => {
            for (let row = 0; row < rows; row++) {
              placeRow(strip, (1 + row) * stride + 1, rgba, 0, rgba.length, 4)
              boxes.add(rgba, pass, y + row)
            }
          })
        }
        strip.copyWithin(0, rows * stride, (1 + rows) * stride)
        strip[0] = NONE
        yield
      }
    }
    yield* source.end()
    const refusal = badFilter ?? badIndex
    if (refusal) throw refusal
    return yield* boxes.raster()
  } finally {
    boxes.free()
  }
}

function rowsOfStrip({ width, height, rowBytes }: Pass): number {
  const most = Math.min(STRIP_BYTES / (1 + rowBytes), STRIP_PIXELS / width, height)
  return Math.max(1, Math.floor(most))
}

/** The InputError that `work` throws, if it does. */
function refusalOf(work: () => void): InputError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}
