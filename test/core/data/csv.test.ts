import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvParser, CsvReader, parseCsv } from '../../../core/data/csv.ts'
import { DataError } from '../../../core/data/errors.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function code(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof DataError) return error.code
    throw error
  }
  return 'accepted'
}

const rows = Array.from({ length: 5 }, (_, row) => ({
  label: (row * 3) % 10,
  pixels: Array.from({ length: 784 }, (_, i) => (i % 5 === 0 ? (i * 31 + row * 57) % 256 : 0)),
}))
const expected = {
  images: Uint8Array.from(rows.flatMap((row) => row.pixels)),
  labels: Uint8Array.from(rows, (row) => row.label),
  count: rows.length,
}
const lines = rows.map((row) => [row.label, ...row.pixels].join(','))
const plain = `${lines.join('\n')}\n`
const header = ['label', ...Array.from({ length: 784 }, (_, i) => `${Math.floor(i / 28) + 1}x${(i % 28) + 1}`)].join(
  ',',
)
const numbers = Array.from({ length: 785 }, (_, i) => i).join(',')
const unit = (value: number) => String(value / 255)
const fractions = rows.map((row) => [row.label, ...row.pixels.map(unit)].join(',')).join('\n')

/** The first line with one cell replaced, then the others. */
function changed(column: number, cell: string): Uint8Array {
  const cells = lines[0].split(',')
  cells[column] = cell
  return bytes([cells.join(','), ...lines.slice(1)].join('\n'))
}

describe('CSV files', () => {
  const accepted: [string, string][] = [
    ['0 to 255 without a header', plain],
    ['a header as MNIST exports have it', `${header}\n${plain}`],
    ['a header in quotes', `${header.replace(/[^,]+/g, '"$&"')}\n${plain}`],
    ['a header that counts columns', `${numbers}\n${plain}`],
    ['a header "label,0,1,...,783"', `label,${numbers.replace(/,784$/, '')}\n${plain}`],
    ['0 to 1', fractions],
    ['0 to 1 with a header', `${header}\n${fractions}`],
    ['whole numbers written 7.0 and 7e0', plain.replace(/\b(\d+)/g, '$1.0').replace(/,(\d)\.0/g, ',$1.000e0')],
    ['a byte order mark', `\ufeff${plain}`],
    ['a byte order mark before a header', `\ufeff${header}\n${plain}`],
    ['CR LF', plain.replaceAll('\n', '\r\n')],
    ['CR only', plain.replaceAll('\n', '\r')],
    ['no newline at the end', plain.trimEnd()],
    ['every cell in quotes', plain.replace(/\d+/g, '"$&"')],
    ['blank lines at the end', `${plain}\n  \n\n`],
    ['blanks around cells', plain.replaceAll(',', ' ,\t')],
  ]
  it.each(accepted)('%s: the same data', (_, text) => {
    expect(parseCsv(bytes(text))).toEqual(expected)
  })

  const nul = bytes(plain.replace(',', ',\0'))
  const utf16 = Uint8Array.from([0xff, 0xfe, ...Array.from(plain).flatMap((letter) => [letter.charCodeAt(0), 0])])
  const refused: [string, string, Uint8Array][] = [
    ['an empty file', 'empty', new Uint8Array()],
    ['blank lines only', 'empty', bytes('\n\r\n  \n')],
    ['a header only', 'empty', bytes(header)],
    ['784 columns', 'bad_columns', bytes(lines[0].slice(lines[0].indexOf(',') + 1))],
    ['786 columns', 'bad_columns', bytes(`${lines[0]},0`)],
    ['a ragged line', 'bad_columns', bytes(`${lines[0]}\n${lines[1]}\n1,2,3`)],
    ['an error page', 'bad_columns', bytes('<!DOCTYPE html>\n<title>404</title>')],
    ...['3.5', 'x', '10', '', '-1', 'NaN'].map((cell): [string, string, Uint8Array] => [
      `label ${cell || '(blank)'}`,
      'bad_label',
      changed(0, cell),
    ]),
    ...['256', '-1', '1e999', 'NaN', '0x10', '1_000', '"1,5"', '', '12.5', '1e', '.', '1 2', 'Infinity'].map(
      (cell): [string, string, Uint8Array] => [`pixel ${cell || '(blank)'}`, 'bad_pixel', changed(300, cell)],
    ),
    ['pixel 1,5', 'bad_columns', changed(300, '1,5')],
    ['a zero byte', 'not_text', nul],
    ['UTF-16', 'not_text', utf16],
    ['gzip', 'gzip_given', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)],
    ['a fraction among 0 to 255', 'range_mismatch', changed(783, '0.5')],
    ['fractions, then 0 to 255', 'range_mismatch', bytes(`${fractions}\n${lines[1]}`)],
    ['0 to 255, then fractions', 'range_mismatch', bytes(`${plain}${fractions}`)],
  ]
  it.each(refused)('%s: %s', (_, expected, input) => {
    expect(code(() => parseCsv(input))).toBe(expected)
  })

  it('name the line, and for a pixel the column, as editors count them', () => {
    const crlf = bytes(`${lines[0]}\r\n\r\n${lines[1]}\r\n7\r\n`)
    expect(() => parseCsv(crlf)).toThrow('line 4: expected 785 columns, got 1')
    expect(() => parseCsv(changed(300, '256'))).toThrow(/^line 1, column 301:/)
    expect(() => parseCsv(bytes(`${header}\n${lines[0].replace(/^\d/, 'x')}`))).toThrow(/^line 2: expected a label/)
  })

  it('use 0 and 1 as black and white if 1,000 rows hold nothing else, and refuse a 2 after them', () => {
    const row = (last: number) => `3,${'0,'.repeat(782)}1,${last}\n`
    const { images } = parseCsv(bytes(row(0)))
    expect([images[782], images[783]]).toEqual([255, 0])
    expect(code(() => parseCsv(bytes(row(1).repeat(1000) + row(2))))).toBe('range_mismatch')
    const late = parseCsv(bytes(row(1).repeat(999) + row(2)))
    expect([late.images[783], late.images[999 * 784 + 783]]).toEqual([1, 2])
  })

  it('round a fraction to the nearest of 256 levels, so that n/255 gives n back', () => {
    const row = Array.from({ length: 784 }, (_, i) => i % 256)
    const written = row.map((value) => (value / 255).toFixed(6))
    expect(Array.from(parseCsv(bytes(`0,${written.join(',')}`)).images)).toEqual(row)
  })

  it('are the same in chunks of any size', () => {
    const all = bytes(`\ufeff${header}\r\n${plain.replaceAll('\n', '\r\n')}`)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: all.length - 1 }), { maxLength: 40 }), (cuts) => {
        const parser = new CsvParser()
        const at = [0, ...cuts.sort((a, b) => a - b), all.length]
        for (let i = 1; i < at.length; i++) parser.push(all.subarray(at[i - 1], at[i]))
        expect(parser.end()).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  it('of any bytes give a data set or a DataError', () => {
    const cell = fc.oneof(
      fc.constantFrom('', '0', '1', '255', '0.5', '1e-3', '"', '"7"', 'x', '-0'),
      fc.string({ maxLength: 4 }),
    )
    const line = fc.array(cell, { minLength: 783, maxLength: 787 }).map((cells) => cells.join(','))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 3 }), (text) => {
        const parsed = (): unknown => parseCsv(bytes(text.join('\n')))
        expect(code(parsed)).toMatch(/^[a-z_]+$/)
      }),
      { numRuns: 200 },
    )
  })

  it('100 MB without a newline is refused at 64 KiB, with no more buffers than that', () => {
    const chunk = new Uint8Array(65_536).fill(0x31)
    const before = process.memoryUsage().arrayBuffers
    let pushed = 0
    const push = () => {
      const parser = new CsvParser()
      for (; pushed < 100e6; pushed += chunk.length) parser.push(chunk)
    }
    expect(code(push)).toBe('line_too_long')
    expect(pushed).toBeLessThanOrEqual(65_536)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000)
  })

  it('keep 20,000 rows (36 MB of text) within twice their 15.7 MB', () => {
    const chunk = bytes(plain.repeat(40)) // 200 rows
    const before = process.memoryUsage().arrayBuffers
    const parser = new CsvParser()
    for (let i = 0; i < 100; i++) parser.push(chunk)
    const { count, images } = parser.end()
    expect(count).toBe(20_000)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * images.length + 4e6)
  })
})

describe('CSV rows one by one', () => {
  /** What a reader hands on for each of some texts, one after another, and at the end. */
  function handed(unlabelled: boolean, ...texts: string[]): [label: number | undefined, pixels: number[]][][] {
    let taken: [number | undefined, number[]][] = []
    const reader = new CsvReader((label, pixels) => taken.push([label, [...pixels]]), { unlabelled })
    const each = texts.map((text) => {
      taken = []
      reader.push(bytes(text))
      return taken
    })
    taken = []
    reader.end()
    return [...each, taken]
  }

  it('are handed on as soon as their line has ended', () => {
    const [first, second, last] = handed(false, `${lines[0]}\n${lines[1]}`, `\n${lines[2]}\n`)
    expect([first.length, second.length, last.length]).toEqual([1, 2, 0])
    expect([...first, ...second]).toEqual(rows.slice(0, 3).map(({ label, pixels }) => [label, pixels]))
  })

  it('of 0 and 1 alone wait for a value that tells the range, and for 1,000 rows at most', () => {
    const binary = `0,${Array.from({ length: 784 }, (_, i) => i % 2).join()}\n`
    const of = (white: number) => Array.from({ length: 784 }, (_, i) => (i % 2) * white)
    const [none, all] = handed(false, binary.repeat(2), `${lines[0]}\n`)
    expect([none, all.map(([, pixels]) => pixels)]).toEqual([[], [of(1), of(1), rows[0].pixels]])
    expect(handed(false, binary).at(-1)).toEqual([[0, of(255)]])
    const [waiting, rest] = handed(false, binary.repeat(999), binary)
    expect([waiting.length, rest.length]).toEqual([0, 1000])
  })

  it('may be without a label where that is allowed, in all lines of a file or in none', () => {
    const bare = rows.map(({ pixels }) => pixels.join())
    const names = Array.from({ length: 784 }, (_, i) => `pixel${i}`).join()
    for (const text of [`${bare.join('\n')}\n`, `${names}\n${bare.join('\n')}\n`]) {
      expect(handed(true, text).flat()).toEqual(rows.map(({ pixels }) => [undefined, pixels]))
    }
    expect(handed(true, `${header}\n${plain}`).flat()).toEqual(rows.map(({ label, pixels }) => [label, pixels]))
    expect(() => handed(true, `${bare[0]}\n${lines[0]}\n`)).toThrow('line 2: expected 784 columns, got 785')
    expect(() => handed(true, '1,2,3\n')).toThrow('line 1: expected 784 or 785 columns, got 3')
    expect(() => handed(true, `${bare[0]}\n${bare[1].replace(/^\d+/, '256')}\n`)).toThrow(/^line 2, column 1:/)
    expect(() => handed(false, `${bare[0]}\n`)).toThrow('line 1: expected 785 columns, got 784')
  })
})
