/** Numbers composed of single digits: the same for everyone, and as near to each other as they are said to be. */

import { describe, expect, it } from 'vitest'
import { composeNumber, drawNumber, SPACINGS } from '../../../core/synthetic/numbers.ts'
import { DRAWN } from '../numbers/drawn.ts'

const DIGITS = Object.entries(DRAWN).flatMap(([label, strokes]) =>
  ['a', 'b'].map((writer) => ({ label: Number(label), writer, strokes })),
)

describe.each(SPACINGS)('%s numbers', (spacing) => {
  const numbers = Array.from({ length: 20 }, (_, k) => composeNumber(DIGITS, spacing, 7, k))

  it('are the same whenever they are composed, and have 2 to 6 digits', () => {
    expect(composeNumber(DIGITS, spacing, 7, 5)).toEqual(numbers[5])
    expect(new Set(numbers.map(({ text }) => text)).size).toBeGreaterThan(10)
    for (const { text } of numbers) expect(text).toMatch(/^\d{2,6}$/)
  })

  it('have their strokes apart, touching, or joined in one', () => {
    for (const { text, strokes, pen } of numbers) {
      const given = [...text].reduce((sum, digit) => sum + DRAWN[digit].length, 0)
      expect(strokes).toHaveLength(spacing === 'joined' ? given - text.length + 1 : given)
      if (spacing === 'spaced') {
        const { width } = drawNumber({ text, strokes, pen, height: 100 })
        expect(width).toBeGreaterThan(text.length * 30)
      }
    }
  })
})

describe('the picture of a number', () => {
  it('has as many pieces of ink as strokes that are spaced, and paper on its border', () => {
    const { data, width, height } = drawNumber(composeNumber(DIGITS, 'touching', 7, 1))
    expect(data).toHaveLength(width * height)
    expect(Math.min(...data)).toBe(0)
    for (let x = 0; x < width; x++) expect([data[x], data[(height - 1) * width + x]]).toEqual([255, 255])
    for (let y = 0; y < height; y++) expect([data[y * width], data[(y + 1) * width - 1]]).toEqual([255, 255])
  })
})
