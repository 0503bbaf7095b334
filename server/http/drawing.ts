/** The body of a prediction, in any of its four forms, to pixels. It is read strictly: every unknown field or value is refused. */

import type { Raster } from '../../core/data/raster.ts'
import { InputError } from '../../core/errors.ts'
import { decodeAtOnce } from '../../core/picture.ts'
import type { Inflate } from '../../core/png/inflate.ts'
import type { Strokes } from '../../core/protocol.ts'
import { rasterizeStrokes } from '../../core/strokes.ts'
import { decodeText, parseObject } from './json.ts'
import { readPixels } from './pixels.ts'

/** Largest PNG, bytes. */
const PNG_LIMIT = 262_144

/** Largest data URL, bytes: a PNG of PNG_LIMIT in base64 and some room. */
export const DATA_URL_LIMIT = 4 * Math.ceil(PNG_LIMIT / 3) + 256

/** Largest JSON body, bytes; only one with an image may be larger. 784 numbers of 17 digits, indented in lists of one, fit. */
export const JSON_LIMIT = 65_536

/** What a data URL of a PNG starts with. */
export const DATA_URL = 'data:image/png;base64,'

const IMAGE_FIRST = new RegExp(`^\\s*\\{\\s*"image"\\s*:\\s*"${DATA_URL}`)

/** The form of a body, and the bytes it may have. */
export interface BodyForm {
  readonly type: 'png' | 'json'
  readonly limit: number // bytes
}

/** The form that a Content-Type announces; undefined for one that is not accepted. */
export function bodyForm(contentType: string | undefined): BodyForm | undefined {
  const mime = contentType?.split(';')[0].trim().toLowerCase()
  if (mime === 'image/png') return { type: 'png', limit: PNG_LIMIT }
  if (mime === 'application/json') return { type: 'json', limit: DATA_URL_LIMIT }
  return undefined
}

/**
 * A drawing from a body.
 * @throws InputError 400, 413, 415 or 422 with the code of what is wrong
 */
export function readDrawing(form: BodyForm, body: Uint8Array, inflate: Inflate): Raster {
  return form.type === 'png' ? readPng(body, inflate) : readJson(body, inflate)
}

function readPng(bytes: Uint8Array, inflate: Inflate): Raster {
  if (bytes.length > PNG_LIMIT) {
    throw new InputError(413, 'body_too_large', `the PNG is larger than the ${PNG_LIMIT} bytes it may have`)
  }
  return decodeAtOnce(bytes, inflate)
}

function readJson(body: Uint8Array, inflate: Inflate): Raster {
  const text = decodeText(body)
  if (body.length > JSON_LIMIT && !IMAGE_FIRST.test(text)) {
    throw new InputError(413, 'body_too_large', `JSON may have ${JSON_LIMIT} bytes unless it is {"image": a data URL}`)
  }
  const fields = parseObject(text, badShape)
  const names = Object.keys(fields)
  if (names.some((name) => !['image', 'pixels', 'strokes'].includes(name))) {
    throw new InputError(422, 'unknown_field', 'the only fields are image, pixels and strokes')
  }
  if (names.length !== 1) throw badShape()
  const { image, pixels, strokes } = fields
  // JSON.parse takes the last of two equal names. Counting quotes finds both, for no accepted value has one inside.
  const quotes = names[0] === 'image' ? 4 : 2
  const raster =
    'image' in fields ? readDataUrl(image, inflate) : 'pixels' in fields ? readPixels(pixels) : draw(strokes)
  if (count(text, '"') !== quotes) throw new InputError(422, 'duplicate_field', 'a field stands there twice')
  return raster
}

/**
 * The pixels of the PNG in a data URL: `data:image/png;base64,...`.
 * @throws InputError 413, 415 or 422
 */
export function readDataUrl(image: unknown, inflate: Inflate): Raster {
  return readPng(dataUrlBytes(image), inflate)
}

/**
 * The bytes in a data URL, which may be those of any file.
 * @throws InputError 422 bad_image
 */
export function dataUrlBytes(image: unknown): Uint8Array {
  if (typeof image !== 'string' || !image.startsWith(DATA_URL)) {
    throw new InputError(422, 'bad_image', `image must be a string that starts with ${DATA_URL}`)
  }
  let binary: string
  try {
    const base64 = image.slice(DATA_URL.length)
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw new Error('not the base64 alphabet')
    binary = atob(base64)
  } catch {
    throw new InputError(422, 'bad_image', 'what follows the comma of the data URL is not base64')
  }
  const bytes = new Uint8Array(binary.length)
  for (let k = 0; k < bytes.length; k++) bytes[k] = binary.charCodeAt(k)
  return bytes
}

function draw(strokes: unknown): Raster {
  const isPoint = (point: unknown) =>
    Array.isArray(point) && point.length === 2 && point.every((value) => typeof value === 'number')
  if (!Array.isArray(strokes) || !strokes.every((stroke) => Array.isArray(stroke) && stroke.every(isPoint))) {
    throw new InputError(422, 'bad_strokes', 'strokes must be a list of lists of points, each [x, y]')
  }
  return rasterizeStrokes(strokes as Strokes)
}

function count(text: string, character: string): number {
  let found = 0
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found++
  return found
}

function badShape(): InputError {
  return new InputError(422, 'bad_shape', 'expected an object with one of image, pixels, strokes')
}
