/** Parses the JSON of a request, from bytes to an object, without a copy of a large picture in it. Fields are checked elsewhere. */

import { InputError } from '../../../core/errors.ts'
import { hexByte } from './hex.ts'

/** Longest string that stays in the text, bytes: ids and names are shorter. */
const SHORT = 64

/** Stands in the text for the long string, and is no value of any field. */
const PLACEHOLDER = '\0'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LETTER_U = 0x75

/** The character that a backslash before each letter stands for, 0 for none. */
const ESCAPES = new Uint8Array(256)
for (const [k, letter] of [...'"\\/bfnrt'].entries()) ESCAPES[letter.charCodeAt(0)] = '"\\/\b\f\n\r\t'.charCodeAt(k)

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** JSON as text, but for its first long string. */
export interface JsonText {
  readonly text: string
  /** The bytes of a field's value where it is a string, one per character; they may be overwritten. */
  readonly bytesOf: (value: string) => Uint8Array
}

/**
 * Takes the first string of more than SHORT bytes out of JSON: a picture of 4 MiB as text, and again as a value, would take three times
 * its memory. Line breaks in that string are taken as they are: a shell puts the output of base64 there so.
 * @param limit of the rest, bytes
 * @throws InputError 400 bad_json, 413 body_too_large with `rule`
 */
export function takeLongString(body: Uint8Array, limit: number, rule: string): JsonText {
  // from string to string: outside of them JSON has no quotes
  for (let open = body.indexOf(QUOTE); open !== -1 && open < limit; ) {
    const close = body.indexOf(QUOTE, open + 1)
    if (close - open > SHORT && body[close - 1] !== BACKSLASH) {
      const [before, long, after] = [body.subarray(0, open), body.subarray(open + 1, close), body.subarray(close + 1)]
      if (before.length + after.length > limit) break
      const text = `${decodeText(before)}${JSON.stringify(PLACEHOLDER)}${decodeText(after)}`
      return {
        text,
        bytesOf: (value) => (value === PLACEHOLDER ? withoutEscapes(long) : new TextEncoder().encode(value)),
      }
    }
    open = body.indexOf(QUOTE, endOfString(body, open) + 1)
  }
  if (body.length > limit) throw new InputError(413, 'body_too_large', rule)
  return { text: decodeText(body), bytesOf: (value) => new TextEncoder().encode(value) }
}

// Of a short string, or of one that has quotes in it.
function endOfString(body: Uint8Array, open: number): number {
  let at = open + 1
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1
  return at
}

/** Replaces the escapes of a JSON string, in place. A character beyond 255 becomes 255. */
function withoutEscapes(text: Uint8Array): Uint8Array {
  let to = text.indexOf(BACKSLASH)
  if (to === -1) return text
  for (let at = to; at < text.length; at++) {
    let byte = text[at]
    if (byte === BACKSLASH) {
      const letter = text[++at]
      byte = letter === LETTER_U ? characterAt(text, at + 1) : ESCAPES[letter]
      if (letter === LETTER_U) at += 4
      else if (!byte) throw notJson()
    }
    text[to++] = byte
  }
  return text.subarray(0, to)
}

// Of four hexadecimal digits.
function characterAt(text: Uint8Array, at: number): number {
  const [high, low] = [hexByte(text, at), hexByte(text, at + 2)]
  if (high < 0 || low < 0) throw notJson()
  return high > 0 ? 255 : low
}

function notJson(): InputError {
  return new InputError(400, 'bad_json', 'the body is not JSON')
}

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
    return UTF8.decode(body)
  } catch {
    throw new InputError(400, 'bad_json', 'the body is not UTF-8')
  }
}

/** @throws InputError 400 bad_json */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notJson()
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
