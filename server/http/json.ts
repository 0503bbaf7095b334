/** JSON that a stranger sends, from bytes to an object; what its fields hold is for others to look at. */

import { InputError } from '../../core/errors.ts'

/** @throws InputError 400 bad_json when the bytes are not UTF-8 */
export function decodeText(body: Uint8Array): string {
  try {
    // a byte order mark is kept, and then is no JSON
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
 * @param refusal of what is JSON but no object
 * @throws InputError 400 bad_json; the refusal
 */
export function parseObject(text: string, refusal: () => InputError): Record<string, unknown> {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal()
  return value as Record<string, unknown>
}
