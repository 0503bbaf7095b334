import { expect, test } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { Random } from '../../../core/random.ts'
import { randomCases } from '../../random-cases.ts'
import { decoded } from './decoded.ts'
import { randomOptions, randomPicture } from './pictures.ts'
import { reference } from './reference.ts'
import { type Picture, writeJpeg } from './writer.ts'

const CASES = randomCases(600)

/** Width and height, px, with the factor by which such a picture is reduced. */
function randomSize(random: Random): [width: number, height: number, factor: number] {
  const factor = [1, 1, 1, 1, 1, 1, 2, 4][random.below(8)]
  const short = 7 * factor + 1 + random.below(40)
  const long = factor === 1 ? 8 + random.below(60) : 512 * factor + 1 + random.below(factor === 2 ? 90 : 300)
  return random.below(2) ? [long, short, factor] : [short, long, factor]
}

/** The meaning of the components in which the picture's samples stay within 0..255, and Adobe's number of it. */
function meaningOf({ components }: Picture, random: Random): ['luma' | 'colours', number] {
  if (components.length !== 3 && components.length !== 4) return ['luma', 0]
  return random.below(2) ? ['luma', components.length === 4 ? 2 : 1] : ['colours', 0]
}

/** Differences of two rasters, levels. */
function difference(one: Raster, other: Raster): { mean: number; most: number } {
  let sum = 0
  let most = 0
  for (let p = 0; p < one.data.length; p++) {
    const d = Math.abs(one.data[p] - other.data[p])
    sum += d
    most = Math.max(most, d)
  }
  return { mean: sum / one.data.length, most }
}

test(`${CASES} random pictures, stored in any way, are what the formulas say: each pixel within 3 levels, the mean within 0.6`, () => {
  for (let n = 0; n < CASES; n++) {
    const random = new Random(11, n)
    const [width, height, factor] = randomSize(random)
    const picture = randomPicture(random, width, height)
    const [meaning, adobe] = meaningOf(picture, random)
    const file = writeJpeg(picture, { ...randomOptions(random, picture), adobe })
    const expected = reference(picture, factor, meaning)
    const raster = decoded(file)
    const size = (r: Raster) => [r.width, r.height, r.channels, r.data.length]
    expect(size(raster), `picture ${n}`).toEqual(size(expected))
    const { mean, most } = difference(raster, expected)
    const what = `picture ${n}, ${width}x${height}, ${JSON.stringify(picture.components.map(({ h, v }) => [h, v]))}`
    expect(mean, what).toBeLessThan(0.6)
    expect(most, what).toBeLessThanOrEqual(3)
  }
})
