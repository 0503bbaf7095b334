/** The PNG that is stored of a drawing: the one that was kept, or one that is made of the pixels that were. */

import { PNG } from 'pngjs'
import type { Raster } from '../../core/data/raster.ts'
import { redraw } from '../http/bodies/drawing.ts'
import type { Keepsake } from './keepsake.ts'

export function pictureOf(keepsake: Keepsake): Uint8Array {
  if ('png' in keepsake) return keepsake.png
  return encodeGrey('json' in keepsake ? redraw(keepsake.json) : keepsake.grey)
}

function encodeGrey({ width, height, data }: Raster): Uint8Array {
  const png = new PNG({ width, height })
  for (let k = 0; k < width * height; k++) {
    png.data.fill(data[k], 4 * k, 4 * k + 3)
    png.data[4 * k + 3] = 255
  }
  return PNG.sync.write(png, { colorType: 0 })
}
