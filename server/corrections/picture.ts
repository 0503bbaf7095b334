/** The PNG that is stored of a drawing: the one that was sent, or one that is made of its pixels or strokes. */

import { PNG } from 'pngjs'
import type { Raster } from '../../core/data/raster.ts'
import type { Inflate } from '../../core/png/inflate.ts'
import { type BodyForm, dataUrlBytes, readDrawing } from '../http/drawing.ts'
import { decodeText } from '../http/json.ts'

/**
 * The drawing in the body of a prediction that was answered.
 * @throws InputError as readDrawing, of a body that was never answered
 */
export function pictureOf(type: BodyForm['type'], body: Uint8Array, inflate: Inflate): Uint8Array {
  if (type === 'png') return body
  const { image } = JSON.parse(decodeText(body)) as { image?: unknown }
  if (image !== undefined) return dataUrlBytes(image)
  return encodeGrey(readDrawing({ type, limit: body.length }, body, inflate))
}

function encodeGrey({ width, height, data }: Raster): Uint8Array {
  const png = new PNG({ width, height })
  for (let k = 0; k < width * height; k++) {
    png.data.fill(data[k], 4 * k, 4 * k + 3)
    png.data[4 * k + 3] = 255
  }
  return PNG.sync.write(png, { colorType: 0 })
}
