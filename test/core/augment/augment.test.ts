/** Augmentation: bounded, seeded, and the same on every machine. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { affine, inverse } from '../../../core/augment/affine.ts'
import { createAugmenter } from '../../../core/augment/augment.ts'
import { displaceRow, VECTORS } from '../../../core/augment/elastic.ts'
import type { Augmentation } from '../../../core/models/recipe.ts'
import { strokeWidth } from '../../../core/preprocess/thickness.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { Random } from '../../../core/random.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'

const ALL: Augmentation = { shift: 1.5, rotate: 12, scale: 0.12, shear: 0.2, elastic: 4, thickness: 0.7 }
const SCRAWLS = Array.from({ length: 100 }, (_, i) => scrawl(i))

/** A stroke through five random points, preprocessed. */
function scrawl(i: number): Uint8Array {
  const random = new Random(5, i)
  const stroke = Array.from({ length: 5 }, (): [number, number] => [random.uniform(), random.uniform()])
  return preprocess(rasterizeStrokes([stroke]))
}

function augmented(bounds: Augmentation, input: Uint8Array, index: number, stream = 7): Uint8Array {
  const output = new Uint8Array(784).fill(99)
  createAugmenter(bounds)(output, input, 1, stream, index)
  return output
}

function ink(image: Uint8Array): number {
  return image.reduce((sum, level) => sum + level, 0)
}

function centre(image: Uint8Array): [x: number, y: number] {
  const sum = [0, 0]
  for (const [i, level] of image.entries()) {
    sum[0] += level * (i % 28)
    sum[1] += level * Math.floor(i / 28)
  }
  return [sum[0] / ink(image), sum[1] / ink(image)]
}

function width(image: Uint8Array): number {
  return strokeWidth({ width: 28, height: 28, ink: image })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('an augmented image', () => {
  test('is the image itself if there are no bounds, or all are 0', () => {
    for (const bounds of [{}, { shift: 0, rotate: 0, scale: 0, shear: 0, elastic: 0, thickness: 0 }]) {
      for (const [i, image] of SCRAWLS.entries()) expect(augmented(bounds, image, i)).toEqual(image)
    }
  })

  test('is within 1 level of the image itself if all bounds are a millionth', () => {
    const bounds = { shift: 1e-6, rotate: 1e-6, scale: 1e-6, shear: 1e-6, elastic: 1e-6, thickness: 1e-6 }
    for (const [i, image] of SCRAWLS.entries()) {
      const difference = augmented(bounds, image, i).map((level, p) => Math.abs(level - image[p]))
      expect(Math.max(...difference)).toBeLessThanOrEqual(1)
    }
  })

  test('has the same bytes on every machine', () => {
    const hash = createHash('sha256')
    const augment = createAugmenter(ALL)
    const output = new Uint8Array(784)
    for (let stream = 0; stream < 10; stream++) {
      for (const [i, image] of SCRAWLS.entries()) {
        augment(output, image, 1, stream, i)
        hash.update(output)
      }
    }
    expect(hash.digest('hex')).toBe('8d6d1c539462e14719939e79cfae5284b0c2f049ca2b196550a340b8873c4e1f')
  })

  test('depends on seed, stream and index only, also when it is written over its input', () => {
    const augment = createAugmenter(ALL)
    const forwards = SCRAWLS.map((image, i) => augmented(ALL, image, i))
    for (let i = SCRAWLS.length - 1; i >= 0; i--) {
      const place = SCRAWLS[i].slice()
      augment(place, place, 1, 7, i)
      expect(place).toEqual(forwards[i])
    }
    const variants = [
      [1, 7, 0],
      [2, 7, 0],
      [1, 8, 0],
      [1, 7, 1],
    ].map(([seed, stream, index]) => {
      const output = new Uint8Array(784)
      augment(output, SCRAWLS[0], seed, stream, index)
      return output.join()
    })
    expect(new Set(variants).size).toBe(4)
  })

  test('keeps its shift when another bound changes', () => {
    for (const [i, image] of SCRAWLS.entries()) {
      const alone = centre(augmented({ shift: 2 }, image, i))
      const turned = centre(augmented({ shift: 2, rotate: 5, thickness: 0.2 }, image, i))
      expect(Math.hypot(alone[0] - turned[0], alone[1] - turned[1])).toBeLessThan(0.5)
    }
  })

  test('stays blank if it was blank', () => {
    expect(augmented(ALL, new Uint8Array(784), 3)).toEqual(new Uint8Array(784))
  })
})

describe('augmenting', () => {
  test('by a shift of at most 2 px moves the centre of mass by at most 2.05 px either way, by 1 px on average, and keeps 97 % to 103 % of the ink', () => {
    const moves: number[] = []
    for (const [i, image] of SCRAWLS.entries()) {
      const output = augmented({ shift: 2 }, image, i)
      const [from, to] = [centre(image), centre(output)]
      moves.push(to[0] - from[0], to[1] - from[1])
      expect(Math.abs(ink(output) / ink(image) - 1)).toBeLessThan(0.03)
    }
    expect(Math.max(...moves.map(Math.abs))).toBeLessThan(2.05)
    expect(Math.max(...moves.map(Math.abs))).toBeGreaterThan(1.8)
    expect(mean(moves.map(Math.abs))).toBeCloseTo(1, 0)
    expect(Math.abs(mean(moves))).toBeLessThan(0.25)
  })

  test('with every bound of a strong recipe keeps between 50 % and 170 % of the ink, 92 % to 108 % on average, and the middle within 4 px', () => {
    const ratios: number[] = []
    for (const [i, image] of SCRAWLS.entries()) {
      const output = augmented(ALL, image, i)
      const [x, y] = centre(output)
      ratios.push(ink(output) / ink(image))
      expect(Math.hypot(x - 14, y - 14)).toBeLessThan(4)
    }
    expect(Math.min(...ratios)).toBeGreaterThan(0.5)
    expect(Math.max(...ratios)).toBeLessThan(1.7)
    expect(Math.abs(mean(ratios) - 1)).toBeLessThan(0.08)
  })

  test('of the thickness by 1 px makes strokes up to 0.6 to 1.1 px thicker, and up to 0.45 to 1.1 px thinner', () => {
    const changes = SCRAWLS.map((image, i) => width(augmented({ thickness: 1 }, image, i)) - width(image))
    expect(Math.max(...changes)).toBeGreaterThan(0.6)
    expect(Math.max(...changes)).toBeLessThan(1.1)
    expect(Math.min(...changes)).toBeLessThan(-0.45)
    expect(Math.min(...changes)).toBeGreaterThan(-1.1)
  })

  test.each([
    { shift: -1 },
    { shift: 9 },
    { rotate: 46 },
    { scale: 0.6 },
    { shear: Number.NaN },
    { elastic: Infinity },
    { thickness: 2.1 },
  ])('%j is a RangeError that names the bound', (bounds) => {
    expect(() => createAugmenter(bounds)).toThrow(RangeError)
    expect(() => createAugmenter(bounds)).toThrow(Object.keys(bounds)[0])
  })
})

describe('the affine part', () => {
  test('rotates by an angle within 1e-5 of a radian from -45 to 45 degrees, without scaling', () => {
    for (let degrees = -45; degrees <= 45; degrees += 0.5) {
      const { a, b, c, d } = affine(degrees, 1, 1, 0)
      expect(Math.abs(Math.atan2(c, a) - (degrees * Math.PI) / 180)).toBeLessThan(1e-5)
      expect(Math.abs(a * a + c * c - 1)).toBeLessThan(1e-15)
      expect([b, d]).toEqual([-c, a])
    }
  })

  test('shears the upper part to the right, then scales, then rotates clockwise', () => {
    expect(affine(0, 2, 3, 0.5)).toEqual({ a: 2, b: -1, c: 0, d: 3 })
    const { b, d } = affine(10, 1, 1, 0)
    expect([b < 0, d > 0]).toEqual([true, true]) // what is below goes left
  })

  test('is undone by its inverse to 1e-15', () => {
    const m = affine(30, 0.8, 1.3, 0.4)
    const n = inverse(m)
    const product = [m.a * n.a + m.b * n.c, m.a * n.b + m.b * n.d, m.c * n.a + m.d * n.c, m.c * n.b + m.d * n.d]
    for (const [i, identity] of [1, 0, 0, 1].entries()) expect(Math.abs(product[i] - identity)).toBeLessThan(1e-15)
  })
})

describe('the elastic displacement', () => {
  function field(vectors: Float64Array): Float64Array {
    const [rows, row, columns] = [new Float64Array(784), new Float64Array(28), new Float64Array(7)]
    for (let y = 0; y < 28; y++) {
      displaceRow(row, vectors, columns, y, 0, 27)
      rows.set(row, y * 28)
    }
    return rows
  }

  test('repeats constant vectors to 1e-15, and vectors on a slope: cubic B-splines reproduce lines', () => {
    for (const level of field(new Float64Array(VECTORS).fill(1))) expect(Math.abs(level - 1)).toBeLessThan(1e-15)
    const slope = field(Float64Array.from({ length: VECTORS }, (_, i) => (i % 7) + 10 * Math.floor(i / 7)))
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 28; x++) {
        const expected = 11 + (x + 0.5) / 7 + (10 * (y + 0.5)) / 7 // the first vector lies 7 px before the edge, at 0
        expect(Math.abs(slope[y * 28 + x] - expected)).toBeLessThan(1e-12)
      }
    }
  })

  test('of vectors up to 1 px stays below 1 px and changes by less than 0.25 px from px to px', () => {
    const random = new Random(3, 0)
    for (let run = 0; run < 50; run++) {
      const displaced = field(Float64Array.from({ length: VECTORS }, () => 2 * random.uniform() - 1))
      let [largest, steepest] = [0, 0]
      for (let p = 0; p < 784; p++) {
        largest = Math.max(largest, Math.abs(displaced[p]))
        if (p % 28 > 0) steepest = Math.max(steepest, Math.abs(displaced[p] - displaced[p - 1]))
        if (p >= 28) steepest = Math.max(steepest, Math.abs(displaced[p] - displaced[p - 28]))
      }
      expect(largest).toBeLessThan(1)
      expect(steepest).toBeLessThan(0.25)
    }
  })
})
