/** The filters on four bytes at once, beside those on one byte at a time. */

import { expect, it } from 'vitest'
import { unfilter } from '../../../core/png/filters.ts'
import { unfilterRgba } from '../../../core/png/rgba-filters.ts'
import { Random } from '../../../core/random.ts'

const ROWS = 40

/** Filtered rows: every filter, first too; bytes of all kinds, few kinds, or mostly zeros, as drawings have them. */
function filteredRows(random: Random, width: number): Uint8Array {
  const data = new Uint8Array(ROWS * (1 + 4 * width))
  const kinds = [1 << 8, 3, 1][random.below(3)]
  for (let i = 0; i < data.length; i++) data[i] = random.below(8) === 0 ? random.below(256) : random.below(kinds)
  for (let y = 0; y < ROWS; y++) data[y * (1 + 4 * width)] = random.below(5)
  return data
}

it('give the same bytes as the general filters in 200 images of width 1 to 40, at any alignment', () => {
  const random = new Random(5, 0)
  for (let k = 0; k < 200; k++) {
    const width = 1 + random.below(40)
    const data = filteredRows(random, width)
    const shift = k % 4
    const shifted = new Uint8Array(data.length + shift).subarray(shift)
    shifted.set(data)
    const quads = unfilterRgba(shifted, ROWS, width)
    unfilter(data, 0, ROWS, 4 * width, 4)
    const rows = Array.from({ length: ROWS }, (_, y) =>
      data.subarray(y * (1 + 4 * width) + 1, (y + 1) * (1 + 4 * width)),
    )
    expect(Buffer.compare(quads, Buffer.concat(rows))).toBe(0)
  }
})

it('refuse filter 5 with 422', () => {
  const data = new Uint8Array(2 * 33)
  data[33] = 5
  expect(() => unfilterRgba(data, 2, 8)).toThrow(expect.objectContaining({ status: 422, code: 'bad_filter' }))
})
