/**
 * Lines on the paper that are as dark as the drawing: thinner than its strokes, they vanish in a morphological opening (Serra 1982).
 * Lines as wide as the strokes cannot be told from them.
 */

import { InputError } from '../errors.ts'
import { type Amounts, judgeAmounts, thresholds } from './levels.ts'
import { findCrossings } from './outline.ts'

/** Stretches of the outline that make lines: no digit reaches it as often. */
export const LINES = 8

/** Width of a line, as a share of the picture's longer side, at most. */
const WIDTH_SHARE = 1 / 40

/** Share of the ink's full amount that the drawing must keep, 0..1. */
const KEPT = 0.6

/**
 * The amounts without dark lines; the same if there are none.
 * @param print largest amount of fainter print, 0..255
 * @throws InputError 422 no_background where lines are as dark and as wide as the drawing
 */
export function removeDarkLines(amounts: Amounts, width: number, height: number, print: number): Amounts {
  const least = Math.max(thresholds(amounts).solid, print + 1)
  const { length } = findCrossings(amounts.amount, width, height, least)
  if (length.length < LINES) return amounts
  const side = length.slice().sort()[Math.floor(length.length * 0.8)]
  if (side <= Math.max(width, height) * WIDTH_SHARE) {
    open(amounts.amount, width, height, side + 1)
    const levels = new Uint32Array(256)
    for (const v of amounts.amount) levels[v]++
    const opened = { ...judgeAmounts(amounts.amount, levels, width, height), noise: amounts.noise }
    const rest = findCrossings(opened.amount, width, height, least).length.length
    if (opened.full >= amounts.full * KEPT && rest < LINES / 2) return opened
  }
  throw new InputError(
    422,
    'no_background',
    `Got ${length.length} lines across the paper, as dark and as wide as the drawing: expected plain paper`,
  )
}

/** Every pixel becomes the least within a box of `side` px, and then the largest. */
function open(amount: Uint8Array, width: number, height: number, side: number): void {
  const line = new Uint8Array(Math.max(width, height))
  const before = side >> 1
  const after = side - 1 - before
  for (let y = 0; y < height; y++) extremes(amount, y * width, 1, width, before, after, -1, line)
  for (let x = 0; x < width; x++) extremes(amount, x, width, height, before, after, -1, line)
  for (let y = 0; y < height; y++) extremes(amount, y * width, 1, width, after, before, 1, line)
  for (let x = 0; x < width; x++) extremes(amount, x, width, height, after, before, 1, line)
}

/** Along `count` values that lie `step` apart, from `before` values back to `after` on: the largest, or the least if `sign` is -1. */
function extremes(
  amount: Uint8Array,
  start: number,
  step: number,
  count: number,
  before: number,
  after: number,
  sign: 1 | -1,
  line: Uint8Array,
): void {
  for (let k = 0; k < count; k++) line[k] = amount[start + k * step]
  for (let k = 0; k < count; k++) {
    // beyond the picture there is paper, so that a line along its edge vanishes too
    let best = sign < 0 && (k < before || k + after >= count) ? 0 : line[k]
    const last = Math.min(count - 1, k + after)
    for (let j = Math.max(0, k - before); j <= last; j++) {
      if (sign > 0 ? line[j] > best : line[j] < best) best = line[j]
    }
    amount[start + k * step] = best
  }
}
