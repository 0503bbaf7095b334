import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { preprocess } from '../../../core/preprocess.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import type { SyntheticDrawing } from '../../../core/synthetic/drawing.ts'
import { PENS } from '../../../core/synthetic/hand.ts'
import { styledDigit } from '../../../core/synthetic/styles.ts'
import { variedDrawing } from '../../../core/synthetic/varied.ts'

const SEVEN: SyntheticDrawing = { label: 7, writer: 'w01', strokes: [[[10, 10], [60, 12], [35, 90]], [[30, 50], [55, 48]]] } // biome-ignore format: a drawing
const SOME = Array.from({ length: 1000 }, (_, index) => variedDrawing(styledDigit(5, index), 9, index))

test('the same seed and index give the same drawing, on every machine', () => {
  expect(variedDrawing(SEVEN, 1, 2)).toEqual(variedDrawing(SEVEN, 1, 2))
  expect(variedDrawing(SEVEN, 1, 3)).not.toEqual(variedDrawing(SEVEN, 1, 2))
  const digest = createHash('sha256').update(JSON.stringify(SOME.slice(0, 500)))
  expect(digest.digest('hex').slice(0, 16)).toMatchInlineSnapshot(`"69f7435ee06d5fab"`)
})

test('label and writer stay, and the drawing that was given', () => {
  const before = JSON.stringify(SEVEN)
  const { label, writer } = variedDrawing(SEVEN, 1, 1)
  expect({ label, writer }).toEqual({ label: 7, writer: 'w01' })
  expect(JSON.stringify(SEVEN)).toBe(before)
})

test('size and place of the drawing make no difference but for rounding', () => {
  const larger = {
    ...SEVEN,
    strokes: SEVEN.strokes.map((stroke) => stroke.map(([x, y]) => [x * 8 + 64, y * 8 - 512] as const)),
  }
  expect(variedDrawing(larger, 1, 5)).toEqual(variedDrawing(SEVEN, 1, 5))
})

test('points are whole px from 0 to 300, and every drawing can be read', () => {
  for (const { strokes, pen } of SOME) {
    expect(strokes.flat(2).every((value) => Number.isInteger(value) && value >= 0 && value <= 300)).toBe(true)
    expect(strokes.every((stroke) => stroke.length > 0)).toBe(true)
    expect(pen).toBeGreaterThanOrEqual(PENS.thinnest)
    expect(pen).toBeLessThanOrEqual(PENS.thickest)
  }
  for (const { strokes } of SOME.slice(0, 200)) expect(preprocess(rasterizeStrokes(strokes))).toHaveLength(784)
})

test('dots, repeated points and the longest scribbles are bounded', () => {
  const dot = variedDrawing({ label: 10, writer: 'w', strokes: [[[3, 3]], []] }, 1, 1)
  expect(dot.strokes).toEqual([[[0, 0]]])
  const still = variedDrawing({ label: 10, writer: 'w', strokes: [[[0, 0], [0, 0], [9, 9], [9, 9]]] }, 1, 1) // biome-ignore format: a drawing
  expect(still.strokes.flat(2).every(Number.isFinite)).toBe(true)
  const zigzag = Array.from({ length: 4096 }, (_, i) => [(i % 2) * 100, (i * 7) % 100] as const)
  const scribble = variedDrawing({ label: 10, writer: 'w', strokes: [zigzag] }, 1, 1)
  expect(scribble.strokes.flat().length).toBeLessThan(4096)
})
