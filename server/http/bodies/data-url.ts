/**
 * The file in a data URL, or in bare base64, read as browsers do: the WHATWG's "data: URL processor" and "forgiving-base64 decode". The
 * alphabet for URLs is taken, too. What the file is shows by its bytes, not by the type that the URL states.
 */

import { InputError } from '../../../core/errors.ts'
import { hexByte } from './hex.ts'
import { isPicture } from './picture-size.ts'

/** Longest part before the comma, characters: types have parameters, such as a name. */
const HEAD = 1024

/** Fields of a form that are looked at. */
const FIELDS = 64

/** Base64 that one piece of work decodes, bytes: 2 ms on a desktop. A picture of 256 KiB is one piece. */
const PIECE = 393_216

/** Of each byte its six bits, or one of these. */
const [BLANK, PAD, FOREIGN] = [64, 65, 66]
const SIX_BITS = new Uint8Array(256).fill(FOREIGN)
for (const [k, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SIX_BITS[letter.charCodeAt(0)] = k
}
for (const [letter, value] of ['-', '_'].map((one, k) => [one, 62 + k] as const)) SIX_BITS[letter.charCodeAt(0)] = value
for (const blank of ' \t\n\f\r') SIX_BITS[blank.charCodeAt(0)] = BLANK
SIX_BITS['='.charCodeAt(0)] = PAD

const COMMA = ','.charCodeAt(0)
const [AMPERSAND, EQUALS] = [...'&='].map((letter) => letter.charCodeAt(0))
const PERCENT = '%'.charCodeAt(0)
const HASH = '#'.charCodeAt(0)

/**
 * The bytes of the file, in pieces of work. They take the place of `text`, so that a large one takes no memory beside it.
 * @param text the URL or base64, one byte per character; it is overwritten
 * @throws InputError 422 bad_image
 */
export function* dataUrlBytes(text: Uint8Array): Generator<void, Uint8Array> {
  const comma = text.subarray(0, HEAD).indexOf(COMMA)
  if (comma === -1 || !isDataUrl(text)) return yield* bareBase64(text)
  const fragment = text.indexOf(HASH, comma)
  const body = yield* decodePercents(text.subarray(comma + 1, fragment === -1 ? undefined : fragment))
  if (/; *base64[\t\n\f\r ]*$/i.test(latin1(text, comma))) return yield* decodeBase64(body)
  if (body.length === 0) throw badImage() // data:, is all that a canvas without px gives
  return body
}

// Base64 alone is taken where a picture comes of it: any word is base64 of something.
function* bareBase64(text: Uint8Array): Generator<void, Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = yield* decodeBase64(text)
  } catch {
    throw badImage()
  }
  if (isPicture(bytes)) return bytes
  throw badImage()
}

/** Whether a text is a data URL, by its scheme, with a few blanks before it. */
export function isDataUrl(text: Uint8Array): boolean {
  return /^[\0- ]*data:/i.test(latin1(text, 16))
}

function latin1(bytes: Uint8Array, most: number): string {
  return String.fromCharCode(...bytes.subarray(0, most))
}

/**
 * The first data URL among the values of a form's fields, name=value&name=value. A plus sign stays: in base64 it is seldom a blank.
 * @param body is overwritten
 */
export function* dataUrlInFields(body: Uint8Array): Generator<void, Uint8Array | undefined> {
  for (let from = 0, field = 0; from < body.length && field < FIELDS; field++) {
    const ampersand = body.indexOf(AMPERSAND, from)
    const end = ampersand === -1 ? body.length : ampersand
    const pair = body.subarray(from, end)
    const value = pair.subarray(pair.indexOf(EQUALS) + 1)
    if (/^data(:|%3a)/i.test(latin1(value, 16))) return yield* decodePercents(value)
    from = end + 1
  }
  return undefined
}

/** The refusal of an image that is no data URL. */
export function badImage(): InputError {
  return new InputError(422, 'bad_image', 'image must be a string that starts with data:image/png;base64,')
}

/** Replaces %41 by A. A percent sign before anything else stays. */
function* decodePercents(text: Uint8Array): Generator<void, Uint8Array> {
  const first = text.indexOf(PERCENT)
  if (first === -1) return text
  let to = first
  for (let at = first; at < text.length; ) {
    if (at > first) yield
    for (const end = Math.min(text.length, at + PIECE); at < end; at++) {
      let byte = text[at]
      const escaped = byte === PERCENT ? hexByte(text, at + 1) : -1
      if (escaped >= 0) {
        byte = escaped
        at += 2
      }
      text[to++] = byte
    }
  }
  return text.subarray(0, to)
}

function* decodeBase64(text: Uint8Array): Generator<void, Uint8Array> {
  let [held, count, padding, to] = [0, 0, 0, 0] // bits, of 0 to 3 letters; letters; equals signs; bytes written
  for (let from = 0; from < text.length; from += PIECE) {
    if (from > 0) yield
    const end = Math.min(text.length, from + PIECE)
    for (let at = from; at < end; at++) {
      const bits = SIX_BITS[text[at]]
      if (bits < BLANK && padding === 0) {
        held = (held << 6) | bits
        if ((++count & 3) !== 0) continue
        text[to++] = held >> 16
        text[to++] = held >> 8
        text[to++] = held
      } else if (bits === PAD) padding++
      else if (bits !== BLANK) throw notBase64()
    }
  }
  const left = count & 3
  if (left === 1 || padding > 2 || (padding > 0 && ((count + padding) & 3) !== 0)) throw notBase64()
  if (left > 1) text[to++] = held >> (left === 2 ? 4 : 10)
  if (left === 3) text[to++] = held >> 2
  return text.subarray(0, to)
}

function notBase64(): InputError {
  return new InputError(422, 'bad_image', 'what follows the comma of the data URL is not base64')
}
