/** What is around the paper of a digit: it is found, and makes no difference; what only looks like it is left alone. */

import { describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import { cropToPaper } from '../../../core/preprocess/surround.ts'
import { preprocess } from '../../../core/preprocess.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { composeNumber, drawNumber } from '../../../core/synthetic/numbers.ts'
import { styledDigit } from '../../../core/synthetic/styles.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { difference, FIVE, scene } from './scene.ts'
import { SURROUNDINGS, surrounded } from './surroundings.ts'

const TWO: Strokes = [[[6, 14], [14, 3], [28, 0], [40, 8], [40, 22], [26, 42], [2, 66], [24, 62], [48, 66]]] // biome-ignore format: points
const SEVEN: Strokes = [[[0, 4], [20, 2], [46, 0], [36, 24], [26, 46], [20, 70]]] // biome-ignore format: points
const FOUR: Strokes = [[[24, 0], [12, 22], [0, 44], [48, 42]], [[34, 22], [34, 76]]] // biome-ignore format: points
const DIGITS: readonly (readonly [number, Strokes])[] = [[2, TWO], [4, FOUR], [5, FIVE], [7, SEVEN]] // biome-ignore format: pairs

const PLAIN = preprocess(scene())

/** The picture with every pixel outside of a rectangle's inside in one grey. */
function outside(image: Raster, left: number, top: number, right: number, bottom: number, level: number): Raster {
  const data = new Uint8ClampedArray(image.data)
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      if (x >= left && x < right && y >= top && y < bottom) continue
      data.fill(level, (y * image.width + x) * 4, (y * image.width + x) * 4 + 3)
    }
  }
  return { ...image, data }
}

/** A rectangle of ink, `thick` px wide, on a white picture of 200 px. */
function box(left: number, top: number, right: number, bottom: number, thick: number): Raster {
  const data = new Uint8Array(200 * 200).fill(255)
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (Math.min(x - left, right - 1 - x, y - top, bottom - 1 - y) < thick) data[y * 200 + x] = 0
    }
  }
  return { width: 200, height: 200, channels: 1, data }
}

describe('not a byte changes', () => {
  it.each([
    ['a black frame of 3 px', 3, 3, 277, 277, 0],
    ['a grey frame of 1 px', 1, 1, 279, 279, 120],
    ["a thick frame in the paper's complement", 30, 30, 250, 250, 0],
    ['pillars', 30, 0, 250, 280, 0],
    ['a letterbox', 0, 40, 280, 250, 30],
    ['one bar', 0, 44, 280, 280, 200],
    ['a page', 36, 40, 230, 262, 210],
  ])('for %s', (_, left, top, right, bottom, level) => {
    const picture = outside(scene(), left, top, right, bottom, level)
    expect(preprocess(picture)).toEqual(PLAIN)
    const { image, ...place } = cropToPaper(picture)
    expect([place.left, place.top, image.width, image.height]).toEqual([left, top, right - left, bottom - top])
  })

  it('for thin lines along an edge, which are painted over', () => {
    const picture = scene()
    for (let x = 30; x < 220; x++)
      for (const y of [277, 278, 279, 4]) picture.data.fill(0, (y * 280 + x) * 4, (y * 280 + x) * 4 + 3)
    for (let y = 0; y < 90; y++) picture.data.fill(90, y * 280 * 4, y * 280 * 4 + 6)
    expect(preprocess(picture)).toEqual(PLAIN)
  })

  it('for a window on a page in a frame', () => {
    const window = outside(scene(), 30, 40, 250, 262, 180)
    const page = outside(window, 20, 15, 262, 268, 240)
    expect(preprocess(outside(page, 4, 4, 276, 276, 0))).toEqual(PLAIN)
  })
})

describe('the picture itself is what is left', () => {
  const same = (image: Raster): void => expect(cropToPaper(image).image === image).toBe(true)

  it.each([
    ['a zero in block letters', box(60, 40, 140, 160, 10)],
    ['one that touches all edges', box(0, 0, 200, 200, 20)],
    ['one in very thick pen', box(60, 40, 150, 160, 36)],
    ['a thin one', box(60, 40, 140, 160, 1)],
    ['a one', box(90, 40, 110, 160, 10)],
  ])('of %s', (_, image) => same(image))

  it('of a zero with a stroke in it, which is no one in a circle', () => {
    const ring: Strokes = [
      [...Array(41).keys()].map((k) => {
        const t = k / 20 - 1 // the circle by halves, rational: (1 - t²) / (1 + t²), 2 t / (1 + t²)
        const u = k <= 20 ? 2 * t + 1 : 2 * t - 1
        const side = k <= 20 ? -1 : 1
        return [40 + (side * 26 * (1 - u * u)) / (1 + u * u), 40 - (side * -40 * 2 * u) / (1 + u * u)] as const
      }),
    ]
    same(scene({ strokes: [...ring, [[48, 22], [32, 58]]] })) // biome-ignore format: points
  })

  it('of a drawing that touches the edges', () => {
    for (const [left, top] of [[-32, 30], [88, 30], [20, -40], [20, 96]]) same(scene({ left, top })) // biome-ignore format: places
  })

  it('of a picture of 28x28 px, and of strokes', () => {
    same({ width: 28, height: 28, channels: 1, data: box(0, 0, 200, 200, 3).data.subarray(0, 784) })
    same({ width: 200, height: 200, channels: 1, data: box(0, 0, 200, 200, 3).data, paper: 255 })
  })

  it('of numbers whose digits touch, with loops between them', () => {
    const digits = Array.from({ length: 300 }, (_, k) => ({ ...styledDigit(1, k), writer: 'one' }))
    for (let k = 0; k < 150; k++) same(drawNumber(composeNumber(digits, 'touching', 1, k)))
  })

  it('of paper in uneven light', () => {
    const image = scene()
    for (let i = 0; i < image.data.length; i++) if (i % 4 < 3) image.data[i] *= 1 - (i % 1120) / 3000
    same(image)
  })
})

it('a mat around a frame that the digit touches makes almost no difference, under 1 of 255 levels', () => {
  const picture = outside(outside(scene(), 52, 20, 240, 250, 0), 20, 6, 270, 270, 255)
  expect(difference(preprocess(picture), PLAIN)).toBeLessThan(1)
})

describe('shipped cnn reads four drawings', async () => {
  const recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn`)]))

  it.each(Object.keys(SURROUNDINGS))('in surroundings of the kind %s: at least 10 of 12 right', (kind) => {
    let right = 0
    for (let k = 0; k < 12; k++) {
      const [label, strokes] = DIGITS[k % 4]
      if (recognizer.recognize(preprocess(surrounded(strokes, kind, 7, k))).digit === label) right++
    }
    expect(right).toBeGreaterThanOrEqual(10)
  })
})
