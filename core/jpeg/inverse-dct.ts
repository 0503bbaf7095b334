/**
 * The inverse DCT of a block to 8, 4 or 2 samples per side (T.81, A.3.3), where each of 4 or 2 is the mean of the 2 or 4 that it
 * stands for. That mean is linear, so a short transform gives it at once: coefficients whose mean is 0 drop out. 8 samples are
 * computed as Loeffler, Ligtenberg, Moschytz 1989 do. Integers only; sums that are too large wrap at 32 bits, as in damaged files.
 */

import type { Plane } from './plane.ts'
import { COEFFICIENTS } from './quantisation.ts'

/** Constants are multiples of 2^-13. */
const UNIT = 13

/** Fraction bits of values between columns and rows. */
const FRACTION = 2

/** What is shifted off after columns and after rows; each pass makes values sqrt(8) times as large. */
const AFTER_COLUMNS = UNIT - FRACTION
const AFTER_ROWS = UNIT + FRACTION + 3

/** Added before the last shift: rounding, and the middle of 0..255. */
const MIDDLE = (128 << AFTER_ROWS) + (1 << (AFTER_ROWS - 1))
const HALF = 1 << (AFTER_COLUMNS - 1)

const VALUES = new Int32Array(COEFFICIENTS)

/** Computes the samples of a row of units. */
export function transformBlocks(plane: Plane, row: number): void {
  const { v, columns, rows, stride, extents, blockWidth, blockHeight } = plane
  const width = columns * blockWidth
  const first = row * v
  const last = Math.min(first + v, rows)
  for (let y = first; y < last; y++) {
    for (let x = 0; x < columns; x++) {
      const block = (y - first) * stride + x
      const to = y * blockHeight * width + x * blockWidth
      if (extents[block] === 0) fillBlock(plane, block, to, width)
      else transformBlock(plane, block, to, width)
    }
  }
}

/** A block without variation. */
function fillBlock(
  { coefficients, quantisation, samples, blockWidth, blockHeight }: Plane,
  block: number,
  to: number,
  width: number,
) {
  const value = Math.imul(coefficients[block * COEFFICIENTS], quantisation[0])
  const level = clamp(((value + 4) >> 3) + 128)
  for (let y = 0; y < blockHeight; y++, to += width) for (let x = 0; x < blockWidth; x++) samples[to + x] = level
}

function transformBlock(plane: Plane, block: number, to: number, width: number): void {
  const { coefficients, quantisation, samples, blockWidth, blockHeight } = plane
  const from = block * COEFFICIENTS
  const values = VALUES
  for (let k = 0; k < COEFFICIENTS; k++) values[k] = Math.imul(coefficients[from + k], quantisation[k])
  for (let x = 0; x < 8; x++) {
    // columns whose mean is 0 are not needed
    if (blockWidth === 4 ? x === 4 : blockWidth === 2 && x > 0 && (x & 1) === 0) continue
    if (blockHeight === 8) eight(values, x, 8, HALF, AFTER_COLUMNS)
    else if (blockHeight === 4) four(values, x, 8, HALF, AFTER_COLUMNS)
    else two(values, x, 8, HALF, AFTER_COLUMNS)
  }
  for (let y = 0; y < blockHeight; y++, to += width) {
    const row = 8 * y
    if (blockWidth === 8) eight(values, row, 1, MIDDLE, AFTER_ROWS)
    else if (blockWidth === 4) four(values, row, 1, MIDDLE, AFTER_ROWS)
    else two(values, row, 1, MIDDLE, AFTER_ROWS)
    for (let x = 0; x < blockWidth; x++) samples[to + x] = clamp(values[row + x])
  }
}

function clamp(level: number): number {
  return level < 0 ? 0 : level > 255 ? 255 : level
}

/**
 * This and the next two: values[at], values[at + step] ... of 8 coefficients become 8, 4 or 2 samples in place.
 * @param bias added before the shift
 */
function eight(values: Int32Array, at: number, step: number, bias: number, shift: number): void {
  const a0 = values[at]
  const a1 = values[at + step]
  const a2 = values[at + 2 * step]
  const a3 = values[at + 3 * step]
  const a4 = values[at + 4 * step]
  const a5 = values[at + 5 * step]
  const a6 = values[at + 6 * step]
  const a7 = values[at + 7 * step]

  const z1 = Math.imul(a2 + a6, 4433)
  const t2 = z1 - Math.imul(a6, 15137)
  const t3 = z1 + Math.imul(a2, 6270)
  const t0 = ((a0 + a4) << UNIT) + bias
  const t1 = ((a0 - a4) << UNIT) + bias
  const e0 = t0 + t3
  const e3 = t0 - t3
  const e1 = t1 + t2
  const e2 = t1 - t2

  const z5 = Math.imul(a7 + a3 + a5 + a1, 9633)
  const y1 = Math.imul(a7 + a1, -7373)
  const y2 = Math.imul(a5 + a3, -20995)
  const y3 = Math.imul(a7 + a3, -16069) + z5
  const y4 = Math.imul(a5 + a1, -3196) + z5
  const o3 = Math.imul(a7, 2446) + y1 + y3
  const o2 = Math.imul(a5, 16819) + y2 + y4
  const o1 = Math.imul(a3, 25172) + y2 + y3
  const o0 = Math.imul(a1, 12299) + y1 + y4

  values[at] = (e0 + o0) >> shift
  values[at + step] = (e1 + o1) >> shift
  values[at + 2 * step] = (e2 + o2) >> shift
  values[at + 3 * step] = (e3 + o3) >> shift
  values[at + 4 * step] = (e3 - o3) >> shift
  values[at + 5 * step] = (e2 - o2) >> shift
  values[at + 6 * step] = (e1 - o1) >> shift
  values[at + 7 * step] = (e0 - o0) >> shift
}

/** Sample k is a0 + sum over u of sqrt(2) cos((2k + 1) u pi / 8) cos(u pi / 16) a_u. */
function four(values: Int32Array, at: number, step: number, bias: number, shift: number): void {
  const a0 = (values[at] << UNIT) + bias
  const a1 = values[at + step]
  const a3 = values[at + 3 * step]
  const a5 = values[at + 5 * step]
  const a7 = values[at + 7 * step]
  const even = Math.imul(values[at + 2 * step], 7568) - Math.imul(values[at + 6 * step], 3135)
  const outer = Math.imul(a1, 10498) + Math.imul(a3, 3686) - Math.imul(a5, 2463) - Math.imul(a7, 2088)
  const inner = Math.imul(a1, 4348) - Math.imul(a3, 8900) + Math.imul(a5, 5946) - Math.imul(a7, 865)
  values[at] = (a0 + even + outer) >> shift
  values[at + step] = (a0 - even + inner) >> shift
  values[at + 2 * step] = (a0 - even - inner) >> shift
  values[at + 3 * step] = (a0 + even - outer) >> shift
}

/** Sample k is a0 + sum over u of sqrt(2) cos((2k + 1) u pi / 4) cos(u pi / 8) cos(u pi / 16) a_u. */
function two(values: Int32Array, at: number, step: number, bias: number, shift: number): void {
  const a0 = (values[at] << UNIT) + bias
  const odd =
    Math.imul(values[at + step], 7423) -
    Math.imul(values[at + 3 * step], 2607) +
    Math.imul(values[at + 5 * step], 1742) -
    Math.imul(values[at + 7 * step], 1477)
  values[at] = (a0 + odd) >> shift
  values[at + step] = (a0 - odd) >> shift
}
