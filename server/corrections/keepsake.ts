/**
 * What stays in memory of a drawing so that it can be corrected: a small PNG, or else its pixels in grey. What is stored is made of
 * it in picture.ts: nothing else of a file is, such as the place where a photo was taken.
 */

import type { Raster } from '../../core/data/raster.ts'
import type { DigitDrawing } from '../../core/numbers/pieces.ts'
import { reduction } from '../../core/picture/size.ts'
import { rasterizeStrokes } from '../../core/strokes.ts'
import type { BodyDrawing } from '../http/bodies/drawing.ts'
import { isPng, pictureSize } from '../http/bodies/picture-size.ts'

/** Largest PNG that is kept, bytes, and px, for it is decoded at once. Its grey pixels would take no less. */
const [LARGEST_PNG, MOST_PIXELS] = [65_536, 262_144]

/** Longer side of what is kept of other pictures, px at most. */
const SIDE = 256

/** A PNG file, a body of JSON with strokes, or grey pixels of at most SIDE px a side. */
export type Keepsake = { readonly png: Uint8Array } | { readonly json: Uint8Array } | { readonly grey: Raster }

/** What to keep of a drawing, without references to it. */
export function keepsakeOf({ raster, file, json }: BodyDrawing): Keepsake {
  if (json && json.length < raster.data.length) return { json: ownBytes(json) }
  if (file && isPng(file) && file.length <= LARGEST_PNG) {
    const { width, height } = pictureSize(file) ?? raster
    if (reduction(width, height) === 1 && width * height <= MOST_PIXELS) return { png: ownBytes(file) }
  }
  return { grey: shrinkToGrey(raster, SIDE) }
}

/** What to keep of one digit of a number, without references to the rest of it. */
export function keepsakeOfDigit(drawing: DigitDrawing): Keepsake {
  if ('raster' in drawing) return keepsakeOf(drawing)
  const json = new TextEncoder().encode(JSON.stringify(drawing))
  return keepsakeOf({ raster: rasterizeStrokes(drawing.strokes), json })
}

/** Memory that it takes, bytes. */
export function keepsakeBytes(keepsake: Keepsake): number {
  if ('png' in keepsake) return keepsake.png.length
  return 'json' in keepsake ? keepsake.json.length : keepsake.grey.data.length
}

/** The bytes, alone in their memory: a part of a body would keep all of it. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length < bytes.buffer.byteLength ? bytes.slice() : bytes
}

/**
 * Means of squares of px, on white paper.
 * @param side its longer side, px at most
 */
export function shrinkToGrey(raster: Raster, side: number): Raster {
  const factor = Math.max(1, Math.ceil(Math.max(raster.width, raster.height) / side))
  if (factor === 1 && raster.channels === 1) {
    return { width: raster.width, height: raster.height, channels: 1, data: raster.data.slice() }
  }
  const width = Math.ceil(raster.width / factor)
  const height = Math.ceil(raster.height / factor)
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const bottom = Math.min(raster.height, (y + 1) * factor)
    for (let x = 0; x < width; x++) {
      const right = Math.min(raster.width, (x + 1) * factor)
      let sum = 0
      for (let v = y * factor; v < bottom; v++) {
        for (let u = x * factor; u < right; u++) sum += greyAt(raster, v * raster.width + u)
      }
      data[y * width + x] = Math.round(sum / ((bottom - y * factor) * (right - x * factor)))
    }
  }
  return { width, height, channels: 1, data }
}

function greyAt({ channels, data }: Raster, pixel: number): number {
  if (channels === 1) return data[pixel]
  const i = 4 * pixel
  const grey = (299 * data[i] + 587 * data[i + 1] + 114 * data[i + 2]) / 1000
  return 255 + ((grey - 255) * data[i + 3]) / 255
}
