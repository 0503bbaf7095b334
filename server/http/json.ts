/** Parses the JSON of a request, from bytes to an object. The values of its fields are checked elsewhere. */

import { InputError } from '../../core/errors.ts'

/**
 * The text in a body, without a byte order mark.
 * @throws InputError 400 bad_json when the bytes are not UTF-8
 */
export function decodeText(body: Uint8Array): string {
  // with its byte order mark, or with JSON's first character, which is ASCII
  const wide = (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff)
  if (wide || (body.length > 1 && (body[0] === 0 || body[1] === 0))) {
    throw new InputError(400, 'bad_json', 'the body is UTF-16, expected UTF-8')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new InputError(400, 'bad_json', 'the body is not UTF-8')
  }
}

/** @throws InputError 400 bad_json */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InputError(400, 'bad_json', 'the body is not JSON')
  }
}

/**
 * @param refusal of JSON that is not an object
 * @throws InputError 400 bad_json, or the refusal
 */
export function parseObject(text: string, refusal: () => InputError): Record<string, unknown> {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal()
  return value as Record<string, unknown>
}
