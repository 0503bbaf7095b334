/** How long a body of 4 MiB keeps the server from anything else: 50 ms at most in one piece of work, whatever is in it. */

import { describe, expect, it } from 'vitest'
import { dataUrlBytes, dataUrlInFields } from '../../../../server/http/bodies/data-url.ts'
import { takeLongString } from '../../../../server/http/bodies/json.ts'
import { fileInForm } from '../../../../server/http/bodies/multipart.ts'

const SIZE = 4_190_000 // bytes
const RUNS = 8

/** The longest piece of work, ms: the least of a few runs, for other programs take time, too. */
function longestPiece(body: Uint8Array, work: (body: Uint8Array) => Iterator<void, unknown> | undefined): number {
  const runs = Array.from({ length: RUNS }, () => {
    const copy = new Uint8Array(body)
    let longest = 0
    let pieces: Iterator<void, unknown> | undefined
    for (let done = false; !done; ) {
      const started = performance.now()
      try {
        if (pieces) done = pieces.next().done === true
        else {
          pieces = work(copy)
          done = !pieces
        }
      } catch {
        done = true // refused
      }
      longest = Math.max(longest, performance.now() - started)
    }
    return longest
  })
  return Math.min(...runs)
}

describe('a form', () => {
  const head = 'Content-Disposition: form-data; name="file"; filename="7.png"'
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  it.each<[string, string, string?]>([
    ['zeros', '\0'],
    ['line feeds', '\n'],
    ['beginnings of the boundary', '\r\n--b-'],
    ['longer boundaries', '\r\n--b-1x'],
    ['parts', '\r\n--b-1\r\n\r\n'],
    ['headers', 'a:b\r\n'],
    ['semicolons', '; '],
    ['the letter of a boundary of 70', 'a', 'a'.repeat(70)],
    ['all but the last letter of a boundary of 70', `\n--${'a'.repeat(69)}`, 'a'.repeat(70)],
  ])('of 4 MiB of %s is read in 50 ms', (_, unit, boundary = 'b-1') => {
    const filler = Buffer.alloc(SIZE, unit)
    const before = bytes(`--${boundary}\r\n`)
    const bodies = [
      filler,
      Buffer.concat([before, filler]),
      Buffer.concat([before, bytes(`${head}\r\n\r\n`), filler, bytes(`\r\n--${boundary}--\r\n`)]),
      Buffer.concat([before, bytes(`${head}${unit.repeat(500)}\r\n\r\n`), filler]),
    ]
    const type = `multipart/form-data; boundary=${boundary}`
    const read = (copy: Uint8Array) => {
      fileInForm(type, copy)
      return undefined
    }
    for (const body of bodies) expect(longestPiece(body, read)).toBeLessThan(50)
  })
})

describe('a data URL', () => {
  it.each([
    ['letters', 'A'],
    ['line feeds', '\n'],
    ['percent escapes', '%41'],
    ['percent signs', '%'],
    ['equals signs', '='],
  ])('of 4 MiB of %s is read in pieces of 50 ms', (_, unit) => {
    for (const head of ['data:;base64,', 'data:,', 'iVBORw0KGgo']) {
      const body = Buffer.concat([Buffer.from(head), Buffer.alloc(SIZE, unit)])
      expect(longestPiece(body, dataUrlBytes)).toBeLessThan(50)
    }
  })
})

it.each(['&', '=', 'a=%41&', '%'])('fields of 4 MiB of %s are read in pieces of 50 ms', (unit) => {
  for (const head of ['a=', 'a=data%3a']) {
    const body = Buffer.concat([Buffer.from(head), Buffer.alloc(SIZE, unit)])
    expect(longestPiece(body, dataUrlInFields)).toBeLessThan(50)
  }
})

describe('JSON', () => {
  it.each([
    ['backslashes', '\\\\'],
    ['escaped quotes', '\\"'],
    ['escaped letters', '\\u0041'],
    ['escaped slashes', '\\/'],
    ['empty strings', '","'],
    ['short strings', `","${'x'.repeat(60)}`],
    ['lists', '['],
  ])('of 4 MiB of %s is read in 50 ms', (_, unit) => {
    const body = Buffer.from(`{"image":"${unit.repeat(Math.floor(SIZE / unit.length))}"}`)
    const read = (copy: Uint8Array) => {
      takeLongString(copy, 65_536, 'too large').bytesOf('\0')
      return undefined
    }
    expect(longestPiece(body, read)).toBeLessThan(50)
  })
})
