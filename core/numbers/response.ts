/** The shape of the answer to `POST /api/v1/read`, and what makes it of the digits that were read. */

import type { Timing } from '../protocol.ts'
import type { Recognition } from '../recognizer.ts'
import type { PieceBox } from './pieces.ts'
import type { ReadDigit } from './read.ts'

/** A number where all are digits; not a number where one is none; else unsure. */
export type NumberVerdict = 'number' | 'unsure' | 'not-a-number'

/** One digit of a number: the answer to it as to a drawing of its own. */
export interface DigitResponse extends Omit<Recognition, 'model' | 'version' | 'samples' | 'spread'> {
  readonly id: string // names this digit, for a later correction
  readonly line: number // 0 for the first
  readonly box: PieceBox // px of the picture, or units of the strokes
}

export interface ReadResponse {
  readonly model: string
  readonly version: number
  readonly text: string // the digits from left to right, with a line feed after each line but the last
  readonly verdict: NumberVerdict
  readonly digits: readonly DigitResponse[]
  readonly timing: Timing
}

/** The digits as text. */
export function textOf(digits: readonly Pick<ReadDigit, 'answer' | 'line'>[]): string {
  return digits
    .map(({ answer, line }, k) => (k > 0 && line > digits[k - 1].line ? `\n${answer.digit}` : `${answer.digit}`))
    .join('')
}

/** The verdict on all digits together. */
export function verdictOn(digits: readonly Pick<ReadDigit, 'answer'>[]): NumberVerdict {
  if (digits.some(({ answer }) => answer.verdict === 'not-a-digit')) return 'not-a-number'
  return digits.every(({ answer }) => answer.verdict === 'digit') ? 'number' : 'unsure'
}
