/** What large JPEGs cost, each in a process of its own. */

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { decodeJpeg } from '../../../core/jpeg/decode.ts'
import { PICTURE_LIMIT } from '../../../core/picture.ts'
import { runProcess } from '../../child-processes.ts'
import { tiffOf } from '../picture/tiff.ts'
import { largeJpeg, largestFrame, zerosScan } from './large.ts'
import { EOI, join, segment } from './writer.ts'

const HALVED = [
  [2, 2],
  [1, 1],
  [1, 1],
] as const

const INKS = [
  [1, 1],
  [1, 1],
  [1, 1],
  [1, 1],
] as const

/** Turned by 90 degrees, which needs the result twice. */
const TURNED = [segment(0xe1, [...Buffer.from('Exif\0\0'), ...tiffOf({ order: 'II', value: 6 })])]

const BLOCKS = (4096 * 4096) / 64

/** Scans that say in a few bytes that no block has any of their coefficients. */
function emptyScans(count: number): Uint8Array {
  // code 0 and 14 zeros: 2^14 blocks
  const scans = Array.from({ length: count - 1 }, () => zerosScan(1, 63, 0, Math.ceil((15 * BLOCKS) / 2 ** 14 / 8)))
  return join(largestFrame([0, 1], [0xe0, 0]), zerosScan(0, 0, 0, BLOCKS / 8), ...scans, EOI)
}

/** Scans with a bit for each block. */
function firstScans(count: number): Uint8Array {
  const scans = Array.from({ length: count }, () => zerosScan(0, 0, 0, BLOCKS / 8))
  return join(largestFrame([0, 1], [0, 1]), ...scans, EOI)
}

const photograph = (progressive: boolean) => largeJpeg(4032, 3024, HALVED, { progressive, density: 6 })

describe('costs less than 32 MB and 1 s of processor time, the file included:', () => {
  it.each([
    ['a photograph of 12 megapixels', () => photograph(false), '200 ok'],
    ['the same, progressive', () => photograph(true), '200 ok'],
    ['16 megapixels', () => largeJpeg(4096, 4096, HALVED, { progressive: false, density: 4 }), '200 ok'],
    ['the same, progressive', () => largeJpeg(4096, 4096, HALVED, { progressive: true, density: 4 }), '200 ok'],
    [
      '13 megapixels in four inks, turned',
      () => largeJpeg(4096, 3168, INKS, { progressive: false, density: 1, before: TURNED }),
      '200 ok',
    ],
    ['96 scans of nothing in 37 kB', () => emptyScans(96), '200 ok'],
    ['97 scans of nothing', () => emptyScans(97), '422 too_many_scans'],
    ['96 scans of a bit for each block', () => firstScans(96), '200 ok'],
    ['4 MB of fill bytes', () => join(largestFrame([0, 1], [0, 1]), new Uint8Array(4e6).fill(0xff)), '422 truncated'],
  ])(
    '%s',
    async (_, make, expected) => {
      const path = joinPath(mkdtempSync(joinPath(tmpdir(), 'inkling-large-')), 'picture.jpg')
      const picture = make()
      expect(picture.length).toBeLessThanOrEqual(PICTURE_LIMIT)
      writeFileSync(path, picture)
      const script = fileURLToPath(new URL('../png/cost.ts', import.meta.url))
      const { stdout } = await runProcess(process.execPath, ['--max-semi-space-size=4', script, path])
      const [{ answer, ms, megabytes }] = JSON.parse(String(stdout))
      console.log(`${picture.length} bytes: ${ms.toFixed(0)} ms of processor time, ${megabytes.toFixed(1)} MB`)
      expect(answer).toBe(expected)
      expect(megabytes).toBeLessThan(32)
      expect(ms).toBeLessThan(1000)
    },
    60_000,
  )
})

it('a photograph of 12 megapixels comes in more than 60 pieces: each is a few ms of its 120 to 270', () => {
  for (const progressive of [false, true]) {
    let pieces = 0
    for (const work = decodeJpeg(photograph(progressive)); !work.next().done; ) pieces++
    expect(pieces).toBeGreaterThan(60)
  }
})
