/** Preprocessing of random bytes gives 784 bytes or a refusal with the expected input. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { preprocess } from '../../../core/preprocess.ts'
import { randomCases } from '../../random-cases.ts'
import { scene } from './scene.ts'

const PICTURES = randomCases(3000)

/** Any bytes; few different ones, so that there is paper; or paper with a few rectangles of ink and of holes. */
function pictures(): fc.Arbitrary<Raster> {
  const side = fc.integer({ min: 0, max: 72 })
  const rectangle = fc.record({ x: side, y: side, w: side, h: side, level: fc.integer({ min: 0, max: 255 }) })
  return fc
    .record({
      width: side,
      height: side,
      channels: fc.constantFrom(1 as const, 4 as const),
      seed: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      rectangles: fc.array(rectangle, { maxLength: 6 }),
      clamped: fc.boolean(),
    })
    .map(({ width, height, channels, seed, rectangles, clamped }) => {
      const length = width * height * channels
      const data = clamped ? new Uint8ClampedArray(length) : new Uint8Array(length)
      for (let i = 0; i < length; i++)
        data[i] = rectangles.length > 0 ? seed[i % channels] : seed[(i * 7919) % seed.length]
      for (const { x, y, w, h, level } of rectangles) {
        for (let row = y; row < Math.min(height, y + h); row++) {
          const from = Math.min(width, x)
          data.fill(level, (row * width + from) * channels, (row * width + Math.min(width, from + w)) * channels)
        }
      }
      return { width, height, channels, data }
    })
}

it(`${PICTURES} pictures of any size and any bytes give 784 bytes or an InputError, and leave the picture as it was`, () => {
  let accepted = 0
  fc.assert(
    fc.property(pictures(), (picture) => {
      const before = picture.data.slice()
      try {
        const bytes = preprocess(picture)
        expect(bytes).toHaveLength(784)
        expect(Math.max(...bytes)).toBeGreaterThanOrEqual(254)
        accepted++
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        expect([error.status, error.message.length <= 120]).toEqual([422, true])
      }
      expect(picture.data.every((level, i) => level === before[i])).toBe(true)
    }),
    { numRuns: PICTURES, seed: 1998 },
  )
  expect(accepted).toBeGreaterThan(PICTURES / 10)
})

it('a picture of 160,000 px in 15,000 runs leaves nothing behind in working memory: the results of pictures before and after it stay', () => {
  const side = 400
  const data = new Uint8Array(side * side)
  for (let y = 5; y < side - 5; y++) {
    for (let x = 5; x < side - 5; x++) if (y < 9 || x % 10 < 4) data[y * side + x] = 255 // a comb
  }
  const comb: Raster = { width: side, height: side, channels: 1, data }
  const five = scene()
  const [first, before] = [preprocess(comb), preprocess(five)]
  const [kept, again, after] = [before.slice(), preprocess(comb), preprocess(five)]
  expect(again).toEqual(first)
  expect(after).toEqual(kept)
  expect(before).toEqual(kept)
  expect(first.filter((level) => level > 0).length).toBeGreaterThan(300)
})
