/**
 * The body of a prediction, in any of its forms, to pixels. What a picture is shows by its bytes, whatever its type says; JSON is read
 * strictly: every unknown field or value is refused.
 */

import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { decodePicture, PICTURE_LIMIT } from '../../../core/picture.ts'
import type { Inflate } from '../../../core/png/inflate.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { mediaType } from '../limits/body.ts'
import { badImage, dataUrlBytes, dataUrlInFields, isDataUrl } from './data-url.ts'
import { type JsonText, parseObject, takeLongString } from './json.ts'
import { fileInForm } from './multipart.ts'
import { isPicture } from './picture-size.ts'
import { readPixels } from './pixels.ts'

/** Largest body with a picture in it, bytes. */
export const BODY_LIMIT = PICTURE_LIMIT

/** Most of a JSON body beside its picture, bytes: 784 numbers of 17 digits, indented in lists of one, fit. */
const JSON_LIMIT = 65_536

/** The type of a form without files. It is curl's for any body where no other is named. */
const FIELDS = 'application/x-www-form-urlencoded'

/** Types that say of a body that it is bytes, or nothing of it. */
const BYTES = /^($|image\/|application\/(octet-stream|binary|x-www-form-urlencoded)$|binary\/octet-stream$)/

/** The pixels of a drawing, and what they come from: a picture file, or JSON without one. */
export interface BodyDrawing {
  readonly raster: Raster
  readonly file?: Uint8Array // a view of the body, overwritten where that was base64
  readonly json?: Uint8Array
  readonly strokes?: Strokes // what the raster was drawn of
}

/** How picture files are decoded. */
export interface PictureReader {
  readonly inflate: Inflate
  /** Called with a file before it is decoded. What it throws ends the work; where it waits, that is a piece. */
  readonly charge: (file: Uint8Array) => Generator<void, void>
}

/**
 * A drawing from a body, in pieces of work. A small one is one piece.
 * @param body is overwritten where it has base64
 * @throws InputError 400, 413, 415 or 422 with the code of what is wrong, and what `charge` throws
 */
export function* readDrawing(
  contentType: string | undefined,
  body: Uint8Array,
  reader: PictureReader,
): Generator<void, BodyDrawing> {
  const type = mediaType(contentType)
  if (isPicture(body)) return yield* readPicture(body, reader)
  if (type === 'application/json') return yield* readJson(body, reader)
  if (body.length === 0) throw new InputError(400, 'empty_body', 'the body is empty, a picture or JSON was expected')
  if (type.startsWith('multipart/')) {
    const part = fileInForm(contentType ?? '', body)
    return yield* readPicture(isDataUrl(part) ? yield* dataUrlBytes(part) : part, reader)
  }
  if (isDataUrl(body)) return yield* readDataUrl(body, reader)
  if (beginsJson(body)) throw badType('the body is JSON: add the header Content-Type: application/json')
  if (type === FIELDS && beginsField(body)) {
    const value = yield* dataUrlInFields(body)
    if (value) return yield* readDataUrl(value, reader)
  } else if (BYTES.test(type)) return yield* readPicture(body, reader)
  throw badType('expected a PNG or JPEG, multipart/form-data with one, or application/json')
}

/**
 * The drawing in the text of a data URL, or in base64 alone.
 * @param text one byte per character; it is overwritten
 * @throws InputError 400, 413, 415 or 422, and what `charge` throws
 */
export function* readDataUrl(text: Uint8Array, reader: PictureReader): Generator<void, BodyDrawing> {
  return yield* readPicture(yield* dataUrlBytes(text), reader)
}

function* readPicture(file: Uint8Array, { inflate, charge }: PictureReader): Generator<void, BodyDrawing> {
  yield* charge(file)
  return { raster: yield* decodePicture(file, inflate), file }
}

/**
 * The drawing in JSON that was answered, and has no picture.
 * @throws InputError as readDrawing
 */
export function redraw(json: Uint8Array): Raster {
  return drawFields(readFields(json))
}

/**
 * The pen strokes in JSON.
 * @param json is overwritten
 * @throws InputError as readDrawing
 */
export function readStrokesBody(json: Uint8Array): Strokes {
  const read = readFields(json)
  if (!('strokes' in read.fields)) throw badShape()
  drawFields(read) // checks them
  return read.fields.strokes as Strokes
}

function* readJson(body: Uint8Array, reader: PictureReader): Generator<void, BodyDrawing> {
  const read = readFields(body)
  const { json, fields } = read
  if (!('image' in fields)) {
    return { raster: drawFields(read), json: body, ...('strokes' in fields && { strokes: fields.strokes as Strokes }) }
  }
  if (typeof fields.image !== 'string') throw badImage()
  refuseDuplicates(json, 4)
  return yield* readDataUrl(json.bytesOf(fields.image), reader)
}

interface JsonFields {
  readonly json: JsonText
  readonly fields: Record<string, unknown> // one of image, pixels, strokes
}

function readFields(body: Uint8Array): JsonFields {
  const json = takeLongString(body, JSON_LIMIT, `JSON may have ${JSON_LIMIT} bytes unless it is {"image": a data URL}`)
  const fields = parseObject(json.text, badShape)
  const names = Object.keys(fields)
  if (names.some((name) => !['image', 'pixels', 'strokes'].includes(name))) {
    throw new InputError(422, 'unknown_field', 'the only fields are image, pixels and strokes')
  }
  if (names.length !== 1) throw badShape()
  return { json, fields }
}

function drawFields({ json, fields }: JsonFields): Raster {
  const raster = 'pixels' in fields ? readPixels(fields.pixels) : draw(fields.strokes)
  refuseDuplicates(json, 2)
  return raster
}

// JSON.parse takes the last of two equal names. Counting quotes finds both, for no accepted value has one inside.
function refuseDuplicates({ text }: JsonText, quotes: number): void {
  let found = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) found++
  if (found !== quotes) throw new InputError(422, 'duplicate_field', 'a field stands there twice')
}

function draw(strokes: unknown): Raster {
  const isPoint = (point: unknown) =>
    Array.isArray(point) && point.length === 2 && point.every((value) => typeof value === 'number')
  if (!Array.isArray(strokes) || !strokes.every((stroke) => Array.isArray(stroke) && stroke.every(isPoint))) {
    throw new InputError(422, 'bad_strokes', 'strokes must be a list of lists of points, each [x, y]')
  }
  return rasterizeStrokes(strokes as Strokes)
}

// after a byte order mark and white space
function beginsJson(body: Uint8Array): boolean {
  return /^(\xef\xbb\xbf)?\s*[{[]/.test(beginning(body))
}

// name=value, as in a form without files
function beginsField(body: Uint8Array): boolean {
  return /^[\w.%[\]+-]+=/.test(beginning(body))
}

function beginning(body: Uint8Array): string {
  return String.fromCharCode(...body.subarray(0, 64))
}

function badType(detail: string): InputError {
  return new InputError(415, 'bad_content_type', detail)
}

function badShape(): InputError {
  return new InputError(422, 'bad_shape', 'expected an object with one of image, pixels, strokes')
}
