/** JSON whose long string is left as bytes: the same fields as JSON.parse finds, and nothing taken that it refuses but line breaks. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText, parseJson, takeLongString } from '../../../../server/http/bodies/json.ts'

const LIMIT = 1000

/** What a body says with its long string taken out, that string put back in; undefined where it is refused. */
function read(body: Uint8Array): unknown {
  try {
    const { text, bytesOf } = takeLongString(new Uint8Array(body), LIMIT, 'too large')
    return JSON.parse(text, (_, value) => (value === '\0' ? Buffer.from(bytesOf(value)).toString('latin1') : value))
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const latin1 = fc.string({
  unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
})
const indents = fc.constantFrom(undefined, 1, '\t')

describe('takeLongString', () => {
  it('gives what JSON.parse gives, of strings short and long, with escapes, in any place', () => {
    const objects = fc.dictionary(
      fc.string({ maxLength: 5 }),
      fc.oneof(latin1, fc.integer(), fc.array(latin1, { maxLength: 3 })),
      { maxKeys: 4 },
    )
    fc.assert(
      fc.property(objects, indents, (object, indent) => {
        const text = JSON.stringify(object, null, indent)
        fc.pre(text.length < LIMIT)
        expect(read(Buffer.from(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('refuses what JSON.parse refuses, but for line breaks and the like in the long string', () => {
    const cut = fc.record({
      at: fc.nat(),
      remove: fc.nat(3),
      insert: fc.constantFrom('', '"', '\\', '{', '}', ',', 'x', '\0'),
    })
    fc.assert(
      fc.property(latin1, latin1, cut, (first, second, { at, remove, insert }) => {
        const whole = JSON.stringify({ label: 1, image: first, note: second })
        const place = at % whole.length
        const text = whole.slice(0, place) + insert + whole.slice(place + remove)
        const strict = parsed(text)
        const got = read(Buffer.from(text))
        if (strict !== undefined) expect(got).toEqual(strict)
        else if (got !== undefined) expect(parsed(text.replace(/\p{Cc}/gu, ''))).toBeDefined()
      }),
    )
  })

  it('counts what is beside the long string, and all where there is none', () => {
    const body = (before: number, long: number) => Buffer.from(`{"a":${' '.repeat(before)}"${'A'.repeat(long)}"}`)
    expect(read(body(900, 100_000))).toEqual({ a: 'A'.repeat(100_000) })
    expect(read(body(1000, 100_000))).toBeUndefined()
    expect(read(body(1000, 10))).toBeUndefined()
  })
})

describe('decodeText', () => {
  it('drops one byte order mark, and names UTF-16 with and without one', () => {
    expect(parseJson(decodeText(Buffer.from('\ufeff{}')))).toEqual({})
    expect(() => parseJson(decodeText(Buffer.from('\ufeff\ufeff{}')))).toThrow('not JSON')
    const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16()
    for (const text of ['\ufeff{}', '{}']) {
      for (const body of [Buffer.from(text, 'utf16le'), swapped(text)]) {
        expect(() => decodeText(body)).toThrow('the body is UTF-16, expected UTF-8')
      }
    }
    expect(() => decodeText(Uint8Array.of(0x7b, 0xff))).toThrow('not UTF-8')
  })
})
