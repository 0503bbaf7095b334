/** What large pictures cost, each in a process of its own, and photographs, read right. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeAtOnce, PICTURE_LIMIT } from '../../../core/picture.ts'
import { storedPasses } from '../../../core/png/passes.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Random } from '../../../core/random.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import { runProcess } from '../../child-processes.ts'
import { type Drawing, photograph, png, scan, screenshot } from './large-pictures.ts'
import { chunk, concat, file, ihdr } from './writer.ts'

const fixture = readFileSync(new URL('../../fixtures/strokes.json', import.meta.url), 'utf8')
const STROKES = JSON.parse(fixture) as Record<string, Strokes>
const drawing = (digit: number, place: Omit<Drawing, 'strokes'>): Drawing =>
  Object.assign({ strokes: STROKES[digit] }, place)

/** 4096 x 4096 px of RGBA whose compressed data almost fills 4 MiB: differences of all filters, few of them not zero. */
function fullest(interlace: 0 | 1): Uint8Array<ArrayBuffer> {
  const passes = storedPasses(4096, 4096, 32, interlace === 1)
  const rows = new Uint8Array(passes.reduce((sum, pass) => sum + pass.height * (1 + pass.rowBytes), 0))
  const random = new Random(5, interlace)
  for (let i = 0; i < rows.length; i += 1 + random.below(56)) rows[i] = random.below(4)
  for (const { start, height, rowBytes } of passes) {
    for (let y = 0; y < height; y++) rows[start + y * (1 + rowBytes)] = y % 5
  }
  return png(4096, 4096, [8, 6, interlace], rows)
}

/** A picture of 4096 x 4096 px whose data are empty blocks, each with Huffman tables to be made: nearly 4 MiB of them. */
function emptyBlocks(): Uint8Array<ArrayBuffer> {
  // not the last block, dynamic tables; 257 lengths and 1, 18 code lengths: "1" and "138 zeros" have one bit; 256 zeros, 1, 1; end
  const fields = [
    [0, 1],
    [2, 2],
    [0, 5],
    [0, 5],
    [14, 4],
  ]
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]) {
    fields.push([symbol === 18 || symbol === 1 ? 1 : 0, 3])
  }
  fields.push([1, 1], [127, 7], [1, 1], [107, 7], [0, 1], [0, 1], [0, 1])
  const bits = fields.flatMap(([value, count]) => Array.from({ length: count }, (_, k) => (value >> k) & 1))
  const eight = Array(8).fill(bits).flat() // whole bytes
  const blocks = Uint8Array.from({ length: eight.length / 8 }, (_, i) =>
    eight.slice(8 * i, 8 * i + 8).reduce((byte, bit, k) => byte | (bit << k), 0),
  )
  const zlib = concat(Uint8Array.of(0x78, 1), ...Array(Math.floor(4_194_000 / blocks.length)).fill(blocks))
  return file(ihdr({ width: 4096, height: 4096 }), chunk('IDAT', zlib), chunk('IEND'))
}

/** 4.3 GB of zeros in 4 MiB, of which the header announces 16. */
function zeros(): Uint8Array<ArrayBuffer> {
  const piece = deflateSync(new Uint8Array(2 ** 28))
  const more = Array(15).fill(piece.subarray(2, -10)) // without zlib's header, the last block and the checksum
  return file(
    ihdr({ width: 4096, height: 4096 }),
    chunk('IDAT', concat(piece.subarray(0, -10), ...more)),
    chunk('IEND'),
  )
}

describe('costs less than 32 MB and 1 s of processor time, the file included:', () => {
  it.each([
    ['a photograph', () => photograph(drawing(4, { left: 900, top: 500, side: 1800, pen: 45 }), 1), '200 ok'],
    ['a scan in grey', () => scan(drawing(3, { left: 1000, top: 800, side: 260, pen: 4 }), 8, 1), '200 ok'],
    ['a scan in 1 bit', () => scan(drawing(7, { left: 300, top: 2300, side: 500, pen: 6 }), 1, 2), '200 ok'],
    ['a screenshot', () => screenshot(drawing(5, { left: 1000, top: 300, side: 1200, pen: 24 })), '200 ok'],
    ['the fullest picture of 4096 x 4096 px', () => fullest(0), '200 ok'],
    ['the same, interlaced', () => fullest(1), '200 ok'],
    ['4096 x 4096 px of 1 bit in 3 kB', () => png(4096, 4096, [1, 0], new Uint8Array(4096 * 513)), '200 ok'],
    ['4 MiB of empty blocks', emptyBlocks, '422 bad_zlib'],
    ['4.3 GB of zeros', zeros, '422 bad_zlib'],
  ])(
    '%s',
    async (_, make, expected) => {
      const path = join(mkdtempSync(join(tmpdir(), 'inkling-large-')), 'picture.png')
      const picture = make()
      expect(picture.length).toBeLessThanOrEqual(PICTURE_LIMIT)
      writeFileSync(path, picture)
      const script = fileURLToPath(new URL('cost.ts', import.meta.url))
      const { stdout } = await runProcess(process.execPath, ['--max-semi-space-size=4', script, path])
      const [{ answer, ms, megabytes }] = JSON.parse(String(stdout))
      console.log(`${ms.toFixed(0)} ms of processor time, ${megabytes.toFixed(1)} MB`)
      expect(answer).toBe(expected)
      expect(megabytes).toBeLessThan(32)
      expect(ms).toBeLessThan(1000)
    },
    60_000,
  )
})

it('of five photographs the digit is read right, with more than 90 %', async () => {
  const models = new ModelFolder(SHIPPED_MODELS, () => performance.now(), console.error)
  const recognizer = new Recognizer(await nodeBackends(), models, { preferred: ['cnn'] })
  const random = new Random(9, 0)
  for (let digit = 0; digit < 10; digit += 2) {
    const side = 400 + random.below(1400)
    const place = {
      left: random.below(4032 - side),
      top: random.below(3024 - side),
      side,
      pen: 10 + random.below(side / 40),
    }
    const picture = photograph(drawing(digit, place), digit)
    const read = () => decodeAtOnce(picture, inflate)
    const result = recognizer.recognizeDrawing(read, { model: 'cnn' }).sampling.result()
    expect(result.digit).toBe(digit)
    expect(result.confidence).toBeGreaterThan(0.9)
  }
}, 120_000)
