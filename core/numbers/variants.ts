/**
 * A second look at a digit: its input a little moved and a little slanted. The mean of the answers is right more often than a single one,
 * where that is unsure.
 */

import { CLASSES, OTHER, OUTPUTS, PIXELS, SIDE } from '../data/dataset.ts'
import { judge } from '../models/verdict.ts'
import type { Recognition } from '../recognizer.ts'

/** Moves of a variant: px to the right, px down, and px to the right per px up. */
const MOVES: readonly (readonly [number, number, number])[] = [
  [0, 0, 0.12],
  [0, 0, -0.12],
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
]

/** The variants of an input, [784] each, without the input itself. */
export function variantsOf(input: Uint8Array): Uint8Array[] {
  return MOVES.map(([right, down, slant]) => {
    const output = new Uint8Array(PIXELS)
    for (let y = 0; y < SIDE; y++) {
      const from = y - down
      if (from < 0 || from >= SIDE) continue
      const shift = right + slant * (SIDE / 2 - 0.5 - y)
      const whole = Math.floor(shift)
      const part = shift - whole
      for (let x = 0; x < SIDE; x++) {
        const at = x - whole
        const value = at >= 0 && at < SIDE ? input[from * SIDE + at] : 0
        const before = at >= 1 && at <= SIDE ? input[from * SIDE + at - 1] : 0
        output[y * SIDE + x] = Math.floor(value * (1 - part) + before * part + 0.5)
      }
    }
    return output
  })
}

/**
 * The mean of a model's answers.
 * @param sure the threshold of the model's card, 0..1
 */
export function meanRecognition(answers: readonly Recognition[], sure?: number): Recognition {
  const scores = new Float32Array(OUTPUTS)
  for (const { probabilities, other } of answers) {
    for (let k = 0; k < CLASSES; k++) scores[k] += ((1 - other) * probabilities[k]) / answers.length
    scores[OTHER] += other / answers.length
  }
  const { probabilities, digit, confidence, other, verdict } = judge(scores, sure)
  return { ...answers[0], digit, confidence, other, verdict, probabilities: [...probabilities] }
}
