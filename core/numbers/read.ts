/**
 * Reads a number: its drawing is cut into more pieces than it has digits, a model is asked about neighbouring pieces together, and the
 * best way from the first to the last piece is the number (over-segmentation; LeCun, Bottou, Bengio, Haffner 1998, section V).
 */

import { CLASSES } from '../data/dataset.ts'
import { InputError } from '../errors.ts'
import { findDrawing, inputOf } from '../preprocess.ts'
import { inkLines } from './ink-pieces.ts'
import { bestPath, type Candidate } from './path.ts'
import { around, type DigitDrawing, type PieceBox, type PieceLine } from './pieces.ts'
import { features, type PieceAnswer, weigh } from './score.ts'
import { strokeLines } from './stroke-pieces.ts'

/** Digits of a number, at most. */
export const MAX_DIGITS = 24

/** Pieces that one digit may have, and its width, in heights of a digit. The whole drawing may be one digit whatever its size. */
const MAX_SPAN = 14
const MAX_WIDTH = 1.6

/** Questions to the model in one piece of work. */
const TURN = 8

/** Pieces of all lines, at most: it bounds how often the model is asked. */
const MAX_PIECES = 160

/** One digit of a number. */
export interface ReadDigit<Kind extends PieceAnswer> {
  readonly digit: number // 0..9
  readonly answer: Kind
  readonly box: PieceBox
  readonly line: number // 0 for the first
  readonly input: Uint8Array // [784]
  readonly drawing: () => DigitDrawing
}

/** Pieces of a line that the model was asked about. */
export interface Asked<Kind extends PieceAnswer> extends Candidate {
  readonly digit: number
  readonly answer: Kind
  readonly input: Uint8Array
}

/**
 * The lines of a drawing.
 * @throws InputError 422 as `preprocess` and `rasterizeStrokes`; too_many_parts
 */
export function linesOf(drawing: DigitDrawing): PieceLine[] {
  if ('strokes' in drawing) return strokeLines(drawing.strokes)
  const ink = findDrawing(drawing.raster)
  const lines = inkLines(ink)
  if (lines.length === 0) inputOf(ink) // says why
  return lines
}

/**
 * The digits of a drawing in reading order. It yields after each TURN questions to the model.
 * @param ask the model: [784] to its answer
 * @throws InputError 422 too_little_ink, too_many_digits
 */
export function* readLines<Kind extends PieceAnswer>(
  lines: readonly PieceLine[],
  ask: (input: Uint8Array) => Kind,
): Generator<void, ReadDigit<Kind>[]> {
  const pieces = lines.reduce((sum, { boxes }) => sum + boxes.length, 0)
  if (pieces > MAX_PIECES) throw tooMany()
  const digits: ReadDigit<Kind>[] = []
  for (const [number, line] of lines.entries()) {
    const asked = yield* askAll(line, ask)
    const path = bestPath(asked, line.boxes.length)
    if (!path)
      throw new InputError(422, 'too_little_ink', 'Found no digit: parts of the drawing are only dots or specks')
    for (const { from, to, digit, answer, input } of path) {
      const box = around(line.boxes.slice(from, to))
      digits.push({ digit, answer, box, line: number, input, drawing: () => line.drawing(from, to) })
    }
  }
  if (digits.length > MAX_DIGITS) throw tooMany()
  return digits
}

/** Asks about all neighbouring pieces that may be a digit. */
export function* askAll<Kind extends PieceAnswer>(
  line: PieceLine,
  ask: (input: Uint8Array) => Kind,
): Generator<void, Asked<Kind>[]> {
  const { boxes, height } = line
  const asked: Asked<Kind>[] = []
  for (let from = 0; from < boxes.length; from++) {
    for (let to = from + 1; to <= boxes.length; to++) {
      const whole = from === 0 && to === boxes.length
      const fits = to - from <= MAX_SPAN && around(boxes.slice(from, to)).width <= height * MAX_WIDTH
      if (!whole && !fits) continue
      const input = inputOrRefusal(line, from, to)
      if (input instanceof InputError) {
        if (whole && boxes.length === 1) throw input
        continue
      }
      const answer = ask(input)
      let digit = 0
      for (let k = 1; k < CLASSES; k++) if (answer.probabilities[k] > answer.probabilities[digit]) digit = k
      asked.push({ from, to, digit, answer, input, score: weigh(features(line, from, to, digit, answer)) })
      if (asked.length % TURN === 0) yield
    }
  }
  return asked
}

function inputOrRefusal(line: PieceLine, from: number, to: number): Uint8Array | InputError {
  try {
    return line.input(from, to)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

function tooMany(): InputError {
  return new InputError(
    422,
    'too_many_digits',
    `Found more than ${MAX_DIGITS} digits, which is as many as one number may have`,
  )
}
