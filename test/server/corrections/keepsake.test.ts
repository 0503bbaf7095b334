/** What is kept of a drawing for its correction: a small PNG as it is, of anything else grey pixels and no more. */

import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
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

describe('of a PNG', () => {
  it('of up to 262,144 bytes and 1,024 px a side the file is kept as it is', () => {
    const file = pngFile(1024, 700)
    expect(keepsakeOf({ raster: BLACK, file })).toEqual({ png: file })
  })

  it('that is part of a body a copy is kept, not the body', () => {
    const body = new Uint8Array(4_000_000)
    const file = pngFile(28, 28)
    body.set(file, 1000)
    const kept = keepsakeOf({ raster: BLACK, file: body.subarray(1000, 1000 + file.length) })
    expect('png' in kept && [kept.png, kept.png.buffer.byteLength]).toEqual([file, file.length])
  })

  it('of more bytes, or of a longer side, grey pixels are kept: 65,536 bytes at most', () => {
    const heavy = new Uint8Array(262_145)
    heavy.set(pngFile(28, 28))
    for (const file of [heavy, pngFile(1025, 8)]) {
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
    const chunks = Buffer.from(pictureOf(kept))
      .toString('latin1')
      .match(/IHDR|gAMA|eXIf|tEXt|IDAT|IEND/g)
    expect(chunks).toEqual(['IHDR', 'IDAT', 'IEND'])
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
