/** Fetching pen strokes: compress, UNIPEN, and an archive that is accepted only if the converted files are right to the byte. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataError } from '../../../core/data/errors.ts'
import { Random } from '../../../core/random.ts'
import { fetchStrokes, verifyStrokes } from '../../../server/dataset/fetch-strokes.ts'
import { unpackLzw } from '../../../server/dataset/lzw.ts'
import { STROKE_SETS, type StrokeSet } from '../../../server/dataset/stroke-sets.ts'
import { convertUnipen } from '../../../server/dataset/unipen.ts'
import { noData } from '../../data-sets.ts'
import { penStrokes } from '../../pen-drawings.ts'
import { describeUnless } from '../../skip.ts'
import { folder, sha256, zip } from './fixtures.ts'
import { packLzw } from './lzw.ts'
import { type Mirror, startMirror, whole } from './mirror.ts'

const LIMIT = 1 << 20 // bytes

function code(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof DataError) return error.code
    throw error
  }
  return 'accepted'
}

describe('compress', () => {
  const random = new Random(2, 0)
  const texts: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(65)],
    ['a string used before it is known', Buffer.from('a'.repeat(1000))],
    [
      'digits',
      Buffer.from(Array.from({ length: 20_000 }, () => `${random.below(500)} ${random.below(500)}\n`).join('')),
    ],
    ['noise', Uint8Array.from({ length: 100_000 }, () => random.below(256))],
  ]
  test.each(texts)('%s comes back, with codes of up to 10, 12 and 16 bits, the table kept or forgotten', (_, text) => {
    for (const bits of [10, 12, 16]) {
      for (const clearEvery of [0, 500, 30_000]) {
        expect(Buffer.from(unpackLzw(packLzw(text, bits, clearEvery), LIMIT)).equals(text)).toBe(true)
      }
    }
  })

  test('a small file, byte by byte, that gzip -dc reads too', () => {
    const packed = Buffer.from('1f9d9061c4041c28b06040', 'hex')
    expect(Buffer.from(unpackLzw(packed, LIMIT)).toString()).toBe('ababababababab')
  })

  test('what is none, is damaged or too large is refused, and no damage does anything else', () => {
    const packed = packLzw(Buffer.from('the quick brown fox jumps over the lazy dog, '.repeat(50)))
    expect(code(() => unpackLzw(Buffer.from('PK'), LIMIT))).toBe('bad_magic')
    expect(code(() => unpackLzw(Uint8Array.of(0x1f, 0x9d, 0x80 | 17), LIMIT))).toBe('bad_lzw')
    expect(code(() => unpackLzw(Uint8Array.of(0x1f, 0x9d, 0x90, 0xff, 0xff), LIMIT))).toBe('bad_lzw')
    expect(code(() => unpackLzw(packed, 100))).toBe('too_large')
    for (let bit = 24; bit < packed.length * 8; bit++) {
      const flipped = packed.slice()
      flipped[bit >>> 3] ^= 1 << (bit & 7)
      expect(['accepted', 'bad_lzw']).toContain(code(() => unpackLzw(flipped, LIMIT)))
    }
  })
})

const UNIPEN = ` .INCLUDE dene.doc
.LEXICON "0" "1"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0 ? "1"
.COMMENT 1 12 0
.PEN_DOWN
 100  300
 100  300
 108  220
.PEN_UP
.DT 100
.SEGMENT DIGIT 1-2 ? "4"
.COMMENT 4 7 31
.PEN_DOWN
10 20
30 20
.PEN_UP
.DT 100
.PEN_DOWN
20 60
.PEN_UP
`
const LINES = `{"label":"1","writer":"p:tra:12","src":"p_tra","id":"tra-0","strokes":[[[0,0],[100,1000]]]}
{"label":"4","writer":"p:tra:7","src":"p_tra","id":"tra-1","strokes":[[[0,1000],[500,1000]],[[250,0]]]}
`

describe('UNIPEN text', () => {
  test('becomes one line per digit: y down, longer side 1000, no point twice in a row', () => {
    expect(convertUnipen(UNIPEN, 'p', 'tra')).toBe(LINES)
    expect(convertUnipen(UNIPEN.replaceAll('\n', '\r\n'), 'p', 'tra')).toBe(LINES)
  })

  test.each([
    ['bad_label', UNIPEN.replace('"4"', '"x"')],
    ['bad_line', UNIPEN.replace('.COMMENT 4 7 31', '.COMMENT 5 7 31')],
    ['bad_line', UNIPEN.replace('.COMMENT 4 7 31\n', '')],
    ['bad_line', UNIPEN.replace('108  220', '108')],
    ['bad_line', UNIPEN.replace('.PEN_DOWN\n10', '10')],
    ['bad_line', '.PEN_DOWN\n1 2\n'],
    ['bad_line', '.SEGMENT DIGIT 0 ? "1"\n.COMMENT 1 1 1\n'],
    ['empty', '.INCLUDE dene.doc\n'],
  ])('%s (case %#)', (expected, text) => {
    expect(code(() => convertUnipen(text, 'p', 'tra'))).toBe(expected)
  })
})

describe('fetching', () => {
  let mirror: Mirror
  beforeEach(async () => {
    mirror = await startMirror()
  })
  afterEach(() => mirror.close())

  const text = LINES.replaceAll('tra', 'tes')
  const set = (): StrokeSet => ({
    name: 'p',
    title: 'P',
    files: { test: 'p-test.jsonl' },
    sha256: { 'p-test.jsonl': sha256(Buffer.from(text)) },
    citation: 'nobody',
    licence: 'none',
    homepage: 'http://localhost/',
    archive: {
      mirrors: [mirror.url],
      name: 'p.zip',
      members: { test: 'p.tes.Z' },
      short: { train: 'tra', test: 'tes' },
    },
  })
  const archive = (original: string) =>
    zip({ 'readme.txt': Buffer.from('no'), 'p.tes.Z': packLzw(Buffer.from(original)) })

  test('leaves the converted file and nothing else, and finds it there the next time', async () => {
    const root = folder()
    mirror.on('p.zip', whole(archive(UNIPEN)))
    const [fetched] = await fetchStrokes(set(), root)
    expect(fetched).toMatchObject({ file: 'p-test.jsonl.gz', from: `${mirror.url}p.zip` })
    expect(readdirSync(join(root, 'strokes'))).toEqual(['p-test.jsonl.gz'])
    expect(gunzipSync(readFileSync(join(root, 'strokes', 'p-test.jsonl.gz'))).toString()).toBe(text)
    expect(await fetchStrokes(set(), root)).toMatchObject([{ from: 'disk' }])
    expect(mirror.requests).toHaveLength(1)
    expect(await verifyStrokes(set(), root)).toMatchObject([{ state: 'right' }])
  })

  test('replaces a file that is wrong', async () => {
    const root = folder()
    mkdirSync(join(root, 'strokes'))
    writeFileSync(join(root, 'strokes', 'p-test.jsonl'), 'damaged')
    mirror.on('p.zip', whole(archive(UNIPEN)))
    expect(await verifyStrokes(set(), root)).toMatchObject([{ file: 'p-test.jsonl', state: 'wrong' }])
    await fetchStrokes(set(), root)
    expect(await verifyStrokes(set(), root)).toMatchObject([{ file: 'p-test.jsonl.gz', state: 'right' }])
  })

  test.each([
    ['other digits', () => archive(UNIPEN.replace('108', '109')), /another SHA-256 than p-test\.jsonl/],
    ['other text', () => archive('<html>'), /p\.tes\.Z: holds no segments/],
    ['no such member', () => zip({ 'a.txt': Buffer.from('a') }), /lacks p\.tes\.Z/],
    ['a damaged archive', () => archive(UNIPEN).subarray(0, 200), /broken/],
  ])('of %s stores nothing and says why', async (_, body, reason) => {
    const root = folder()
    mirror.on('p.zip', whole(body()))
    await expect(fetchStrokes(set(), root)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(reason),
    })
    expect(readdirSync(join(root, 'strokes'))).toEqual([])
  })

  test('of a set without an archive says where its files have to be copied', async () => {
    const root = folder()
    const uji = STROKE_SETS.find(({ name }) => name === 'uji') as StrokeSet
    await expect(fetchStrokes(uji, root)).rejects.toThrow(
      /uji has to be copied there manually, as strokes\/uji\.jsonl\.gz/,
    )
    expect(existsSync(join(root, 'strokes', 'uji.jsonl.gz'))).toBe(false)
  })
})

describeUnless(noData, 'the real pendigits', () => {
  /** The tablet's integers behind a drawing, y up: the least longer side that gives the same thousandths. */
  function integers(values: readonly number[]): (value: number) => number {
    for (let extent = 1; extent <= 500; extent++) {
      const back = (value: number) => Math.round((value * extent) / 1000)
      if (values.every((value) => Math.abs((back(value) * 1000) / extent - value) <= 0.5)) return back
    }
    throw new Error('no extent fits')
  }

  test('written back as UNIPEN in tablet units and converted again has the recorded digest', () => {
    const text = penStrokes('pendigits-test').map(({ label, writer, strokes }, i) => {
      const back = integers([...new Set(strokes.flat(2))])
      const points = strokes.map((stroke) => {
        return `.PEN_DOWN\n${stroke.map(([x, y]) => ` ${40 + back(x)}  ${480 - back(y)}\n`).join('')}.PEN_UP\n.DT 100\n`
      })
      return `.SEGMENT DIGIT ${i} ? "${label}"\n.COMMENT ${label} ${writer.split(':')[2]} ${i}\n${points.join('')}`
    })
    const digest = createHash('sha256')
      .update(convertUnipen(text.join(''), 'pendigits', 'tes'))
      .digest('hex')
    expect(digest).toBe(STROKE_SETS[0].sha256['pendigits-test.jsonl'])
  })
})
