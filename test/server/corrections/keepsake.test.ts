/** What is kept of a drawing for its correction: in memory a small PNG or grey pixels, on disk a small grey PNG and no more. */

import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Random } from '../../../core/random.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { keepsakeBytes, keepsakeOf } from '../../../server/corrections/keepsake.ts'
import { pictureOf } from '../../../server/corrections/picture.ts'

function raster(width: number, height: number, pixel: (k: number) => readonly number[]): Raster {
  const data = new Uint8Array(4 * width * height)
  for (let k = 0; k < width * height; k++) data.set(pixel(k), 4 * k)
  return { width, height, channels: 4, data }
}

function pngFile(width: number, height: number): Uint8Array {
  return new Uint8Array(PNG.sync.write(new PNG({ width, height })))
}

const BLACK = raster(1024, 700, () => [0, 0, 0, 255])

/** Names of the chunks of a PNG. */
const chunksOf = (png: Uint8Array) =>
  Buffer.from(png)
    .toString('latin1')
    .match(/IHDR|gAMA|eXIf|tEXt|prVt|IDAT|IEND/g)

/** A chunk of a PNG. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}

describe('of a PNG', () => {
  it('of up to 65,536 bytes and 262,144 px the file stays in memory until it is corrected', () => {
    const file = pngFile(512, 512)
    expect(keepsakeOf({ raster: BLACK, file })).toEqual({ png: file })
  })

  it('no byte of the file is stored but its pixels: neither text, nor EXIF, nor padding', () => {
    const plain = pngFile(28, 28)
    const end = plain.length - 12 // where IEND begins
    const secret = randomBytes(9000)
    const file = Buffer.concat([
      plain.subarray(0, end),
      ...['tEXt', 'eXIf', 'prVt'].map((type) => chunk(type, secret)),
      plain.subarray(end),
    ])
    expect(chunksOf(file)).toEqual(['IHDR', 'IDAT', 'tEXt', 'eXIf', 'prVt', 'IEND'])
    const stored = pictureOf({ png: file })
    expect(chunksOf(stored)).toEqual(['IHDR', 'IDAT', 'IEND'])
    expect(stored.length).toBeLessThan(200)
    expect(stored).toEqual(pictureOf({ png: plain }))
  })

  it('that is part of a body a copy is kept, not the body', () => {
    const body = new Uint8Array(4_000_000)
    const file = pngFile(28, 28)
    body.set(file, 1000)
    const kept = keepsakeOf({ raster: BLACK, file: body.subarray(1000, 1000 + file.length) })
    expect('png' in kept && [kept.png, kept.png.buffer.byteLength]).toEqual([file, file.length])
  })

  it('of more bytes or pixels, or of a longer side, grey pixels are kept: 65,536 bytes at most', () => {
    const heavy = new Uint8Array(65_537)
    heavy.set(pngFile(28, 28))
    for (const file of [heavy, pngFile(1025, 8), pngFile(513, 512)]) {
      const kept = keepsakeOf({ raster: BLACK, file })
      expect('grey' in kept && [kept.grey.width, kept.grey.height]).toEqual([256, 175])
      expect(keepsakeBytes(kept)).toBe(256 * 175)
    }
    expect(keepsakeBytes(keepsakeOf({ raster: raster(1024, 1024, () => [0, 0, 0, 0]) }))).toBe(65_536)
  })
})

describe('of a JPEG, or of no file', () => {
  const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0, 4, 1, 2)

  it('no byte of the file is kept, such as the place where a photo was taken', () => {
    const kept = keepsakeOf({ raster: BLACK, file: JPEG })
    const { width, height, data } = PNG.sync.read(Buffer.from(pictureOf(kept)))
    expect([width, height, data.every((value, k) => value === (k % 4 === 3 ? 255 : 0))]).toEqual([256, 175, true])
    expect(chunksOf(pictureOf(kept))).toEqual(['IHDR', 'IDAT', 'IEND'])
  })

  it('pixels are means of squares, on white paper', () => {
    const checks = raster(512, 512, (k) => ((k + (k >> 9)) % 2 === 0 ? [255, 255, 255, 255] : [0, 0, 0, 255]))
    const clear = raster(300, 10, () => [10, 20, 30, 0])
    const red = raster(20, 10, () => [255, 0, 0, 255])
    for (const [picture, size, grey] of [
      [checks, 256 * 256, 128],
      [clear, 150 * 5, 255],
      [red, 200, 76],
    ] as const) {
      const kept = keepsakeOf({ raster: picture, file: JPEG })
      expect('grey' in kept && [kept.grey.data.length, [...new Set(kept.grey.data)]]).toEqual([size, [grey]])
    }
  })

  it('small grey pixels stay as they are, in memory of their own', () => {
    const data = Uint8Array.from({ length: 784 }, (_, k) => k & 255)
    const kept = keepsakeOf({ raster: { width: 28, height: 28, channels: 1, data, paper: 0 } })
    expect('grey' in kept && [kept.grey.data, kept.grey.data === data]).toEqual([data, false])
  })
})

describe('what is stored', () => {
  const random = new Random(1, 0)
  const grey = (side: number, level: (k: number) => number): Raster => ({
    width: side,
    height: side,
    channels: 1,
    data: Uint8Array.from({ length: side * side }, (_, k) => level(k)),
  })
  const noise = (side: number) => grey(side, () => random.below(256))

  it.each([8, 64, 100, 112, 128, 256])('of %i x %i px of noise has at most 8,192 bytes, and is a picture', (side) => {
    const stored = pictureOf({ grey: noise(side) })
    expect(stored.length).toBeLessThanOrEqual(8192)
    expect(PNG.sync.read(Buffer.from(stored)).width).toBeGreaterThanOrEqual(Math.min(side, 50))
  })

  it('of a drawing that fits is every pixel of it', () => {
    const drawing = grey(256, (k) => ((k & 255) > 100 && (k & 255) < 120 ? 20 + (k & 15) : 255))
    const { width, data } = PNG.sync.read(Buffer.from(pictureOf({ grey: drawing })))
    expect(width).toBe(256)
    expect(drawing.data.every((value, k) => value === data[4 * k])).toBe(true)
  })

  it('of strokes is the drawing that was answered', () => {
    const strokes = [
      [
        [10, 10],
        [90, 10],
        [40, 100],
      ],
    ]
    const json = new TextEncoder().encode(JSON.stringify({ strokes }))
    const { data } = PNG.sync.read(Buffer.from(pictureOf({ json })))
    expect(rasterizeStrokes(strokes as unknown as Strokes).data.every((value, k) => value === data[4 * k])).toBe(true)
  })
})
