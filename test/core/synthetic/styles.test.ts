import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { preprocess } from '../../../core/preprocess.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { boxOf, PENS } from '../../../core/synthetic/hand.ts'
import { ROUND_DIGITS } from '../../../core/synthetic/shapes/round.ts'
import { SQUARE_DIGITS } from '../../../core/synthetic/shapes/square.ts'
import { DRAWINGS_PER_WRITER, styledDigit } from '../../../core/synthetic/styles.ts'

const SOME = Array.from({ length: 4000 }, (_, index) => styledDigit(11, index))

test('the same seed and index give the same drawing, on every machine', () => {
  expect(styledDigit(11, 777)).toEqual(SOME[777])
  expect(styledDigit(12, 777)).not.toEqual(SOME[777])
  const digest = createHash('sha256').update(JSON.stringify(SOME.slice(0, 500)))
  expect(digest.digest('hex').slice(0, 16)).toMatchInlineSnapshot(`"c9b061cc12c71ec7"`)
})

test('twenty drawings in a row are by one writer, two of each digit', () => {
  for (let first = 0; first < SOME.length; first += DRAWINGS_PER_WRITER) {
    const drawings = SOME.slice(first, first + DRAWINGS_PER_WRITER)
    expect(new Set(drawings.map(({ writer }) => writer)).size).toBe(1)
    for (let label = 0; label < 10; label++)
      expect(drawings.filter((drawing) => drawing.label === label)).toHaveLength(2)
  }
  expect(new Set(SOME.map(({ writer }) => writer)).size).toBe(SOME.length / DRAWINGS_PER_WRITER)
})

test('a writer keeps most of his styles and his pen', () => {
  let same = 0
  let pens = 0
  for (let index = 0; index < SOME.length; index += DRAWINGS_PER_WRITER) {
    for (let label = 0; label < 10; label++) {
      const [first, second] = [SOME[index + label], SOME[index + label + 10]]
      if (first.style !== second.style) continue
      same++
      if (Math.abs((first.pen ?? 0) - (second.pen ?? 0)) <= 0.36 * Math.max(first.pen ?? 0, second.pen ?? 0)) pens++
    }
  }
  expect(same).toBeGreaterThan(SOME.length / 4) // half of all pairs
  expect(pens).toBe(same)
})

test('every style occurs, with its own name', () => {
  const shapes = ROUND_DIGITS.map((list, label) => [...list, ...SQUARE_DIGITS[label]])
  for (const [label, list] of shapes.entries()) {
    const names = new Set(SOME.filter((drawing) => drawing.label === label).map(({ style }) => style))
    expect([...names].sort()).toEqual(list.map(({ name }) => name).sort())
  }
})

test('drawings are whole px from 0 on, 24 to 300 of them long, of 1 to 400 points, and can be read', () => {
  for (const { strokes, pen } of SOME) {
    const points = strokes.flat()
    expect(points.length).toBeLessThanOrEqual(400)
    expect(points.flat().every((value) => Number.isInteger(value) && value >= 0 && value <= 300)).toBe(true)
    const { left, top, width, height } = boxOf(strokes)
    expect([left, top]).toEqual([0, 0])
    expect(Math.max(width, height)).toBeGreaterThanOrEqual(24)
    expect(pen).toBeGreaterThanOrEqual(PENS.thinnest)
    expect(pen).toBeLessThanOrEqual(PENS.thickest)
  }
  for (const { strokes } of SOME.slice(0, 200)) expect(preprocess(rasterizeStrokes(strokes))).toHaveLength(784)
})

test('a 0 in square lettering is at most 0.9 as wide as high, slant included: a square is no digit', () => {
  for (const { style, strokes } of SOME) {
    if (style !== 'square-ring') continue
    const { width, height } = boxOf(strokes)
    expect(width / height).toBeLessThan(0.9)
  }
})
