/** Strokes of any unit and scale give the same picture; invalid ones are refused. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../core/errors.ts'
import { findPaper } from '../../core/preprocess/paper.ts'
import { preprocess } from '../../core/preprocess.ts'
import type { Strokes } from '../../core/protocol.ts'
import { Random } from '../../core/random.ts'
import { rasterizeStrokes } from '../../core/strokes.ts'
import { difference, FIVE } from './preprocess/scene.ts'

/** The strokes with every point moved and scaled. */
function moved(strokes: Strokes, scale: number, x0: number, y0: number): Strokes {
  return strokes.map((stroke) => stroke.map(([x, y]) => [x * scale + x0, y * scale + y0] as const))
}

function refusal(strokes: Strokes): string {
  try {
    rasterizeStrokes(strokes)
  } catch (error) {
    if (error instanceof InputError) return `${error.status} ${error.code}`
    throw error
  }
  return 'accepted'
}

describe('rasterizeStrokes', () => {
  it('draws light ink on black, inside the picture', () => {
    const { width, height, channels, data } = rasterizeStrokes(FIVE)
    expect([channels, data.length]).toEqual([1, width * height])
    expect(Math.max(...data)).toBe(255)
    const rim = [...data.keys()].filter((p) => p % width === 0 || p < width || p >= data.length - width)
    expect(Math.max(...rim.map((p) => data[p]))).toBe(0)
  })

  it.each([
    ['halved', 0.5, 0, 0],
    ['moved', 1, -1024, 4096],
    ['256 times as large', 256, 0, 0],
    ['scaled to 2^-1040, where doubles lose digits', 2 ** -1040, 0, 0],
    ['scaled to 2^1017, beyond which doubles end', 2 ** 1017, 0, 0],
  ])('gives the same picture %s, within 0.1 of 255 levels', (_, scale, x0, y0) => {
    const image = rasterizeStrokes(moved(FIVE, scale, x0, y0))
    expect(difference(image.data as Uint8Array, rasterizeStrokes(FIVE).data as Uint8Array)).toBeLessThan(0.1)
  })

  it('gives the same picture however many points a straight line has', () => {
    const ends: Strokes = [[[0, 0], [64, 64]]] // biome-ignore format: a line
    const many: Strokes = [Array.from({ length: 65 }, (_, k) => [k, k] as const)]
    const [a, b] = [ends, many].map((strokes) => rasterizeStrokes(strokes).data as Uint8Array)
    expect(Math.max(...a.map((v, p) => Math.abs(v - b[p])))).toBeLessThanOrEqual(1)
  })

  it('draws a line 9 px wide', () => {
    const { width, data } = rasterizeStrokes([[[0, 0], [0, 10]]]) // biome-ignore format: a line
    const row = [...data.subarray(56 * width, 57 * width)]
    expect(row.reduce((sum, v) => sum + v, 0) / 255).toBeCloseTo(9, 1)
  })

  it('draws a dot for a single point and for points that coincide, which preprocessing then refuses', () => {
    for (const strokes of [
      [[[3, 4]]],
      [
        [
          [1e300, 0],
          [1e300, 0],
        ],
        [[1e300, 0]],
      ],
    ] as Strokes[]) {
      // biome-ignore format: data
      const dot = rasterizeStrokes(strokes)
      expect(Math.max(...dot.data)).toBe(255)
      expect(() => preprocess(dot)).toThrow(expect.objectContaining({ code: 'too_little_ink' }))
    }
  })

  it('states the paper that preprocessing finds, in 300 drawings and scribbles', () => {
    const random = new Random(3, 0)
    for (let k = 0; k < 300; k++) {
      const points = 2 + random.below(k % 2 ? 20 : 400) // hundreds of points cover most of the square
      const strokes = [Array.from({ length: points }, () => [random.below(100), random.below(100)] as const)]
      const { paper, ...unknown } = rasterizeStrokes(strokes)
      expect(findPaper(unknown)).toEqual({ clear: false, red: paper, green: paper, blue: paper })
    }
  })

  it('refuses strokes that are not a drawing', () => {
    expect(refusal([])).toBe('422 no_strokes')
    expect(refusal([[], []])).toBe('422 no_strokes')
    expect(refusal([[[Number.NaN, 0]]])).toBe('422 bad_strokes')
    expect(refusal([[[0, Number.POSITIVE_INFINITY]]])).toBe('422 bad_strokes')
    expect(refusal([Array.from({ length: 4097 }, (_, k) => [k, k] as const)])).toBe('422 too_many_points')
  })

  it('1,000 drawings of any finite numbers become a picture or an InputError', () => {
    const coordinate = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -9, max: 9 }))
    const drawing = fc.array(fc.array(fc.tuple(coordinate, coordinate), { maxLength: 8 }), { maxLength: 4 })
    fc.assert(
      fc.property(drawing, (strokes) => {
        if (refusal(strokes) !== 'accepted') return
        const image = rasterizeStrokes(strokes)
        expect(Math.max(...image.data)).toBe(255)
        try {
          expect(preprocess(image)).toHaveLength(784)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
      { numRuns: 1000, seed: 7 },
    )
  })
})
