/** The files that the decoder must refuse, with status and code, and unusual ones that it must accept: one for each rule. */

import { describe, expect, test } from 'vitest'
import { readJpeg } from '../../../core/jpeg/file.ts'
import { Random } from '../../../core/random.ts'
import { guarded } from '../png/guarded.ts'
import { decoded } from './decoded.ts'
import {
  allOf,
  EOI,
  frameHeader,
  huffman,
  join,
  type Picture,
  quantisation,
  SHORT_CODES,
  SOI,
  scanData,
  scanHeader,
  segment,
  writeJpeg,
} from './writer.ts'

/** Grey, or three components of one sampling. */
function picture(width: number, height: number, count = 1): Picture {
  const random = new Random(5, 0)
  const blocks = () =>
    Array.from({ length: Math.ceil(width / 8) * Math.ceil(height / 8) }, () => {
      const block = new Int16Array(64)
      block.set([random.below(80) - 40, random.below(9), 0, 0, -random.below(9)])
      return block
    })
  const components = Array.from({ length: count }, (_, k) => {
    return { id: k + 1, h: 1, v: 1, quantisation: Array<number>(64).fill(4), blocks: blocks() }
  })
  return { width, height, components }
}

const GREY = picture(24, 16)
const COLOUR = picture(24, 16, 3)
const GOOD = writeJpeg(GREY)
const TABLES = quantisation(GREY)
const FRAME = frameHeader(GREY, 0xc0)
const CODES = huffman()
const HEADER = scanHeader(GREY, allOf(GREY))
const DATA = scanData(GREY, allOf(GREY))
const SCAN = join(HEADER, DATA)
const PROGRESSIVE = frameHeader(GREY, 0xc2)

/** Segments between SOI and EOI. */
function file(...segments: readonly Uint8Array[]): Uint8Array {
  return join(SOI, ...segments, EOI)
}

/** A frame header with other bytes: depth, height, width, number of components, and what follows. */
function frame(depth: number, height: number, width: number, ...rest: number[]): Uint8Array {
  return segment(0xc0, [depth, height >> 8, height & 255, width >> 8, width & 255, ...rest])
}

const ONE = [1, 1, 0x11, 0] // one component

/** A scan header of the one component in a progressive file. */
function band(start: number, end: number, bits: number): Uint8Array {
  return join(segment(0xda, [1, 1, 0, start, end, bits]), Uint8Array.of(0x55, 0x55))
}

function answer(jpeg: Uint8Array): string {
  try {
    readJpeg(guarded(jpeg))
    const { width, height } = decoded(jpeg)
    return `200 ${width}x${height}`
  } catch (error) {
    const { name, status, code, message } = error as { name: string; status: number; code: string; message: string }
    expect(name, String(error)).toBe('InputError')
    expect(message.length, message).toBeLessThanOrEqual(120)
    if (status !== 413 && code !== 'image_too_small') expect(message).toMatch(/JPEG/)
    return `${status} ${code}`
  }
}

/** What is wrong, the file, the answer. */
const REFUSED: readonly (readonly [string, Uint8Array, string])[] = [
  ['only SOI', SOI, '422 truncated'],
  ['SOI and something else', join(SOI, new Uint8Array(64)), '415 not_png'],
  [
    'SOI and a segment shorter than its length',
    join(SOI, Uint8Array.of(0xff, 0xe0), new Uint8Array(64)),
    '415 not_png',
  ],
  ['no image', file(), '422 missing_scan'],
  ['tables without an image, as TIFF has them', file(TABLES, CODES), '422 missing_scan'],
  ['a frame without a scan', file(TABLES, FRAME, CODES), '422 missing_scan'],
  [
    'a scan of two of three components',
    file(
      quantisation(COLOUR),
      frameHeader(COLOUR, 0xc0),
      CODES,
      scanHeader(COLOUR, { of: [0, 1], start: 0, end: 63, high: 0, low: 0 }),
      DATA,
    ),
    '422 missing_scan',
  ],
  ['no EOI', GOOD.subarray(0, GOOD.length - 2), '422 truncated'],
  ['a segment beyond the end', join(SOI, segment(0xfe, new Uint8Array(9)).subarray(0, 8)), '422 truncated'],
  ['data of half the blocks', file(TABLES, FRAME, CODES, HEADER, DATA.subarray(0, DATA.length >> 1)), '422 truncated'],
  ['no data', file(TABLES, FRAME, CODES, HEADER), '422 truncated'],

  ['bytes between segments', file(TABLES, Uint8Array.of(0, 0), FRAME, CODES, SCAN), '422 bad_marker'],
  ['a length of 1', file(TABLES, FRAME, CODES, Uint8Array.of(0xff, 0xfe, 0, 1), SCAN), '422 bad_marker'],
  ['a second SOI', file(SOI, TABLES, FRAME, CODES, SCAN), '422 bad_marker'],
  ['a restart marker before the scan', file(TABLES, FRAME, CODES, Uint8Array.of(0xff, 0xd0), SCAN), '422 bad_marker'],
  ['a reserved marker', file(segment(0x02, [0]), TABLES, FRAME, CODES, SCAN), '422 bad_marker'],
  ['two frames', file(TABLES, FRAME, FRAME, CODES, SCAN), '422 bad_marker'],
  ['a scan before the frame', file(TABLES, CODES, SCAN, FRAME), '422 bad_marker'],
  ['DRI of 3 bytes', file(TABLES, FRAME, segment(0xdd, [0, 0, 0]), CODES, SCAN), '422 bad_marker'],
  ['DNL of 1 byte', file(TABLES, FRAME, CODES, SCAN, segment(0xdc, [0])), '422 bad_marker'],

  ['12 bits a sample', file(TABLES, frame(12, 16, 24, ...ONE), CODES, SCAN), '422 unsupported_jpeg'],
  ['2 components', file(TABLES, frame(8, 16, 24, 2, 1, 0x11, 0, 2, 0x11, 0), CODES, SCAN), '422 unsupported_jpeg'],
  ['lossless', file(TABLES, frameHeader(GREY, 0xc3), CODES, SCAN), '422 unsupported_jpeg'],
  ['differential', file(TABLES, frameHeader(GREY, 0xc5), CODES, SCAN), '422 unsupported_jpeg'],
  ['hierarchical', file(segment(0xde, FRAME.subarray(4)), TABLES, FRAME, CODES, SCAN), '422 unsupported_jpeg'],
  ['arithmetic', file(TABLES, frameHeader(GREY, 0xc9), CODES, SCAN), '422 unsupported_jpeg'],
  ['arithmetic, progressive', file(TABLES, frameHeader(GREY, 0xca), CODES, SCAN), '422 unsupported_jpeg'],
  ['arithmetic conditioning', file(segment(0xcc, [0, 1]), TABLES, FRAME, CODES, SCAN), '422 unsupported_jpeg'],
  ['JPEG-LS', file(frameHeader(GREY, 0xf7), SCAN), '422 unsupported_jpeg'],

  ['a width of 0', file(TABLES, frame(8, 16, 0, ...ONE), CODES, SCAN), '422 bad_dimensions'],
  ['a height of 0 and no DNL', file(TABLES, frame(8, 0, 24, ...ONE), CODES, SCAN), '422 bad_dimensions'],
  [
    'a height of 0 by DNL',
    file(TABLES, frame(8, 0, 24, ...ONE), CODES, SCAN, segment(0xdc, [0, 0])),
    '422 bad_dimensions',
  ],
  ['a width of 7 px', file(TABLES, frame(8, 16, 7, ...ONE), CODES, SCAN), '422 image_too_small'],
  ['a height of 7 px', file(TABLES, frame(8, 7, 24, ...ONE), CODES, SCAN), '422 image_too_small'],
  ['28 px a side, reduced to 7', file(TABLES, frame(8, 4096, 28, ...ONE), CODES, SCAN), '422 image_too_small'],
  ['a width of 4097 px', file(TABLES, frame(8, 16, 4097, ...ONE), CODES, SCAN), '413 image_too_large'],
  ['a height of 4097 px', file(TABLES, frame(8, 4097, 24, ...ONE), CODES, SCAN), '413 image_too_large'],
  ['65535 px squared', file(TABLES, frame(8, 65535, 65535, ...ONE), CODES, SCAN), '413 image_too_large'],
  [
    '65535 px by DNL',
    file(TABLES, frame(8, 0, 24, ...ONE), CODES, SCAN, segment(0xdc, [255, 255])),
    '413 image_too_large',
  ],
  ['too large, and cut', join(SOI, TABLES, frame(8, 5000, 5000, ...ONE)), '413 image_too_large'],

  ['a frame header of 5 bytes', file(TABLES, segment(0xc0, [8, 0, 16, 0, 24]), CODES, SCAN), '422 bad_frame_header'],
  [
    'a component more than there is',
    file(TABLES, frame(8, 16, 24, 3, 1, 0x11, 0), CODES, SCAN),
    '422 bad_frame_header',
  ],
  ['bytes behind the components', file(TABLES, frame(8, 16, 24, ...ONE, 0), CODES, SCAN), '422 bad_frame_header'],
  ['a sampling factor of 0', file(TABLES, frame(8, 16, 24, 1, 1, 0x01, 0), CODES, SCAN), '422 bad_frame_header'],
  ['a sampling factor of 5', file(TABLES, frame(8, 16, 24, 1, 1, 0x15, 0), CODES, SCAN), '422 bad_frame_header'],
  ['quantisation table 4', file(TABLES, frame(8, 16, 24, 1, 1, 0x11, 4), CODES, SCAN), '422 bad_frame_header'],
  [
    'two components of one name',
    file(TABLES, frame(8, 16, 24, 3, 1, 0x11, 0, 2, 0x11, 0, 1, 0x11, 0), CODES, SCAN),
    '422 bad_frame_header',
  ],

  ['no quantisation table', file(FRAME, CODES, SCAN), '422 bad_quantisation_table'],
  [
    'a quantisation table that is cut',
    file(segment(0xdb, Array(64).fill(1)), FRAME, CODES, SCAN),
    '422 bad_quantisation_table',
  ],
  [
    'a quantisation table of 24 bits',
    file(segment(0xdb, [32, ...Array(192).fill(1)]), FRAME, CODES, SCAN),
    '422 bad_quantisation_table',
  ],
  [
    'quantisation table 5',
    file(segment(0xdb, [5, ...Array(64).fill(1)]), FRAME, CODES, SCAN),
    '422 bad_quantisation_table',
  ],
  [
    'a quantisation by 0',
    file(segment(0xdb, [0, ...Array(63).fill(1), 0]), FRAME, CODES, SCAN),
    '422 bad_quantisation_table',
  ],

  ['no Huffman tables', file(TABLES, FRAME, SCAN), '422 bad_huffman_table'],
  [
    'a Huffman table of class 2',
    file(TABLES, FRAME, segment(0xc4, [32, ...Array(16).fill(0)]), SCAN),
    '422 bad_huffman_table',
  ],
  ['Huffman table 4', file(TABLES, FRAME, segment(0xc4, [4, ...Array(16).fill(0)]), SCAN), '422 bad_huffman_table'],
  ['a Huffman table without counts', file(TABLES, FRAME, segment(0xc4, [0, 1, 1]), SCAN), '422 bad_huffman_table'],
  [
    'fewer symbols than codes',
    file(TABLES, FRAME, segment(0xc4, [0, 0, 2, ...Array(14).fill(0), 1]), SCAN),
    '422 bad_huffman_table',
  ],
  [
    'three codes of 1 bit',
    file(TABLES, FRAME, segment(0xc4, [0, 3, ...Array(15).fill(0), 1, 2, 3]), SCAN),
    '422 bad_huffman_table',
  ],
  [
    '257 symbols',
    file(
      TABLES,
      FRAME,
      segment(0xc4, [0, ...Array(9).fill(0), 255, 2, ...Array(5).fill(0), ...Array(257).fill(1)]),
      SCAN,
    ),
    '422 bad_huffman_table',
  ],

  ['a scan of no component', file(TABLES, FRAME, CODES, segment(0xda, [0, 0, 63, 0]), DATA), '422 bad_scan_header'],
  [
    'a scan of two components of one',
    file(TABLES, FRAME, CODES, segment(0xda, [2, 1, 0, 1, 0, 0, 63, 0]), DATA),
    '422 bad_scan_header',
  ],
  ['an empty scan header', file(TABLES, FRAME, CODES, segment(0xda, []), DATA), '422 bad_scan_header'],
  [
    'a scan header that is too long',
    file(TABLES, FRAME, CODES, segment(0xda, [1, 1, 0, 0, 63, 0, 0]), DATA),
    '422 bad_scan_header',
  ],
  [
    'a scan of an unknown component',
    file(TABLES, FRAME, CODES, segment(0xda, [1, 2, 0, 0, 63, 0]), DATA),
    '422 bad_scan_header',
  ],
  [
    'a component twice',
    file(quantisation(COLOUR), frameHeader(COLOUR, 0xc0), CODES, segment(0xda, [2, 1, 0, 1, 0, 0, 63, 0]), DATA),
    '422 bad_scan_header',
  ],
  [
    'a unit of 12 blocks',
    file(
      quantisation(COLOUR),
      frame(8, 16, 24, 3, 1, 0x22, 0, 2, 0x22, 0, 3, 0x22, 0),
      CODES,
      segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
      DATA,
    ),
    '422 bad_scan_header',
  ],
  ['progressive: coefficients 0 to 5 at once', file(TABLES, PROGRESSIVE, CODES, band(0, 5, 0)), '422 bad_scan_header'],
  ['progressive: coefficients 5 to 4', file(TABLES, PROGRESSIVE, CODES, band(5, 4, 0)), '422 bad_scan_header'],
  ['progressive: coefficient 64', file(TABLES, PROGRESSIVE, CODES, band(1, 64, 0)), '422 bad_scan_header'],
  ['progressive: bits 3 to 1', file(TABLES, PROGRESSIVE, CODES, band(1, 63, 0x31)), '422 bad_scan_header'],
  ['progressive: bits 1 to 1', file(TABLES, PROGRESSIVE, CODES, band(1, 63, 0x11)), '422 bad_scan_header'],
  ['progressive: a shift of 14 bits', file(TABLES, PROGRESSIVE, CODES, band(0, 0, 14)), '422 bad_scan_header'],
  [
    'progressive: a band of several components',
    file(quantisation(COLOUR), frameHeader(COLOUR, 0xc2), CODES, segment(0xda, [2, 1, 0, 2, 0, 1, 5, 0]), DATA),
    '422 bad_scan_header',
  ],

  [
    'a code that is in no table',
    file(TABLES, FRAME, tablesOf([0, 0], [0, 0]), HEADER, new Uint8Array(9).fill(0xfe)),
    '422 bad_scan_data',
  ],
  [
    'a difference of 16 bits',
    file(TABLES, FRAME, tablesOf([16, 0], [0, 0]), HEADER, new Uint8Array(99)),
    '422 bad_scan_data',
  ],
  [
    'a block of 65 coefficients',
    file(TABLES, FRAME, tablesOf([0, 0], [0xf0, 0xf1]), HEADER, Uint8Array.of(0b0_0_0_0_10_00, 0, 0)),
    '422 bad_scan_data',
  ],
  ['a wrong restart marker', withRestarts(0xd1), '422 bad_restart'],
  ['EOI for a restart marker', file(TABLES, FRAME, segment(0xdd, [0, 3]), CODES, SCAN), '422 bad_restart'],
  ['257 scans', file(TABLES, FRAME, CODES, ...Array(257).fill(SCAN)), '422 too_many_scans'],
]

/** Huffman tables of two symbols each, with the codes 0 and 10. */
function tablesOf(dc: readonly number[], ac: readonly number[]): Uint8Array {
  const counts = [1, 1, ...Array<number>(14).fill(0)]
  return segment(0xc4, [0, ...counts, ...dc, 16, ...counts, ...ac])
}

/** A restart after each row of blocks, the first marker another one. */
function withRestarts(first: number): Uint8Array {
  const jpeg = writeJpeg(GREY, { restartInterval: 3 })
  const at = jpeg.findIndex((byte, k) => byte === 0xff && jpeg[k + 1] === 0xd0)
  jpeg[at + 1] = first
  return jpeg
}

describe('a JPEG with a fault is refused by status and code', () => {
  test.each(REFUSED)('%s', (_, jpeg, expected) => {
    expect(answer(jpeg)).toBe(expected)
  })

  test('each shorter part of a file', () => {
    for (const whole of [GOOD, writeJpeg(COLOUR, { progressive: true, scans: script(), restartInterval: 2 })]) {
      for (let length = 2; length < whole.length; length++)
        expect(answer(whole.subarray(0, length))).toBe('422 truncated')
    }
  })
})

/** The usual order of scans of three components. */
function script() {
  const scan = (of: number[], start: number, end: number, high: number, low: number) => ({ of, start, end, high, low })
  return [
    scan([0, 1, 2], 0, 0, 0, 1),
    ...[0, 1, 2].map((k) => scan([k], 1, 63, 0, 1)),
    scan([0, 1, 2], 0, 0, 1, 0),
    ...[0, 1, 2].map((k) => scan([k], 1, 63, 1, 0)),
  ]
}

const ACCEPTED: readonly (readonly [string, Uint8Array])[] = [
  ['as it should be', GOOD],
  ['another image behind EOI, as phones write', join(GOOD, GOOD)],
  ['zeros behind EOI', join(GOOD, new Uint8Array(1000))],
  ['fill bytes before markers', writeJpeg(GREY, { fill: 5 })],
  ['fill bytes before restart markers', withFilledRestart()],
  ['its height in a segment DNL', writeJpeg(GREY, { heightAfter: true })],
  ['bytes left over in the data', file(TABLES, FRAME, CODES, SCAN, new Uint8Array(7))],
  [
    'a segment of an application, a comment and a marker TEM',
    file(segment(0xe5, new Uint8Array(60_000)), segment(0xfe, []), Uint8Array.of(0xff, 1), TABLES, FRAME, CODES, SCAN),
  ],
  [
    'JFIF with a thumbnail, EXIF with another',
    writeJpeg(GREY, {
      before: [
        segment(0xe0, [...Buffer.from('JFIF\0'), 1, 2, 0, 0, 1, 0, 1, 1, 1, 9, 9, 9]),
        segment(0xe1, [...Buffer.from('Exif\0\0'), ...GOOD]),
      ],
    }),
  ],
  ['a table for later, defined again', file(TABLES, FRAME, CODES, SCAN, TABLES, CODES)],
  [
    'zeros where progressive files tell coefficients',
    file(TABLES, FRAME, CODES, segment(0xda, [1, 1, 0, 0, 0, 0]), DATA),
  ],
]

function withFilledRestart(): Uint8Array {
  const jpeg = writeJpeg(GREY, { restartInterval: 3 })
  const at = jpeg.findIndex((byte, k) => byte === 0xff && jpeg[k + 1] === 0xd0)
  return join(jpeg.subarray(0, at), Uint8Array.of(0xff, 0xff, 0xff), jpeg.subarray(at))
}

describe('an unusual JPEG is decoded to the same pixels', () => {
  test.each(ACCEPTED)('%s', (_, jpeg) => {
    readJpeg(guarded(jpeg))
    expect(decoded(jpeg)).toEqual(decoded(GOOD))
  })

  test('wherever it lies in memory, and as a Buffer', () => {
    const elsewhere = Buffer.concat([Buffer.of(1, 2, 3), GOOD]).subarray(3)
    expect(decoded(elsewhere)).toEqual(decoded(GOOD))
  })

  test('with codes of up to 9 or 16 bits', () => {
    const codes = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 249]
    expect(decoded(writeJpeg(GREY, { codes }))).toEqual(decoded(writeJpeg(GREY, { codes: SHORT_CODES })))
  })
})
