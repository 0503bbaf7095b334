/**
 * Digits at the borders between digits: of each digit, those that a shipped model answers rightly but takes most nearly for a certain
 * other one. Lies that move a border turn these first, long before digits of other people are answered wrongly; so the gate counts them
 * for each pair of digits. They are generated, and chosen beforehand for each shipped model; a choice is their numbers.
 */

import { CLASSES, PIXELS } from '../data/dataset.ts'
import { InputError } from '../errors.ts'
import type { Model } from '../models/model.ts'
import { digitProbabilities } from '../models/verdict.ts'
import { preprocess } from '../preprocess.ts'
import { rasterizeStrokes } from '../strokes.ts'
import { styledDigit } from '../synthetic/styles.ts'
import type { ReplaySet } from './replay-set.ts'

/** Digits that can be chosen: the first so many of the generator's, beyond those that are replayed, and digits in many styles. */
export const CANDIDATES = { generated: 131_072, styled: 32_768 } as const

/** First of the generator's numbers that can be chosen: rounds replay those below it. */
const FIRST_GENERATED = 16_384

/** Seed of the digits in styles. No set for training or testing has it. */
const STYLES_SEED = 0x5b1d_e204

/** Digits of a pair, of each kind, at most: those that are chosen, and those that are found. */
const [PER_PAIR, FOUND] = [24, 72]

/** Probability of the other digit: below the least there is no border worth guarding, above the most any change turns the digit. */
const [LEAST, MOST] = [0.05, 0.45]

/** Digits drawn per call of `draw`. */
const PIECE = 50

/** Chosen digits, as the gate asks about them. */
export interface BorderDigits {
  readonly images: Uint8Array // [n, 784]
  readonly labels: Uint8Array // [n], 0..9
  readonly rivals: Uint8Array // [n], 0..9, what each is nearly taken for
}

/** The numbers of the chosen digits, and of each pair how many there are. */
export interface BorderChoice {
  /** Numbers [n], by pair: digit 0 and its rivals 1 to 9 first. Those from CANDIDATES.generated on are digits in styles. */
  readonly numbers: Uint32Array
  readonly counts: Uint8Array // [10 * 10], of digit * 10 + rival
}

/** Draws candidates: their images, and their digits. */
export interface BorderSource {
  /**
   * @param target [784], written
   * @returns the digit, or undefined where preprocessing refuses the drawing
   */
  draw(target: Uint8Array, number: number): number | undefined
}

/** @param generator draws the generator's digits; not a replay set of a data set */
export function createBorderSource(generator: Pick<ReplaySet, 'draw'>): BorderSource {
  return {
    draw(target, number) {
      if (number < CANDIDATES.generated) return generator.draw(target, FIRST_GENERATED + number)
      const { label, strokes, pen } = styledDigit(STYLES_SEED, number - CANDIDATES.generated)
      try {
        target.set(preprocess(rasterizeStrokes(strokes, pen)))
        return label
      } catch (error) {
        if (error instanceof InputError) return undefined
        throw error
      }
    },
  }
}

/** A digit that may be chosen. */
export interface BorderCandidate {
  readonly number: number
  readonly label: number // 0..9
  readonly rival: number // 0..9
  readonly p: number // 0..1, probability of the rival
}

/**
 * The candidates of a model, of each pair and kind the nearest to the border first: some more than are chosen, so that those that turn
 * whatever is learned can be left out. This asks the model about every candidate.
 */
export function findBorder(model: Pick<Model, 'scores'>, source: BorderSource): BorderCandidate[] {
  const image = new Uint8Array(PIXELS)
  const nearest = Array.from({ length: CLASSES * CLASSES }, (): BorderCandidate[][] => [[], []])
  for (let number = 0; number < CANDIDATES.generated + CANDIDATES.styled; number++) {
    const label = source.draw(image, number)
    if (label === undefined) continue
    const probabilities = digitProbabilities(model.scores(image))
    if (probabilities.some((p) => p > probabilities[label])) continue
    for (const [rival, p] of probabilities.entries()) {
      if (rival === label || p < LEAST || p > MOST) continue
      const list = nearest[label * CLASSES + rival][number < CANDIDATES.generated ? 0 : 1]
      list.push({ number, label, rival, p })
      list.sort((a, b) => b.p - a.p || a.number - b.number)
      if (list.length > FOUND) list.pop()
    }
  }
  return nearest.flat(2)
}

/** Of each pair and kind the first PER_PAIR. @param candidates as `findBorder` gives them, or some of these in their order */
export function chooseBorder(candidates: readonly BorderCandidate[]): BorderChoice {
  const pairs = Array.from({ length: CLASSES * CLASSES }, (): number[][] => [[], []])
  for (const { number, label, rival } of candidates) {
    const list = pairs[label * CLASSES + rival][number < CANDIDATES.generated ? 0 : 1]
    if (list.length < PER_PAIR) list.push(number)
  }
  const chosen = pairs.map((kinds) => kinds.flat().sort((a, b) => a - b))
  return {
    numbers: Uint32Array.from(chosen.flat()),
    counts: Uint8Array.from(chosen, (numbers) => numbers.length),
  }
}

/** Draws the digits of a choice, some at a time. */
export function drawBorder({ numbers, counts }: BorderChoice, source: BorderSource) {
  const digits: BorderDigits = {
    images: new Uint8Array(numbers.length * PIXELS),
    labels: new Uint8Array(numbers.length),
    rivals: new Uint8Array(numbers.length),
  }
  for (let pair = 0, i = 0; pair < counts.length; pair++) {
    for (const end = i + counts[pair]; i < end; i++) {
      digits.labels[i] = Math.floor(pair / CLASSES)
      digits.rivals[i] = pair % CLASSES
    }
  }
  let done = 0
  return {
    digits,
    /** Draws the next ones; false when all are there. */
    draw(): boolean {
      if (done === numbers.length) return false
      for (const end = Math.min(numbers.length, done + PIECE); done < end; done++) {
        source.draw(digits.images.subarray(done * PIXELS, (done + 1) * PIXELS), numbers[done])
      }
      return true
    },
  }
}

/** A choice as bytes: the 100 counts, then of each number its distance from the one before in the pair, 7 bits to a byte. */
export function packBorder({ numbers, counts }: BorderChoice): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [...counts]
  for (let pair = 0, i = 0; pair < counts.length; pair++) {
    let before = 0
    for (const end = i + counts[pair]; i < end; i++) {
      let distance = numbers[i] - before
      for (; distance > 127; distance >>>= 7) bytes.push(128 | (distance & 127))
      bytes.push(distance)
      before = numbers[i]
    }
  }
  return Uint8Array.from(bytes)
}

/** @throws RangeError when the bytes are no choice */
export function unpackBorder(bytes: Uint8Array): BorderChoice {
  const counts = bytes.slice(0, CLASSES * CLASSES)
  const numbers = new Uint32Array(counts.reduce((sum, count) => sum + count, 0))
  let [at, i] = [counts.length, 0]
  for (const count of counts) {
    let number = 0
    for (const end = i + count; i < end; i++) {
      let [distance, shift] = [0, 0]
      for (; bytes[at] > 127 && shift < 21; shift += 7) distance |= (bytes[at++] & 127) << shift
      number += distance | ((bytes[at++] & 127) << shift)
      numbers[i] = number
    }
  }
  if (
    counts.length !== CLASSES * CLASSES ||
    at !== bytes.length ||
    numbers.some((number) => number >= CANDIDATES.generated + CANDIDATES.styled)
  ) {
    throw new RangeError('these bytes are no choice of digits at borders')
  }
  return { numbers, counts }
}
