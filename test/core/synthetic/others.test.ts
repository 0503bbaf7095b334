/** What is not a digit, and digits beside each other: seeded, of many kinds, none of which is there twice. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { OTHER } from '../../../core/data/dataset.ts'
import { InputError } from '../../../core/errors.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { MAX_POINTS, rasterizeStrokes } from '../../../core/strokes.ts'
import type { SyntheticDrawing } from '../../../core/synthetic/drawing.ts'
import { KINDS, otherDrawing, otherOfKind, UNSEEN_KINDS } from '../../../core/synthetic/others.ts'
import { pairOf } from '../../../core/synthetic/pairs.ts'

const some = (count: number, seed = 1, unseen = false) =>
  Array.from({ length: count }, (_, i) => otherDrawing(seed, i, unseen))
const kindOf = ({ writer }: SyntheticDrawing) => writer.split(':')[1]

/** Left, right, top and bottom of some strokes. */
function extent(strokes: SyntheticDrawing['strokes']): readonly [number, number, number, number] {
  const [x, y] = [0, 1].map((axis) => strokes.flatMap((stroke) => stroke.map((point) => point[axis])))
  return [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)]
}

describe('what is not a digit', () => {
  test('is the same for the same seed and index, alone or in a row, and another for others', () => {
    const row = some(50)
    for (const i of [0, 7, 49]) expect(otherDrawing(1, i)).toEqual(row[i])
    const different = new Set([...row, ...some(50, 2)].map(({ strokes }) => JSON.stringify(strokes)))
    expect(different.size).toBe(100)
  })

  test('has the same points on every machine', () => {
    const hash = createHash('sha256')
    for (const name of KINDS) hash.update(JSON.stringify(otherOfKind(name, 3, 0)))
    expect(hash.digest('hex')).toMatchInlineSnapshot(
      `"7fe0ab6b57960a85f267ac5e738a1146d6a0c036e18f0c150dc2cb735c719a85"`,
    )
  })

  test('has at least 250 kinds, named once each, and each kind draws different drawings that can be read', () => {
    expect(KINDS.length).toBeGreaterThanOrEqual(250)
    expect(new Set(KINDS).size).toBe(KINDS.length)
    let legible = 0
    for (const name of KINDS) {
      const [a, b] = [otherOfKind(name, 1, 0), otherOfKind(name, 1, 1)]
      expect(a.strokes).not.toEqual(b.strokes)
      for (const { label, pen = 0, strokes } of [a, b]) {
        expect(label).toBe(OTHER)
        expect(pen >= 4 && pen <= 24).toBe(true)
        expect(strokes.flat().length).toBeLessThanOrEqual(MAX_POINTS)
        try {
          preprocess(rasterizeStrokes(strokes, pen))
          legible++
        } catch (error) {
          if (!(error instanceof InputError)) throw error // too little ink: dots by a thin pen
        }
      }
    }
    expect(legible).toBeGreaterThan(1.95 * KINDS.length)
  })

  test('leaves a sixth of the kinds, faces not among them, to measuring', () => {
    expect([...UNSEEN_KINDS].filter((name) => !KINDS.includes(name) || /smiley|face/.test(name))).toEqual([])
    const share = UNSEEN_KINDS.size / KINDS.length
    expect(share > 0.15 && share < 0.2).toBe(true)
    expect(some(2000).filter((drawing) => UNSEEN_KINDS.has(kindOf(drawing)))).toEqual([])
    const unseen = some(2000, 1, true).filter((drawing) => UNSEEN_KINDS.has(kindOf(drawing))).length
    expect(unseen).toBeGreaterThan(200)
  })

  test('is drawn by pseudo-writers who each keep to one kind', () => {
    const writers = new Set(some(3000).map(({ writer }) => writer))
    expect(writers.size).toBeGreaterThan(800)
    expect([...writers].every((writer) => /^others:[^:]+:[0-5]$/.test(writer))).toBe(true)
  })
})

describe('a pair', () => {
  const upright: SyntheticDrawing = { label: 1, writer: 'w', strokes: [[[500, 0], [500, 1000]]] } // biome-ignore format: a line
  const bow: SyntheticDrawing = { label: 0, writer: 'v', strokes: [[[0, 0], [60, 40], [0, 100]], [[20, 30]]] } // biome-ignore format: a line

  test('has the strokes of both in order, the writer of the first, and is not a digit', () => {
    const { label, writer, strokes } = pairOf(upright, bow, 1, 0)
    expect([label, writer, strokes.map((stroke) => stroke.length)]).toEqual([OTHER, 'w', [2, 3, 1]])
  })

  test('is the first at the left, the second right of it, both of similar height, at whatever size they came', () => {
    for (let i = 0; i < 200; i++) {
      const { strokes } = pairOf(bow, upright, 5, i)
      const [, right, top, bottom] = extent(strokes.slice(0, 2))
      const [left, , otherTop, otherBottom] = extent(strokes.slice(2))
      expect(left).toBeGreaterThan(right)
      const ratio = (otherBottom - otherTop) / (bottom - top)
      expect(ratio > 0.65 && ratio < 1.4).toBe(true)
    }
  })

  test('may touch or overlap where neither is narrow, by at most a fifth', () => {
    const gaps = Array.from({ length: 300 }, (_, i) => {
      const { strokes } = pairOf(bow, bow, 5, i)
      return extent(strokes.slice(2))[0] - extent(strokes.slice(0, 2))[1]
    })
    expect(gaps.filter((gap) => gap < -3).length).toBeGreaterThan(30)
    expect(gaps.filter((gap) => gap > 20).length).toBeGreaterThan(30)
    expect(Math.min(...gaps)).toBeGreaterThan(-0.2 * 1.35 * 60)
  })

  test('of dots and of level lines is finite', () => {
    const dot: SyntheticDrawing = { label: 0, writer: 'v', strokes: [[[3, 3]]] }
    const level: SyntheticDrawing = { label: 1, writer: 'v', strokes: [[[0, 7], [90, 7]]] } // biome-ignore format: a line
    for (const a of [dot, level, bow]) {
      for (const b of [dot, level, bow]) {
        expect(pairOf(a, b, 1, 0).strokes.flat(2).every(Number.isFinite)).toBe(true)
      }
    }
  })
})
