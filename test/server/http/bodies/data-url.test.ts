/** Data URLs and base64 as clients write them, and what is not one. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../../core/errors.ts'
import { dataUrlBytes } from '../../../../server/http/bodies/data-url.ts'

const PNG = readFileSync('test/arm/fixtures/7-grey.png')
const BASE64 = PNG.toString('base64')
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])

/** The file in a text, and the number of pieces that it took. */
function read(text: string) {
  const work = dataUrlBytes(Buffer.from(text, 'latin1'))
  for (let pieces = 1; ; pieces++) {
    const step = work.next()
    if (step.done) return { bytes: Buffer.from(step.value), pieces }
  }
}

function refusal(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof InputError) return `${error.status} ${error.code}: ${error.message}`
  }
  throw new Error('nothing was refused')
}

describe('a data URL', () => {
  const url = (head: string, base64 = BASE64) => `${head},${base64}`
  it.each([
    ['as canvas.toDataURL writes it', url('data:image/png;base64')],
    ['without padding', url('data:image/png;base64', BASE64.replace(/=+$/, ''))],
    ['in the alphabet for URLs', url('data:image/png;base64', PNG.toString('base64url'))],
    ['in lines of 76, as base64(1)', url('data:image/png;base64', BASE64.replace(/.{76}/g, '$&\n'))],
    ['in lines of 76 ended by CRLF, as MIME', url('data:image/png;base64', BASE64.replace(/.{76}/g, '$&\r\n'))],
    ['with blanks, tabs and form feeds anywhere', url('data:image/png;base64', ` ${[...BASE64].join(' \t\f')}\n`)],
    ['in capitals', url('DATA:IMAGE/PNG;BASE64')],
    ['with a charset', url('data:image/png;charset=utf-8;base64')],
    ['with a name', url('data:image/png;name=my-seven.png;base64')],
    ['with blanks around base64', url(' data:image/png; base64 ')],
    ['with padding as percent escapes', url('data:image/png;base64', encodeURIComponent(BASE64))],
    ['with a fragment', url('data:image/png;base64', `${BASE64}#top`)],
    ['of another type', url('data:image/jpeg;base64')],
    ['of image/x-png', url('data:image/x-png;base64')],
    ['of application/octet-stream', url('data:application/octet-stream;base64')],
    ['of no type', url('data:;base64')],
    ['of bytes with percent escapes, without base64', `data:image/png,${escape(PNG.toString('latin1'))}`],
    ['as base64 alone', BASE64],
    ['as base64 alone, in lines', BASE64.replace(/.{76}/g, '$&\n')],
  ])('%s is the file', (_, text) => {
    expect(read(text).bytes).toEqual(PNG)
  })

  it('of any number of bytes up to 300, random ones, is those bytes', () => {
    for (let length = 1; length <= 300; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, k) => (k * length * 97) & 255))
      for (const base64 of [bytes.toString('base64'), bytes.toString('base64url')]) {
        expect(read(url('data:;base64', base64)).bytes).toEqual(bytes)
      }
    }
  })

  it('of a JPEG alone is taken, too', () => {
    expect(read(JPEG.toString('base64')).bytes).toEqual(JPEG)
  })

  it.each([
    ['one letter too many', url('data:;base64', 'AAAAA')],
    ['one equals sign too few', url('data:;base64', 'AA=')],
    ['three equals signs', url('data:;base64', 'A===')],
    ['an equals sign inside', url('data:;base64', 'AA==AAAA')],
    ['an equals sign after a whole group', url('data:;base64', 'AAAA=')],
    ['a letter of neither alphabet', url('data:;base64', 'AAA!')],
    ['a letter beyond ASCII', url('data:;base64', 'AAA\xe4')],
  ])('with %s is refused as no base64', (_, text) => {
    expect(refusal(text)).toMatch(/^422 bad_image: .*not base64$/)
  })

  it.each([
    '',
    '/etc/passwd',
    'http://a.example/x.png',
    'data:',
    'data:,',
    'data;base64,AAAA',
    'AAAA',
    'A',
    'hello',
    '%',
  ])('is not %j, and the words say what to put before base64', (text) => {
    expect(refusal(text)).toBe('422 bad_image: image must be a string that starts with data:image/png;base64,')
  })

  it('of 256 KiB is one piece of work, of 3 MiB eleven', () => {
    const base64 = (bytes: number) => url('data:image/png;base64', Buffer.alloc(bytes, 77).toString('base64'))
    expect([262_144, 3_145_728].map((bytes) => read(base64(bytes)).pieces)).toEqual([1, 11])
  })
})
