import { describe, expect, test } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { Random } from '../../../core/random.ts'
import { tiffOf } from '../picture/tiff.ts'
import { decoded } from './decoded.ts'
import { randomPicture } from './pictures.ts'
import { type Picture, segment, writeJpeg } from './writer.ts'

/** A grey picture whose left upper quarter is dark and whose right upper quarter is darker still. */
function corners(width: number, height: number): Picture {
  const columns = Math.ceil(width / 8)
  const blocks = Array.from({ length: columns * Math.ceil(height / 8) }, (_, k) => {
    const [x, y] = [k % columns, Math.floor(k / columns)]
    const block = new Int16Array(64)
    block[0] = y >= height / 16 ? 80 : x >= width / 16 ? -80 : 0
    return block
  })
  return { width, height, components: [{ id: 1, h: 1, v: 1, quantisation: Array<number>(64).fill(8), blocks }] }
}

/** Levels at the four corners: left upper, right upper, left lower, right lower. */
function cornersOf({ width, height, data }: Raster): number[] {
  return [0, width - 1, (height - 1) * width, height * width - 1].map((p) => data[p])
}

/** Where the stored corners are in the upright picture, by orientation 1 to 8. */
const UPRIGHT = [
  [128, 48, 208, 208],
  [48, 128, 208, 208],
  [208, 208, 48, 128],
  [208, 208, 128, 48],
  [128, 208, 48, 208],
  [208, 128, 208, 48],
  [208, 48, 208, 128],
  [48, 208, 128, 208],
]

describe('the EXIF orientation of a JPEG', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('%d is undone, of a small picture and of one that is reduced', (value) => {
    for (const order of ['II', 'MM'] as const) {
      const exif = tiffOf({ order, value, before: 2 })
      for (const [width, height, factor] of [
        [40, 24, 1],
        [2400, 32, 4],
      ] as const) {
        const raster = decoded(writeJpeg(corners(width, height), { exif }))
        const size = [width / factor, height / factor]
        expect([raster.width, raster.height]).toEqual(value >= 5 ? size.reverse() : size)
        expect(cornersOf(raster)).toEqual(UPRIGHT[value - 1])
      }
    }
  })

  test('is that of the first EXIF segment, and none where that is malformed', () => {
    const picture = randomPicture(new Random(3, 1), 40, 24)
    const plain = decoded(writeJpeg(picture))
    const exif = (tiff: Uint8Array) => segment(0xe1, [...Buffer.from('Exif\0\0'), ...tiff])
    const turned = tiffOf({ order: 'II', value: 6 })
    const size = (before: Uint8Array[]) => {
      const { width, height } = decoded(writeJpeg(picture, { before }))
      return [width, height]
    }
    expect(size([exif(turned), exif(tiffOf({ order: 'MM', value: 3 }))])).toEqual([24, 40])
    expect(size([segment(0xe1, [...Buffer.from('http://ns.adobe.com/xap/1.0/\0')]), exif(turned)])).toEqual([24, 40])
    for (let length = 0; length < 22; length++) {
      const { data } = decoded(writeJpeg(picture, { before: [exif(turned.subarray(0, length))] }))
      expect(Buffer.from(data).equals(Buffer.from(plain.data))).toBe(true)
    }
  })
})
