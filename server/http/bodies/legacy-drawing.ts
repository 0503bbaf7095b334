/** Drawings as the pages of three older programs send them: a data URL as text, pixels as an object, a grid of 0 and 1. */

import { SIDE } from '../../../core/data/dataset.ts'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { type PictureReader, readDataUrl } from './drawing.ts'
import { decodeText, parseJson } from './json.ts'

/** Side of the canvas whose pixels come as an object, px. */
const CANVAS = 140
const VALUES = CANVAS * CANVAS * 4

/** Largest object of pixels, bytes: at most `"78399":255,` for each value, and some room for blanks. */
export const PIXEL_OBJECT_LIMIT = 1_048_576

/** Largest form, bytes: the 784 of the grid, and the fields and boundaries around it. */
export const FORM_LIMIT = 8192

/**
 * `data:image/png;base64,...` and nothing else, as `canvas.toDataURL()` returns it, in pieces of work.
 * @param body is overwritten
 * @throws InputError 400, 413, 415 or 422
 */
export function* readDataUrlBody(body: Uint8Array, reader: PictureReader): Generator<void, Raster> {
  if (body.length === 0) throw new InputError(400, 'empty_body', 'the body is empty, a data URL was expected')
  const marked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf // a byte order mark
  const { raster } = yield* readDataUrl(marked ? body.subarray(3) : body, reader)
  return raster
}

/**
 * `{"0":r,"1":g,"2":b,"3":a,"4":r,...}`: a canvas of 140x140 px, as JSON.stringify writes the pixels of `getImageData`.
 * @throws InputError 400 bad_json, 422 bad_pixels
 */
export function readPixelObject(body: Uint8Array): Raster {
  const json = parseJson(decodeText(body))
  const values = typeof json === 'object' && json !== null ? (json as Record<number, unknown>) : {}
  const count = Object.keys(values).length
  if (count !== VALUES) {
    throw new InputError(
      422,
      'bad_pixels',
      `the body has ${count} values, ${VALUES} of ${CANVAS}x${CANVAS} px expected`,
    )
  }
  const data = new Uint8Array(VALUES)
  for (let k = 0; k < VALUES; k++) {
    const value = values[k]
    if (!(Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255)) {
      throw new InputError(422, 'bad_pixels', `value ${k} must be a whole number from 0 to 255`)
    }
    data[k] = Number(value)
  }
  return { width: CANVAS, height: CANVAS, channels: 4, data }
}

/** 784 characters, row by row, 1 for ink and 0 for none; undefined for anything else. */
export function readGrid(digit: unknown): Raster | undefined {
  if (typeof digit !== 'string' || !/^[01]{784}$/.test(digit)) return undefined
  const data = Uint8Array.from(digit, (cell) => (cell === '1' ? 0 : 255))
  return { width: SIDE, height: SIDE, channels: 1, data }
}
