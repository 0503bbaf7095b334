/** Refusals of files that are JPEGs by their beginning: each says so, whatever the file is called. */

import { InputError } from '../errors.ts'

/** A fault of a file. */
export function badJpeg(code: string, detail: string): InputError {
  return new InputError(422, code, `bad JPEG: ${detail}`)
}

/** A file that is cut off; `before` is what is missing. */
export function cutOff(before: string): InputError {
  return badJpeg('truncated', `it ends before ${before}`)
}

/** A kind of JPEG that hardly anything writes. */
export function unsupportedJpeg(kind: string): InputError {
  return new InputError(422, 'unsupported_jpeg', `got a JPEG ${kind}: save it as a usual JPEG or as PNG`)
}
