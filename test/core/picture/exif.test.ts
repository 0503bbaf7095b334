import { describe, expect, test } from 'vitest'
import { orientationOf } from '../../../core/picture/exif.ts'
import { Random } from '../../../core/random.ts'
import { tiffOf } from './tiff.ts'

describe('the orientation of EXIF data', () => {
  test.each(['II', 'MM'] as const)('is read in byte order %s, 1 to 8', (order) => {
    for (let value = 1; value <= 8; value++) expect(orientationOf(tiffOf({ order, value }))).toBe(value)
  })

  test('is found behind other entries, wherever the directory lies', () => {
    expect(orientationOf(tiffOf({ order: 'MM', value: 6, before: 3 }))).toBe(6)
    expect(orientationOf(tiffOf({ order: 'II', value: 8, before: 40, gap: 1001 }))).toBe(8)
  })

  test('is the first of two, and does not come from the second directory, that of the thumbnail', () => {
    const twice = tiffOf({ order: 'II', value: 6, before: 1 })
    twice.set(twice.subarray(22, 34), 10)
    twice[18] = 3
    expect(orientationOf(twice)).toBe(3)
    const thumbnail = tiffOf({ order: 'II', value: 6 })
    const both = new Uint8Array(14 + thumbnail.length)
    both.set(thumbnail.subarray(0, 8)) // header, then an empty directory that names the next one
    both[10] = 14
    both.set(thumbnail.subarray(8), 14)
    expect(orientationOf(both)).toBe(1)
  })

  test.each([
    ['empty', new Uint8Array(0)],
    ['seven bytes', Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0)],
    ['only a header', Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0)],
    [
      'another byte order mark',
      patched([
        [0, 0x49],
        [1, 0x4d],
      ]),
    ],
    ['43 instead of 42 (BigTIFF)', patched([[2, 43]])],
    ['a directory inside the header', patched([[4, 7]])],
    [
      'a directory behind the end',
      patched([
        [4, 0xff],
        [5, 0xff],
      ]),
    ],
    [
      'a directory at 4 GiB - 1',
      patched([
        [4, 0xff],
        [5, 0xff],
        [6, 0xff],
        [7, 0xff],
      ]),
    ],
    ['more entries than there are bytes', patched([[8, 2]])],
    [
      '65,535 entries',
      patched([
        [8, 0xff],
        [9, 0xff],
      ]),
    ],
    ['a value of type LONG', patched([[12, 4]])],
    ['two values', patched([[14, 2]])],
    ['2^24 + 1 values', patched([[17, 1]])],
    ['value 0', patched([[18, 0]])],
    ['value 9', patched([[18, 9]])],
    [
      'value 256',
      patched([
        [18, 0],
        [19, 1],
      ]),
    ],
    ['another tag', patched([[10, 0x13]])],
  ])('is 1 for malformed data: %s', (_, tiff) => {
    expect(orientationOf(tiff)).toBe(1)
  })

  test('is 1 for each shorter part of a file', () => {
    const tiff = tiffOf({ order: 'MM', value: 6 })
    for (let length = 0; length < 22; length++) expect(orientationOf(tiff.subarray(0, length))).toBe(1)
  })

  test('is 1 to 8 for 10,000 random files that begin as a TIFF does', () => {
    const random = new Random(7, 0)
    for (let n = 0; n < 10_000; n++) {
      const tiff = tiffOf({ order: random.below(2) ? 'II' : 'MM', value: 6, before: random.below(3) })
      for (let k = random.below(4); k >= 0; k--) tiff[random.below(tiff.length)] = random.below(256)
      const orientation = orientationOf(tiff)
      expect(Number.isInteger(orientation) && orientation >= 1 && orientation <= 8).toBe(true)
    }
  })
})

/** A file with orientation 6 in byte order II, with some bytes changed: its directory is at 8, its one entry at 10. */
function patched(changes: readonly (readonly [at: number, byte: number])[]): Uint8Array {
  const tiff = tiffOf({ order: 'II', value: 6 })
  for (const [at, byte] of changes) tiff[at] = byte
  return tiff
}
