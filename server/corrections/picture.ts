/** The PNG that is stored of a drawing: made of its grey pixels alone, and small, whatever was sent. */

import { PNG } from 'pngjs'
import type { Raster } from '../../core/data/raster.ts'
import { decodeAtOnce } from '../../core/picture.ts'
import { inflate } from '../files/inflate.ts'
import { redraw } from '../http/bodies/drawing.ts'
import { type Keepsake, shrinkToGrey } from './keepsake.ts'

/** Largest PNG that is stored, bytes. */
const MOST = 8192

/**
 * Longer sides, px, and levels of grey that are tried in turn until one fits. A drawing fits as it is; noise, which nothing compresses,
 * fits in 64 x 64 px.
 */
const TRIES = [
  { side: 512, levels: 256 },
  { side: 256, levels: 16 },
  { side: 128, levels: 256 },
  { side: 128, levels: 16 },
  { side: 64, levels: 256 },
] as const

export function pictureOf(keepsake: Keepsake): Uint8Array {
  const raster = rasterOf(keepsake)
  let png = new Uint8Array(0)
  for (const { side, levels } of TRIES) {
    png = encodeGrey(shrinkToGrey(raster, side), levels)
    if (png.length <= MOST) break
  }
  return png
}

function rasterOf(keepsake: Keepsake): Raster {
  if ('grey' in keepsake) return keepsake.grey
  return 'json' in keepsake ? redraw(keepsake.json) : decodeAtOnce(keepsake.png, inflate)
}

function encodeGrey({ width, height, data }: Raster, levels: number): Uint8Array<ArrayBuffer> {
  const step = 255 / (levels - 1)
  const png = new PNG({ width, height })
  for (let k = 0; k < width * height; k++) {
    png.data.fill(Math.round(Math.round(data[k] / step) * step), 4 * k, 4 * k + 3)
    png.data[4 * k + 3] = 255
  }
  // few levels take fewer bytes as they are than as differences
  return new Uint8Array(PNG.sync.write(png, { colorType: 0, ...(levels < 256 && { filterType: 0 }) }))
}
