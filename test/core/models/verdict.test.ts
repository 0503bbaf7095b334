/** From scores to answers with a verdict, counts of verdicts, and the choice of the threshold. */

import { describe, expect, test } from 'vitest'
import { parseCard } from '../../../core/models/card.ts'
import { evaluateModel } from '../../../core/models/evaluation.ts'
import { digitProbabilities, judge, sureOf } from '../../../core/models/verdict.ts'
import { chooseSure, countVerdicts, turnedAway } from '../../../core/models/verdict-counts.ts'

/** Eleven scores: `best` for a digit, `other` for no digit, and the rest alike. */
function scoresOf(digit: number, best: number, other: number): Float32Array {
  const rest = (1 - best - other) / 9
  return Float32Array.from({ length: 11 }, (_, c) => (c === digit ? best : c === 10 ? other : rest))
}

describe('an answer', () => {
  test('of ten scores keeps them, bit for bit, and is never "not a digit"', () => {
    const scores = Float32Array.from({ length: 10 }, (_, c) => (c === 4 ? 0.46 : 0.06))
    expect(digitProbabilities(scores)).toBe(scores)
    expect(judge(scores, 0.5)).toMatchObject({ digit: 4, confidence: scores[4], other: 0, verdict: 'unsure' })
    expect(judge(scores, 0.4).verdict).toBe('digit')
    expect(sureOf({})).toBe(0.5)
  })

  test('of eleven scores has ten probabilities with sum 1 in the ratios of the scores', () => {
    const { probabilities, digit, confidence, score, other } = judge(scoresOf(7, 0.4, 0.2), 0.5)
    expect([digit, probabilities.length]).toEqual([7, 10])
    expect(probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 6)
    expect(confidence).toBeCloseTo(0.5, 6)
    expect([score, other]).toEqual([Math.fround(0.4), Math.fround(0.2)])
  })

  test('is "not a digit" where that has the largest score, "unsure" below the threshold, else a digit', () => {
    const verdicts = [0.46, 0.45, 0.44].map((other) => judge(scoresOf(3, 0.45, other), 0.4).verdict)
    expect(verdicts).toEqual(['not-a-digit', 'digit', 'digit'])
    expect(judge(scoresOf(3, 0.45, 0.4), 0.5).verdict).toBe('unsure')
  })

  test('has ten equal probabilities where no digit has a score', () => {
    const none = Float32Array.from({ length: 11 }, (_, c) => (c === 10 ? 1 : 0))
    const { probabilities, verdict } = judge(none, 0.5)
    expect([...probabilities]).toEqual(Array(10).fill(Math.fround(0.1)))
    expect(verdict).toBe('not-a-digit')
  })
})

/** The evaluation of drawings with these scores. */
function evaluated(rows: readonly { label: number; scores: Float32Array }[], refused: number[] = []) {
  const images = Uint8Array.from({ length: rows.length * 784 }, (_, i) => Math.floor(i / 784) & 255)
  const labels = Uint8Array.from(rows, ({ label }) => label)
  let next = 0
  const asked = rows.filter((_, i) => !refused.includes(i))
  const set = { images, labels, count: rows.length, refused }
  return { labels, evaluation: evaluateModel({ scores: () => asked[next++].scores }, set) }
}

describe('an evaluation with drawings that are no digits', () => {
  const { evaluation, labels } = evaluated(
    [
      { label: 1, scores: scoresOf(1, 0.95, 0.01) },
      { label: 2, scores: scoresOf(3, 0.5, 0.1) },
      { label: 4, scores: scoresOf(4, 0.2, 0.7) },
      { label: 10, scores: scoresOf(5, 0.01, 0.98) },
      { label: 10, scores: scoresOf(5, 0.95, 0.04) },
      { label: 10, scores: scoresOf(5, 0.3, 0.25) },
      { label: 10, scores: scoresOf(5, 1, 0) },
    ],
    [6],
  )

  test('has accuracy, confusion and calibration of the digits among themselves, and the loss of everything', () => {
    expect([evaluation.images, evaluation.digits, evaluation.correct]).toEqual([7, 3, 2])
    expect(evaluation.accuracy).toBe(2 / 3)
    expect(evaluation.confusion).toHaveLength(10)
    expect(evaluation.confusion[2][3]).toBe(1)
    expect(evaluation.calibration.bins.reduce((sum, { images }) => sum + images, 0)).toBe(3)
    const losses = [0.95, 0.4 / 9, 0.2, 0.98, 0.04, 0.25].map((p) => -Math.log(p))
    expect(evaluation.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss) / 6, 5)
  })

  test('counts digits turned away, others turned away, and confident wrong answers', () => {
    const { digits, others } = countVerdicts(evaluation, labels, 0.6)
    expect(digits).toEqual({ images: 3, digit: 1, unsure: 1, notADigit: 1, refused: 0, confident: 1 })
    expect(others).toEqual({ images: 4, digit: 1, unsure: 1, notADigit: 1, refused: 1, confident: 1 })
    expect([turnedAway(digits), turnedAway(others)]).toEqual([2 / 3, 3 / 4])
  })
})

describe('the threshold', () => {
  // 1,000 digits, whose scores are 0.5 to 0.9995
  const rows = Array.from({ length: 1000 }, (_, i) => ({ label: i % 10, scores: scoresOf(i % 10, 0.5 + i / 2000, 0) }))
  const taken = (count: number) =>
    rows.map((row, i) => (i >= 1000 - count ? { label: row.label, scores: scoresOf(row.label, 0.1, 0.8) } : row))

  test('is the largest with which 0.6 % of the digits are turned away', () => {
    const { evaluation, labels } = evaluated(rows)
    const sure = chooseSure(evaluation, labels)
    expect(turnedAway(countVerdicts(evaluation, labels, sure).digits)).toBe(0.006)
    expect(turnedAway(countVerdicts(evaluation, labels, sure + 0.0002).digits)).toBe(0.007)
  })

  test('counts digits that are taken for none, and is lowest where those are more', () => {
    const some = evaluated(taken(4))
    const sure = chooseSure(some.evaluation, some.labels)
    expect(turnedAway(countVerdicts(some.evaluation, some.labels, sure).digits)).toBe(0.006)
    const many = evaluated(taken(7))
    expect(chooseSure(many.evaluation, many.labels)).toBe(0.2)
  })

  test('in a card must be 0 to 1', () => {
    const card = (sure: unknown) => ({
      format: 1,
      id: 'm',
      name: 'm',
      kind: 'm',
      licence: 'MIT',
      version: 1,
      parameters: 1,
      preprocess: 1,
      weights: { file: 'w', sha256: '0'.repeat(64), bytes: 1 },
      test: { accuracy: 1 },
      type: 'network',
      layers: [{ type: 'dense', inputs: 784, outputs: 11 }],
      verdict: { sure },
    })
    expect(() => parseCard(card(0.7))).not.toThrow()
    for (const sure of [undefined, '0.7', -0.1, 1.1]) expect(() => parseCard(card(sure))).toThrow('verdict.sure')
  })
})
