/** How well pieces of a line make one digit: what a model answers to them, and whether they have the place and shape of a digit. */

import { CLASSES } from '../data/dataset.ts'
import type { PieceLine, PiecePart } from './pieces.ts'

/** What a model answers to some pieces. */
export interface PieceAnswer {
  readonly probabilities: ArrayLike<number> // [10], of the digits among themselves, sum 1
  readonly other?: number | undefined // 0..1, that they are no digit; undefined where the model has no answer to that
}

/** Mean of width by height, as a logarithm, of each digit, and its deviation: of pendigits' training part, with a pen. */
const SHAPES: readonly (readonly [number, number])[] = [
  [-0.13, 0.2],
  [-0.73, 0.45],
  [-0.18, 0.24],
  [-0.42, 0.17],
  [-0.54, 0.24],
  [-0.21, 0.2],
  [-0.56, 0.18],
  [-0.39, 0.22],
  [-0.55, 0.2],
  [-0.47, 0.21],
]

/**
 * The weight of each feature, for models that say when there is no digit, and for those that know digits only. Fitted to numbers
 * composed of pendigits' training part, with a cnn (tools/fit-numbers.ts); but gaps, which these numbers hardly have, count more.
 */
const WEIGHTS: readonly number[] = [
  0.88, 0.69, -1.23, -0.15, -1.8, -2.98, 0.28, -3, -1.36, -0.27, -1.12, -2.18, 0.13, -0.54, 0.12,
]
const WEIGHTS_DIGITS_ONLY: readonly number[] = [
  -1.23, 1, -0.5, -0.28, -3.6, -6.44, 0.23, -4, -3.05, -0.61, -1.48, -3.57, 0.82, -0.84, 0,
]

/** Gaps count whole from this part of a digit's height on: 1 / GAP. */
const GAP = 10

/** Features of a part of a line that ends before piece `to`, as a digit; the weighted sum over all digits of a number is its score. */
export function features(
  { count, cuts, lefts, height, pen }: PieceLine,
  to: number,
  { box, gaps, whole }: PiecePart,
  digit: number,
  { probabilities, other }: PieceAnswer,
): number[] {
  const log = (p: number): number => Math.max(-7, Math.log(p))
  const [mean, deviation] = SHAPES[digit]
  const shape = (Math.log((box.width + pen) / (box.height + pen)) - mean) / deviation
  const inside = gaps.reduce((sum, gap) => sum + Math.min(1, Math.max(0, ((gap - pen) * GAP) / height)), 0)
  const last = to === count
  const cut = last ? 0 : cuts[to - 1]
  const overlap = last ? 0 : Math.max(0, box.left + box.width - lefts[to])
  let second = 0
  for (let k = 0; k < CLASSES; k++) if (k !== digit && probabilities[k] > second) second = probabilities[k]
  const [width, high] = [(box.width + pen) / height, (box.height + pen) / height]
  return [
    log(probabilities[digit]),
    log(1 - (other ?? 0)),
    1,
    Math.min(9, shape * shape),
    Math.max(0, width - 0.9),
    Math.max(0, 0.7 - high),
    Math.min(4, cut),
    Math.min(3, inside),
    Math.min(1, overlap / height),
    log(second),
    digit === 1 ? 1 : 0,
    cut > 0 ? 1 : 0,
    Math.max(0, high - 1.2),
    digit === 1 ? 0 : Math.max(0, 0.4 - width),
    whole ? 1 : 0,
  ]
}

/** The score of features. @param knowsOther whether the model says when there is no digit */
export function weigh(values: readonly number[], knowsOther: boolean): number {
  const weights = knowsOther ? WEIGHTS : WEIGHTS_DIGITS_ONLY
  return values.reduce((sum, value, k) => sum + value * weights[k], 0)
}
