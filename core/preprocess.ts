/**
 * Any drawing of a digit to the 28x28 bytes that models are trained on and see: MNIST's own recipe (LeCun, Cortes, Burges
 * 1998), the same function for training, evaluation, server and browser.
 */

import { isolateDigit } from './digit.ts'
import { InputError } from './errors.ts'
import { findInk } from './ink.ts'
import type { Raster } from './raster.ts'
import { resample } from './resample.ts'

/** Stands in every model card; goes up whenever the same drawing can give other bytes. */
export const PREPROCESS_VERSION = 1

/** Side of the result, px. */
const FIELD = 28

/** The digit's longer side in the result, px. */
const BOX = 20

/** Shortest side of a picture, px. */
const MIN_SIDE = 8

/** Darkest level that counts as full ink, 0..255: the palest maximum found in MNIST itself. */
const FULL = 254

/**
 * The digit in a picture as 784 bytes, row-major 28x28, 0 = paper, 255 = full ink: its longer side is 20 px, its centre of
 * mass within half a px of the middle (pixel 14, 14, as MNIST has it). Where on the canvas it is drawn, how large, in
 * which colour, transparency and polarity makes no difference. Only integers and + - * / are used, so the bytes are the
 * same on every machine. Throws InputError 422: image_too_small, blank_image, no_background, too_little_ink, bad_raster.
 */
export function preprocess(image: Raster): Uint8Array {
  const { width, height, channels, data } = image
  if (data.length !== width * height * channels) {
    throw new InputError(422, 'bad_raster', `Got ${data.length} bytes for ${width}x${height} pixels of ${channels}`)
  }
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new InputError(422, 'image_too_small', `Got ${width}x${height} px, a side must have at least ${MIN_SIDE}`)
  }
  const digit = isolateDigit(findInk(image))
  const w = digit.right - digit.left
  const h = digit.bottom - digit.top
  const scale = BOX / Math.max(w, h)
  const boxW = Math.ceil(w * scale - 1e-9)
  const boxH = Math.ceil(h * scale - 1e-9)
  const box = quantise(resample(digit.amount, digit.width, digit.left, digit.top, w, h, scale, boxW, boxH))
  return centre(box, boxW, boxH)
}

/** To bytes, with the contrast stretched so that the darkest ink is full. */
function quantise(values: Float64Array): Uint8Array {
  let peak = 0
  for (const v of values) peak = Math.max(peak, v)
  const gain = peak >= FULL ? 1 : 255 / peak
  const bytes = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) bytes[i] = Math.floor(Math.min(255, values[i] * gain) + 0.5)
  return bytes
}

/** Places the box into the field by whole px, its centre of mass in [13.5, 14.5), but never so that ink is cut off. */
function centre(box: Uint8Array, boxW: number, boxH: number): Uint8Array {
  let mass = 0
  let massX = 0
  let massY = 0
  for (let y = 0, i = 0; y < boxH; y++) {
    for (let x = 0; x < boxW; x++, i++) {
      mass += box[i]
      massX += box[i] * x
      massY += box[i] * y
    }
  }
  const left = place(massX / mass, boxW)
  const top = place(massY / mass, boxH)
  const field = new Uint8Array(FIELD * FIELD)
  for (let y = 0; y < boxH; y++) field.set(box.subarray(y * boxW, (y + 1) * boxW), (top + y) * FIELD + left)
  return field
}

function place(middle: number, size: number): number {
  return Math.max(0, Math.min(FIELD - size, Math.ceil(FIELD / 2 - 0.5 - middle)))
}
