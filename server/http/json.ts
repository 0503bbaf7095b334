/** Parses the JSON of a request, from bytes to an object. The values of its fields are checked elsewhere. */

import { InputError } from '../../core/errors.ts'

/** @throws InputError 400 bad_json when the bytes are not UTF-8 */
export function decodeText(body: Uint8Array): string {
  try {
    // with ignoreBOM a byte order mark stays in the text, which makes it invalid JSON
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
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
