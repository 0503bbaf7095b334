import { describe, expect, test } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { orient } from '../../../core/picture/orient.ts'

/** The letter F as people see it, 3 x 4 px, and as it is stored with each orientation (EXIF 2.32, figure of tag Orientation). */
const UPRIGHT = ['###', '#..', '##.', '#..']
const STORED: readonly (readonly string[])[] = [
  ['###', '#..', '##.', '#..'],
  ['###', '..#', '.##', '..#'],
  ['..#', '.##', '..#', '###'],
  ['#..', '##.', '#..', '###'],
  ['####', '#.#.', '#...'],
  ['#...', '#.#.', '####'],
  ['...#', '.#.#', '####'],
  ['####', '.#.#', '...#'],
]

/** The letter as a raster; every pixel's colour tells its place in the letter, and its alpha whether it is ink. */
function rasterOf(rows: readonly string[], channels: 1 | 4, offset = 0): Raster {
  const pixels = [...rows.join('')]
  const data = new Uint8Array(pixels.length * channels + offset).subarray(offset)
  pixels.forEach((pixel, p) => {
    if (channels === 1) data[p] = pixel === '#' ? 255 : 7
    else data.set(pixel === '#' ? [1, 2, 3, 255] : [9, 8, 7, 0], 4 * p)
  })
  return { width: rows[0].length, height: rows.length, channels, data }
}

describe('a picture with EXIF orientation', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('%d is turned upright', (orientation) => {
    for (const channels of [1, 4] as const) {
      const stored = rasterOf(STORED[orientation - 1], channels)
      expect(orient(stored, orientation)).toEqual(rasterOf(UPRIGHT, channels))
    }
  })

  test('keeps what is known of its paper, and may lie at any place in memory', () => {
    const stored = rasterOf(STORED[5], 4, 3)
    expect(orient({ ...stored, paper: 7 }, 6)).toEqual({ ...rasterOf(UPRIGHT, 4), paper: 7 })
  })
})
