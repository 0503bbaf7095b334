/** Forms as clients of many languages write them, and forms that nobody should. */

import { describe, expect, it } from 'vitest'
import { InputError } from '../../../../core/errors.ts'
import { fileInForm } from '../../../../server/http/bodies/multipart.ts'

const PNG = Buffer.from('\x89PNG\r\n\x1a\n--b\r\n\r\n\n--\r\n--', 'latin1') // with what looks like a boundary, but is none
const TYPE = 'multipart/form-data; boundary=b-1'
const bytes = (text: string | Uint8Array) => (typeof text === 'string' ? Buffer.from(text, 'latin1') : text)

/** A form of parts, each with its headers and content. */
function form(
  parts: readonly (readonly [headers: string, content: string | Uint8Array])[],
  boundary = 'b-1',
  line = '\r\n',
) {
  const all = parts.flatMap(([headers, content]) => [`--${boundary}${line}${headers}${line}${line}`, content, line])
  return Buffer.concat([...all, `--${boundary}--${line}`].map(bytes))
}
const disposition = (rest: string) => `Content-Disposition: form-data; ${rest}`
const FILE = [disposition('name="file"; filename="7.png"'), PNG] as const
const TEXT = [disposition('name="model"'), 'cnn'] as const

function refusal(body: Uint8Array, type = TYPE): string {
  try {
    fileInForm(type, body)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    expect(error.message.length).toBeLessThanOrEqual(120)
    return `${error.status} ${error.code}`
  }
  return 'taken'
}

describe('the file in a form', () => {
  it.each<[string, Uint8Array, string?]>([
    ['of curl', form([[`${FILE[0]}\r\nContent-Type: image/png`, PNG]])],
    ['of a browser, between fields of text', form([TEXT, FILE, TEXT])],
    [
      'of OkHttp, with the length of each part',
      form([[`${FILE[0]}\r\nContent-Type: image/png\r\nContent-Length: 25`, PNG]]),
    ],
    ['of .NET, without quotes', form([[disposition("name=file; filename=7.png; filename*=utf-8''7.png"), PNG]])],
    ['whose boundary .NET puts in quotes', form([FILE]), 'multipart/form-data; boundary="b-1"'],
    ['with a charset after the boundary', form([FILE]), 'Multipart/Form-Data; Boundary=b-1; charset=utf-8'],
    ['with a charset before it', form([FILE]), 'multipart/form-data;charset=UTF-8;boundary=b-1'],
    ['of a mixed type, OkHttp’s default', form([FILE]), 'multipart/mixed; boundary=b-1'],
    [
      'whose headers come in another order and in small letters',
      form([[`content-type: image/png\r\ncontent-disposition: form-data; filename="7.png"; name="x"`, PNG]]),
    ],
    [
      'whose name has only the extended form',
      form([[disposition('name="file"; filename*=UTF-8\'\'sieben%20.png'), PNG]]),
    ],
    ['whose name is a path', form([[disposition('name="file"; filename="../../etc/passwd"'), PNG]])],
    ['whose name is empty', form([[disposition('name="file"; filename=""'), PNG]])],
    ['without a file name, but a picture', form([TEXT, [disposition('name="image"'), PNG]])],
    ['beside a field in which nothing was chosen', form([FILE, [disposition('name="b"; filename=""'), '']])],
    ['in lines that end with a line feed alone', form([FILE], 'b-1', '\n')],
    [
      'after a preamble, before an epilogue',
      Buffer.concat([bytes('hello\r\n'), form([FILE]), bytes('bye\r\n--b-1\r\n')]),
    ],
    [
      'with blanks after the boundary',
      Buffer.from(form([FILE]).toString('latin1').replace('--b-1\r\n', '--b-1 \t\r\n'), 'latin1'),
    ],
    ['without the last line break', form([FILE]).subarray(0, -2)],
  ])('%s', (_, body, type = TYPE) => {
    expect(Buffer.from(fileInForm(type, body))).toEqual(PNG)
  })

  it('may be a data URL in a field of text', () => {
    const url = 'data:image/png;base64,iVBORw0KGgo='
    expect(Buffer.from(fileInForm(TYPE, form([TEXT, [disposition('name="image"'), url]]))).toString()).toBe(url)
  })

  it('is a view of the body, not a copy', () => {
    const body = form([FILE])
    expect(fileInForm(TYPE, body).buffer).toBe(body.buffer)
  })

  it('may hold another form, whose boundary begins with this one', () => {
    const inner = form([FILE], 'b-1-inner')
    expect(Buffer.from(fileInForm(TYPE, form([[FILE[0], inner]])))).toEqual(inner)
  })
})

describe('a form is refused', () => {
  const whole = form([FILE])
  it.each<[string, Uint8Array, string, string?]>([
    ['without a file', form([TEXT, TEXT]), '422 no_file'],
    ['without parts', bytes('--b-1--\r\n'), '422 no_file'],
    ['with two files', form([FILE, FILE]), '422 several_files'],
    ['without a boundary in its type', whole, '400 bad_form', 'multipart/form-data'],
    ['with another boundary than in its type', whole, '400 bad_form', 'multipart/form-data; boundary=x'],
    [
      'with a boundary of 70,000 characters',
      whole,
      '400 bad_form',
      `multipart/form-data; boundary=${'x'.repeat(70_000)}`,
    ],
    ['with 1,000 parts', form(Array(1000).fill(TEXT)), '400 bad_form'],
    ['with a part whose headers never end', form([[`X: ${'y'.repeat(10_000)}`, PNG]]), '400 bad_form'],
    ['with a part without headers’ end', bytes('--b-1\r\nContent-Disposition: form-data\r\n--b-1--'), '400 bad_form'],
    ['that is empty but for a boundary', bytes('--b-1'), '400 bad_form'],
    ['that is JSON', bytes('{"image":""}'), '400 bad_form'],
  ])('%s', (_, body, expected, type) => {
    expect(refusal(body, type)).toBe(expected)
  })

  it('where it was cut off, at any byte before its last boundary', () => {
    for (let length = 0; length < whole.length - 4; length++)
      expect(refusal(whole.subarray(0, length))).toBe('400 bad_form')
  })
})
