/** Reads the body of a correction, strictly: every unknown field or value is refused. */

import { InputError } from '../../core/errors.ts'
import { NOT_A_DIGIT } from '../../core/learning/round.ts'
import type { Label } from '../../core/protocol.ts'
import { parseObject, takeLongString } from '../http/bodies/json.ts'
import { unknownPrediction } from './pending.ts'

/** Most of a body beside its image, bytes. */
const JSON_LIMIT = 16_384

/** Id of a prediction or a correction. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const FIELDS = ['predictionId', 'image', 'label', 'model']

/** One about an image. */
export interface WithImage {
  readonly image: Uint8Array // a data URL, one byte per character; may be overwritten
  readonly label: number // 0..10
  readonly model?: string
}

/** The fields of a body that was accepted, its label as a number. */
export type DecodedCorrection =
  | { readonly predictionId: string; readonly label: number } // 0..10
  | WithImage

/** @throws InputError 400, 413 or 422 with the code of what is wrong */
export function readCorrection(body: Uint8Array): DecodedCorrection {
  const rule = `JSON may have ${JSON_LIMIT} bytes unless it holds an image`
  const { text, bytesOf } = takeLongString(body, JSON_LIMIT, rule)
  const fields = parseObject(text, badShape)
  const names = Object.keys(fields)
  if (names.some((name) => !FIELDS.includes(name))) {
    throw new InputError(422, 'unknown_field', 'the only fields are predictionId or image, label, and model')
  }
  const label = readLabel(fields.label)
  const { predictionId, image, model } = fields
  const strings = [predictionId, image, model, typeof label === 'string' ? label : undefined].filter(
    (value) => value !== undefined,
  )
  if (!strings.every((value) => typeof value === 'string')) throw badShape()
  if ((predictionId === undefined) === (image === undefined)) throw badShape()
  if (predictionId !== undefined && model !== undefined) throw badShape()
  if (predictionId !== undefined && !UUID.test(predictionId as string)) throw unknownPrediction()
  // JSON.parse takes the last of two equal names. Counting quotes finds both, for no accepted value has one inside.
  const quotes = 2 * (names.length + strings.length)
  if (text.split('"').length - 1 !== quotes) throw new InputError(422, 'duplicate_field', 'a field stands there twice')
  const number = typeof label === 'string' ? NOT_A_DIGIT : label
  if (predictionId !== undefined) return { predictionId: predictionId as string, label: number }
  return { image: bytesOf(image as string), label: number, ...(model !== undefined && { model: model as string }) }
}

/** How a label is written in answers. */
export function labelName(label: number): Label {
  return label === NOT_A_DIGIT ? 'not-a-digit' : (label as Label)
}

function readLabel(label: unknown): number | 'not-a-digit' {
  if (label === 'not-a-digit') return label
  if (typeof label === 'number' && Number.isInteger(label) && label >= 0 && label <= 9) return label
  throw new InputError(422, 'bad_label', 'label must be a whole number from 0 to 9 or "not-a-digit"')
}

function badShape(): InputError {
  return new InputError(422, 'bad_shape', 'expected an object with a label and either a predictionId or an image')
}
