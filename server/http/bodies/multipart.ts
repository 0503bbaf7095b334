/**
 * The one file in a form (multipart/form-data, RFC 7578), wherever in it. Nothing is copied, and names are only compared: a file name
 * never becomes a path. It reads what browsers, curl and the libraries of other languages send; Node's own parser refuses the headers
 * of some.
 */

import { InputError } from '../../../core/errors.ts'
import { isDataUrl } from './data-url.ts'
import { isPicture } from './picture-size.ts'

/** Parts of a form, at most. */
const PARTS = 64

/** Headers of one part, bytes at most. */
const HEADERS = 4096

/** Longest boundary, bytes (RFC 2046, section 5.1.1). */
const BOUNDARY = 70

const [TAB, LF, CR, BLANK, DASH] = [9, 10, 13, 32, 45]

/** What may follow a boundary, or else two dashes, after the last part. */
const AFTER: ReadonlySet<number | undefined> = new Set([TAB, LF, CR, BLANK])

/**
 * The bytes of the file, a view of `body`. Other fields are left alone. A part counts as a file where it has a file name, or where its
 * content is a picture or a data URL.
 * @param contentType of the request, which names the boundary
 * @throws InputError 400 bad_form; 422 no_file, several_files
 */
export function fileInForm(contentType: string, body: Uint8Array): Uint8Array {
  const found: Uint8Array[] = []
  let parts = 0
  for (const { headers, content } of partsOf(body, boundaryOf(contentType))) {
    if (++parts > PARTS) throw badForm(`it has more than ${PARTS} parts`)
    if (hasFilename(headers) || isPicture(content) || isDataUrl(content)) found.push(content)
  }
  // a page's form sends an empty file for a field in which nothing was chosen
  const files = found.length > 1 ? found.filter(({ length }) => length > 0) : found
  if (files.length === 1) return files[0]
  if (files.length > 1) throw new InputError(422, 'several_files', `the form has ${files.length} files, expected one`)
  throw new InputError(
    422,
    'no_file',
    `none of the ${parts} parts of the form is a file; one with a filename was expected`,
  )
}

/** Its parts one after the other; what comes before the first delimiter and after the last does not count. */
function* partsOf(body: Uint8Array, boundary: string): Generator<{ headers: string; content: Uint8Array }> {
  const delimiter = new TextEncoder().encode(`--${boundary}`)
  const next = createSearch(body, delimiter)
  let at = isDelimiter(body, 0, delimiter) ? 0 : next(0)
  if (at === -1) throw badForm('the boundary of its Content-Type is not in it')
  for (;;) {
    at += delimiter.length
    if (body[at] === DASH && body[at + 1] === DASH) return
    const start = body.indexOf(LF, at) + 1
    const blank = blankLine(body, start)
    const content = body.indexOf(LF, blank) + 1
    at = next(content - 1)
    if (at === -1) throw badForm('the boundary after its last part is missing: it was cut off')
    const end = at - (body[at - 2] === CR ? 2 : 1)
    const headers = String.fromCharCode(...body.subarray(start, blank))
    yield { headers, content: body.subarray(content, Math.max(content, end)) }
  }
}

/**
 * Finds where the next delimiter is that follows a line feed at `from` or later, -1 where there is none. It looks at the last byte of
 * where a delimiter may be, and goes on by as much as that byte allows (Horspool 1980): a photo takes a tenth of a ms.
 */
function createSearch(body: Uint8Array, delimiter: Uint8Array): (from: number) => number {
  const last = delimiter.length - 1
  const steps = new Uint8Array(256).fill(delimiter.length + 1)
  steps[LF] = delimiter.length
  for (let k = 0; k < last; k++) steps[delimiter[k]] = last - k
  return (from) => {
    for (let end = from + 1 + last; end < body.length; end += steps[body[end]]) {
      if (body[end - last - 1] === LF && isDelimiter(body, end - last, delimiter)) return end - last
    }
    return -1
  }
}

// A longer boundary that begins with this one is another: that of a form inside this one.
function isDelimiter(body: Uint8Array, at: number, delimiter: Uint8Array): boolean {
  for (let k = 0; k < delimiter.length; k++) if (body[at + k] !== delimiter[k]) return false
  const next = at + delimiter.length
  return body[next] === DASH ? body[next + 1] === DASH : AFTER.has(body[next])
}

/** Where the blank line after the headers that begin at `start` begins. */
function blankLine(body: Uint8Array, start: number): number {
  for (let at = start; start > 0 && at < start + HEADERS; at = body.indexOf(LF, at) + 1) {
    if (body[at] === LF || (body[at] === CR && body[at + 1] === LF)) return at
    if (body.indexOf(LF, at) === -1) break
  }
  throw badForm(`the headers of a part do not end, or have more than ${HEADERS} bytes`)
}

function hasFilename(headers: string): boolean {
  const disposition = headers.split('\n').find((line) => /^content-disposition[ \t]*:/i.test(line))
  return disposition !== undefined && /;[ \t]*filename\*?[ \t]*=/i.test(disposition)
}

function boundaryOf(contentType: string): string {
  const [, quoted, token] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? token
  if (boundary === undefined) {
    throw badForm('its Content-Type has no boundary; leave that header to the client')
  }
  if (boundary.length > BOUNDARY) throw badForm(`its boundary has ${boundary.length} characters, at most ${BOUNDARY}`)
  return boundary
}

function badForm(why: string): InputError {
  return new InputError(400, 'bad_form', `the form cannot be read: ${why}`)
}
