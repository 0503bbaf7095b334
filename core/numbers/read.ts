/**
 * Reads a number: its drawing is cut into more pieces than it has digits, a model is asked about neighbouring pieces together, and the
 * best way from the first to the last piece is the number (over-segmentation; LeCun, Bottou, Bengio, Haffner 1998, section V).
 */

import { CLASSES } from '../data/dataset.ts'
import { InputError } from '../errors.ts'
import { findDrawing, inputOf } from '../preprocess.ts'
import type { Recognition } from '../recognizer.ts'
import { inkLines } from './ink-pieces.ts'
import { bestPath, type Candidate } from './path.ts'
import type { DigitDrawing, PieceBox, PieceLine, PiecePart } from './pieces.ts'
import { features, type PieceAnswer, weigh } from './score.ts'
import { strokeLines } from './stroke-pieces.ts'
import { meanRecognition, variantsOf } from './variants.ts'

/** Digits of a number, at most. */
export const MAX_DIGITS = 24

/** Pieces that one digit may have, and its width, in heights of a digit. The whole drawing may be wider, and of any size where no other way to read it is found. */
const MAX_SPAN = 14
const MAX_WIDTH = 1.6
const MAX_WHOLE = 2.4

/** Questions to the model about small parts in one piece of work; large ones count more. */
const TURN = 8

/** Pieces of all lines, and questions to the model about a line, at most. */
const MAX_PIECES = 120
const MAX_QUESTIONS = 900

/** Digits that the model gives less than this are looked at again, 0..1. */
const CERTAIN = 0.99

/** One digit of a number. */
export interface ReadDigit {
  readonly answer: Recognition
  readonly box: PieceBox
  readonly line: number // 0 for the first
  readonly input: Uint8Array // [784]
  readonly drawing: () => DigitDrawing
}

/** Pieces of a line that the model was asked about. */
export interface Asked<Kind extends PieceAnswer> extends Candidate {
  readonly part: PiecePart
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
 * @param sure the threshold of the model's card, see `sureOf`
 * @throws InputError 422 too_little_ink, too_many_digits, and what `ask` throws
 */
export function* readLines(
  lines: readonly PieceLine[],
  ask: (input: Uint8Array) => Recognition,
  sure?: number,
): Generator<void, ReadDigit[]> {
  const pieces = lines.reduce((sum, { count }) => sum + count, 0)
  if (pieces > MAX_PIECES) throw tooMany()
  const found: (Asked<Recognition> & { readonly line: number })[] = []
  for (const [number, line] of lines.entries()) {
    const asked = yield* askAll(line, ask)
    const path = bestPath(asked, line.count)
    if (!path)
      throw new InputError(422, 'too_little_ink', 'Found no digit: parts of the drawing are only dots or specks')
    for (const one of path) found.push({ ...one, line: number })
  }
  if (found.length > MAX_DIGITS) throw tooMany()
  const digits: ReadDigit[] = []
  for (const { part, answer: first, input, line } of found) {
    let answer = first
    // a digit by itself gets the answer of a prediction, whatever that is
    if (found.length > 1 && first.confidence < CERTAIN) {
      answer = meanRecognition([first, ...variantsOf(input).map(ask)], sure)
      yield
    }
    digits.push({ answer, box: part.box, line, input, drawing: part.drawing })
  }
  return digits
}

/** Reads a drawing in one go, as `linesOf` and `readLines` do in pieces. */
export function readAtOnce(drawing: DigitDrawing, ask: (input: Uint8Array) => Recognition, sure?: number): ReadDigit[] {
  const reading = readLines(linesOf(drawing), ask, sure)
  for (;;) {
    const { done, value } = reading.next()
    if (done) return value
  }
}

/** Asks about all neighbouring pieces that may be a digit. */
export function* askAll<Kind extends PieceAnswer>(
  line: PieceLine,
  ask: (input: Uint8Array) => Kind,
): Generator<void, Asked<Kind>[]> {
  const asked = yield* askUpTo(line, line.count === 1 ? Infinity : MAX_WHOLE, ask)
  return bestPath(asked, line.count) ? asked : yield* askUpTo(line, Infinity, ask)
}

/** @param widest that all pieces together may be as one digit, in heights of a digit */
function* askUpTo<Kind extends PieceAnswer>(
  line: PieceLine,
  widest: number,
  ask: (input: Uint8Array) => Kind,
): Generator<void, Asked<Kind>[]> {
  const { count, height } = line
  let work = 0
  const asked: Omit<Asked<Kind>, 'score'>[] = []
  // the same ink is between other cuts too, where its lines are whole
  const inputs = new Map<PiecePart, Uint8Array | InputError>()
  const answers = new Map<PiecePart, Kind>()
  for (let from = 0; from < count; from++) {
    for (let to = from + 1; to <= count; to++) {
      const whole = from === 0 && to === count
      if (to - from > MAX_SPAN && !whole) continue
      for (const part of [line.part(from, to), whole ? undefined : line.wholePart?.(from, to)]) {
        if (!part || part.box.width > height * (whole ? widest : MAX_WIDTH)) continue
        const input = inputs.get(part) ?? inputOrRefusal(part)
        inputs.set(part, input)
        if (input instanceof InputError) {
          if (whole && count === 1) throw input
          continue
        }
        if (asked.length === MAX_QUESTIONS) throw tooMany()
        const answer = answers.get(part) ?? ask(input)
        answers.set(part, answer)
        let digit = 0
        for (let k = 1; k < CLASSES; k++) if (answer.probabilities[k] > answer.probabilities[digit]) digit = k
        asked.push({ from, to, part, digit, answer, input })
        work += part.work
      }
      if (work >= TURN) {
        work = 0
        yield
      }
    }
  }
  // of a model that knows it, OTHER is nowhere quite impossible
  const knowsOther = asked.some(({ answer }) => (answer.other ?? 0) > 0)
  return asked.map((one) => ({
    ...one,
    score: weigh(features(line, one.to, one.part, one.digit, one.answer), knowsOther),
  }))
}

function inputOrRefusal(part: PiecePart): Uint8Array | InputError {
  try {
    return part.input()
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
