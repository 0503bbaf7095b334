/** The files that the decoder must refuse, with status and code: one made here per rule, and the 111 of the data folder. */

import { fileURLToPath } from 'node:url'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { atOnce } from '../../../core/picture/at-once.ts'
import { readDatastream } from '../../../core/png/datastream.ts'
import { decodePng } from '../../../core/png/decode.ts'
import type { Inflate } from '../../../core/png/inflate.ts'
import { PNG_LIMITS } from '../../../core/png/limits.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { runProcess } from '../../child-processes.ts'
import { dataFile, noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { guarded } from './guarded.ts'
import { refusableFiles } from './refuse-expected.ts'
import { chunk, chunksOf, concat, encode, file, ihdr, SIGNATURE } from './writer.ts'

const GREY = { width: 28, height: 28, colour: 0, depth: 8, samples: new Uint8Array(784) }
const GOOD = encode(GREY)
const [HEADER, DATA, END] = chunksOf(GREY)
const ROWS = new Uint8Array(28 * 29) // grey, filter 0
const INDEXED = ihdr({ rest: [8, 3, 0, 0, 0] })
const PALETTE = chunk('PLTE', [0, 0, 0, 255, 255, 255])

function header(...rest: number[]): Uint8Array {
  return ihdr({ rest })
}

function sized(width: number, height: number): Uint8Array {
  return file(ihdr({ width, height }), DATA, END)
}

/** A grey picture whose IDAT holds these bytes. */
function holding(zlib: ArrayLike<number>): Uint8Array {
  return file(HEADER, chunk('IDAT', zlib), END)
}

/** The same bytes, one of them another. */
function damaged(png: Uint8Array, at: number): Uint8Array {
  const copy = png.slice()
  copy[at < 0 ? copy.length + at : at] ^= 0x40
  return copy
}

/** The refusal of a file. No byte behind its end may be read. */
function answer(png: Uint8Array, inflateWith: Inflate = inflate): string {
  try {
    readDatastream(guarded(png), PNG_LIMITS)
    atOnce(decodePng(png, inflateWith))
    return '200 ok'
  } catch (error) {
    const { name, status, code, message } = error as { name: string; status: number; code: string; message: string }
    expect(name).toBe('InputError')
    expect(message.length).toBeLessThanOrEqual(120)
    return `${status} ${code}`
  }
}

/** What is wrong, the file, the answer. */
const CASES: readonly (readonly [string, Uint8Array, string])[] = [
  ['nothing', new Uint8Array(), '400 empty_body'],
  ['one wrong byte', Uint8Array.of(0x88), '415 not_png'],
  ['a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70), '415 not_png'],
  ['a signature whose line ends were changed', concat(SIGNATURE.subarray(0, 4), GOOD.subarray(5)), '415 not_png'],
  ['half a signature', SIGNATURE.subarray(0, 4), '422 truncated'],
  ['no IEND', file(HEADER, DATA), '422 truncated'],
  [
    'a chunk longer than the file',
    concat(file(HEADER), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 73, 68, 65, 84)),
    '422 truncated',
  ],
  ['a byte after IEND', concat(GOOD, Uint8Array.of(1)), '422 trailing_data'],
  ['two line ends after IEND', concat(GOOD, Uint8Array.of(10, 10)), '422 trailing_data'],
  ['a byte after zeros after IEND', concat(GOOD, new Uint8Array(1000), Uint8Array.of(10)), '422 trailing_data'],
  ['a second PNG after the first', concat(GOOD, GOOD), '422 trailing_data'],
  ['no chunk but IEND', file(END), '422 ihdr_not_first'],
  ['tRNS before IHDR', file(chunk('tRNS', [0, 0]), HEADER, DATA, END), '422 ihdr_not_first'],
  ['a second IHDR', file(HEADER, HEADER, DATA, END), '422 duplicate_ihdr'],
  [
    'a second IHDR after the data',
    file(HEADER, DATA, ihdr({ width: 12_000, height: 12_000 }), END),
    '422 duplicate_ihdr',
  ],
  ['an IHDR of 12 bytes', file(chunk('IHDR', HEADER.subarray(8, 20)), DATA, END), '422 bad_ihdr_length'],
  ['an IHDR of 14 bytes', file(chunk('IHDR', HEADER.subarray(8, 22)), DATA, END), '422 bad_ihdr_length'],
  ['a wrong CRC in IHDR', damaged(GOOD, 32), '422 bad_crc'],
  ['a wrong CRC in IDAT', damaged(GOOD, 33 + 8 + 3), '422 bad_crc'],
  ['a wrong CRC in IEND', damaged(GOOD, -1), '422 bad_crc'],
  ['a wrong CRC in a chunk that is not needed', file(HEADER, damaged(chunk('tEXt', [1]), 8), DATA, END), '422 bad_crc'],
  ['a type that is not letters', file(HEADER, chunk('ID T'), DATA, END), '422 bad_chunk_type'],
  ['a critical chunk nobody knows', file(HEADER, chunk('QUUX'), DATA, END), '422 unknown_critical_chunk'],
  ['129 ancillary chunks', file(HEADER, ...Array(129).fill(chunk('tEXt')), DATA, END), '422 too_many_chunks'],
  ['4,097 chunks', file(HEADER, ...Array(4094).fill(chunk('IDAT')), DATA, END), '422 too_many_chunks'],
  ['width 0', sized(0, 28), '422 bad_dimensions'],
  ['height 0', sized(28, 0), '422 bad_dimensions'],
  ['a width beyond 2^31 - 1', sized(2 ** 31, 28), '422 bad_dimensions'],
  ['a width of 7 px', sized(7, 28), '422 image_too_small'],
  ['a height of 7 px', sized(28, 7), '422 image_too_small'],
  ['a width of 4097 px', sized(4097, 28), '413 image_too_large'],
  ['a height of 4097 px', sized(28, 4097), '413 image_too_large'],
  ['a height of which too little is left', sized(4096, 28), '422 image_too_small'],
  ['2^31 - 1 px squared', sized(2 ** 31 - 1, 2 ** 31 - 1), '413 image_too_large'],
  ['134 MB of samples', file(ihdr({ width: 4096, height: 4096, rest: [16, 6, 0, 0, 0] })), '413 image_too_large'],
  ["Apple's CgBI", file(chunk('CgBI', [0x50, 0, 0x20, 2]), HEADER, DATA, END), '415 not_png'],
  ['colour type 1', file(header(8, 1, 0, 0, 0)), '422 bad_depth_colour'],
  ['colour type 255', file(header(8, 255, 0, 0, 0)), '422 bad_depth_colour'],
  ['a depth of 0', file(header(0, 0, 0, 0, 0)), '422 bad_depth_colour'],
  ['a depth of 3', file(header(3, 0, 0, 0, 0)), '422 bad_depth_colour'],
  ['a palette with 16 bits', file(header(16, 3, 0, 0, 0)), '422 bad_depth_colour'],
  ['RGBA with 4 bits', file(header(4, 6, 0, 0, 0)), '422 bad_depth_colour'],
  ['compression method 1', file(header(8, 0, 1, 0, 0)), '422 bad_method'],
  ['filter method 1', file(header(8, 0, 0, 1, 0)), '422 bad_method'],
  ['interlace method 2', file(header(8, 0, 0, 0, 2)), '422 bad_method'],
  ['no IDAT', file(HEADER, END), '422 missing_idat'],
  ['IDAT chunks apart', file(HEADER, DATA, chunk('tEXt'), chunk('IDAT'), END), '422 idat_not_contiguous'],
  ['an IEND with data', file(HEADER, DATA, chunk('IEND', [0])), '422 bad_iend'],
  ['a palette image without palette', file(INDEXED, DATA, END), '422 missing_plte'],
  ['a palette after the data', file(INDEXED, DATA, PALETTE, END), '422 missing_plte'],
  ['a suggested palette after the data', file(header(8, 2, 0, 0, 0), DATA, PALETTE, END), '422 bad_plte'],
  ['an empty palette', file(INDEXED, chunk('PLTE'), DATA, END), '422 bad_plte'],
  ['257 entries', file(INDEXED, chunk('PLTE', Array(771).fill(0)), DATA, END), '422 bad_plte'],
  ['a palette of 7 bytes', file(INDEXED, chunk('PLTE', Array(7).fill(0)), DATA, END), '422 bad_plte'],
  ['3 entries for 1 bit', file(header(1, 3, 0, 0, 0), chunk('PLTE', Array(9).fill(0)), DATA, END), '422 bad_plte'],
  ['two palettes', file(INDEXED, PALETTE, PALETTE, DATA, END), '422 bad_plte'],
  ['a palette in a grey image', file(HEADER, PALETTE, DATA, END), '422 bad_plte'],
  ['tRNS before the palette', file(INDEXED, chunk('tRNS', [0]), PALETTE, DATA, END), '422 bad_trns'],
  [
    'tRNS before a suggested palette',
    file(header(8, 2, 0, 0, 0), chunk('tRNS', Array(6).fill(0)), PALETTE, DATA, END),
    '422 bad_trns',
  ],
  ['tRNS longer than the palette', file(INDEXED, PALETTE, chunk('tRNS', [0, 0, 0]), DATA, END), '422 bad_trns'],
  ['an empty tRNS', file(INDEXED, PALETTE, chunk('tRNS'), DATA, END), '422 bad_trns'],
  ['a grey tRNS of 1 byte', file(HEADER, chunk('tRNS', [0]), DATA, END), '422 bad_trns'],
  ['tRNS with RGBA', file(header(8, 6, 0, 0, 0), chunk('tRNS', Array(6).fill(0)), DATA, END), '422 bad_trns'],
  ['tRNS after the data', file(HEADER, DATA, chunk('tRNS', [0, 0]), END), '422 bad_trns'],
  ['two tRNS', file(HEADER, chunk('tRNS', [0, 0]), chunk('tRNS', [0, 0]), DATA, END), '422 bad_trns'],
  [
    'an index beyond the palette',
    file(INDEXED, PALETTE, chunk('IDAT', deflateSync(ROWS.map((_, i) => (i === 811 ? 2 : 0)))), END),
    '422 palette_index',
  ],
  ['no zlib stream', holding([]), '422 bad_zlib'],
  ['garbage', holding([1, 2, 3, 4, 5, 6, 7, 8]), '422 bad_zlib'],
  ['gzip', holding(gzipSync(ROWS)), '422 bad_zlib'],
  ['raw deflate', holding(deflateRawSync(ROWS)), '422 bad_zlib'],
  ['a preset dictionary', holding(deflateSync(ROWS, { dictionary: Buffer.from('0') })), '422 bad_zlib'],
  ['a stream cut before its Adler-32', holding(deflateSync(ROWS).subarray(0, -4)), '422 bad_zlib'],
  ['a wrong Adler-32', holding(damaged(deflateSync(ROWS), -1)), '422 bad_zlib'],
  ['a byte after the stream', holding([...deflateSync(ROWS), 0]), '422 bad_zlib'],
  ['a second stream', holding([...deflateSync(ROWS), ...deflateSync(ROWS)]), '422 bad_zlib'],
  ['a byte too much', holding(deflateSync(new Uint8Array(813))), '422 bad_zlib'],
  ['64 MiB of zeros', holding(deflateSync(new Uint8Array(2 ** 26))), '422 bad_zlib'],
  ['a byte too little', holding(deflateSync(ROWS.subarray(1))), '422 bad_pixel_count'],
  ['no pixels', holding(deflateSync(new Uint8Array())), '422 bad_pixel_count'],
  ['filter 5 in the first row', holding(deflateSync(ROWS.map((_, i) => (i === 0 ? 5 : 0)))), '422 bad_filter'],
  ['filter 255 in the last row', holding(deflateSync(ROWS.map((_, i) => (i === 27 * 29 ? 255 : 0)))), '422 bad_filter'],
]

describe('decodePng refuses', () => {
  it.each(CASES)('%s', (_, png, expected) => {
    expect(answer(png)).toBe(expected)
  })

  it('a file cut anywhere, as truncated, even inside its signature', () => {
    for (let length = 1; length < GOOD.length; length++) expect(answer(GOOD.subarray(0, length))).toBe('422 truncated')
  })

  it('nothing at 128 ancillary chunks, nor at 4,096 chunks', () => {
    expect(answer(file(HEADER, ...Array(128).fill(chunk('tEXt')), DATA, END))).toBe('200 ok')
    expect(answer(file(HEADER, ...Array(4093).fill(chunk('IDAT')), DATA, END))).toBe('200 ok')
  })

  it.each([
    ['a line feed', [10]],
    ['a carriage return and a line feed', [13, 10]],
    ['a zero', [0]],
    ['100,000 zeros', Array(100_000).fill(0)],
    ['a line feed and zeros', [10, 0, 0, 0]],
  ])('nothing because of %s after IEND', (_, after) => {
    expect(answer(concat(GOOD, Uint8Array.from(after)))).toBe('200 ok')
  })

  it('nothing at 4096 x 4096 px of 8 bits, nor at the least height of 4096 px', () => {
    for (const [width, height, colour] of [
      [4096, 4096, 0],
      [4096, 29, 6],
    ]) {
      const data = chunk('IDAT', deflateSync(new Uint8Array(height * (1 + width * (colour === 6 ? 4 : 1)))))
      expect(answer(file(ihdr({ width, height, rest: [8, colour, 0, 0, 0] }), data, END))).toBe('200 ok')
    }
  })

  it('before it inflates, and inflates at most the length in the header', () => {
    const asked: number[] = []
    const counting: Inflate = {
      whole: (zlib, most) => {
        asked.push(most)
        return inflate.whole(zlib, most)
      },
      open: inflate.open,
    }
    expect(answer(file(HEADER, DATA, HEADER, END), counting)).toBe('422 duplicate_ihdr')
    expect(answer(concat(GOOD, GOOD), counting)).toBe('422 trailing_data')
    expect(answer(file(HEADER, chunk('zTXt', [0, 0, 120, 156]), chunk('iCCP', [0, 0, 120]), DATA, END), counting)).toBe(
      '200 ok',
    )
    expect(asked).toEqual([28 * 29])
  })
})

describeUnless(noData, 'the 111 files of the data folder', () => {
  it('get their status and code, or decode if only the picture is wrong; under 100 ms of processor time and 32 MB each', {
    timeout: 60_000,
  }, async () => {
    const cases = refusableFiles()
    const paths = cases.map((each) => dataFile('png', 'refuse', each.file))
    const script = fileURLToPath(new URL('cost.ts', import.meta.url))
    const costs: { answer: string; detail: string; ms: number; megabytes: number }[] = JSON.parse(
      String((await runProcess(process.execPath, [script, ...paths])).stdout),
    )
    expect(costs).toHaveLength(111)
    costs.forEach(({ answer, detail, ms, megabytes }, i) => {
      const { file, status, code } = cases[i]
      // the content of a picture is checked by preprocessing
      expect(answer, file).toBe(code === 'blank_image' ? '200 ok' : `${status} ${code}`)
      expect(detail.length, file).toBeLessThanOrEqual(120)
      expect(ms, file).toBeLessThan(100)
      expect(megabytes, file).toBeLessThan(32)
    })
  })
})
