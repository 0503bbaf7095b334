/** Small pictures: the pen's width is changed as in large ones, and pictures that are as MNIST's keep their bytes. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import { resample } from '../../../core/preprocess/resample.ts'
import { strokeWidth } from '../../../core/preprocess/thickness.ts'
import { preprocess } from '../../../core/preprocess.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Random } from '../../../core/random.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { noData } from '../../data-sets.ts'
import { penStrokes } from '../../pen-drawings.ts'
import { describeUnless } from '../../skip.ts'
import { FIVE } from './scene.ts'

/** Lines of one px without shades between ink and paper, the longer side `size` px. */
function pixelLines(strokes: Strokes, side: number, size: number): Raster {
  const points = strokes.flat()
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const scale = (size - 1) / Math.max(Math.max(...xs) - left, Math.max(...ys) - top)
  const data = new Uint8Array(side * side)
  for (const stroke of strokes) {
    stroke.forEach(([x, y], k) => {
      const [fromX, fromY] = stroke[Math.max(0, k - 1)]
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x - fromX), Math.abs(y - fromY)) * scale))
      for (let t = 0; t <= steps; t++) {
        const px = Math.round((fromX + ((x - fromX) * t) / steps - left) * scale)
        const py = Math.round((fromY + ((y - fromY) * t) / steps - top) * scale)
        data[(py + 1) * side + px + 1] = 255
      }
    })
  }
  return { width: side, height: side, channels: 1, data }
}

/** Antialiased, the longer side with the pen `size` px, and the pen 1/80 `pen` of it. */
function scaledDown(strokes: Strokes, size: number, pen: number): Raster {
  const { width, height, data } = rasterizeStrokes(strokes, pen)
  const side = Math.ceil((width * size) / 80)
  const window = { source: data as Uint8Array, stride: width, left: 0, top: 0, width, height }
  const values = resample(window, size / 80, side, side)
  return { width: side, height: side, channels: 1, data: Uint8Array.from(values, (v) => Math.round(v)) }
}

/** Stroke width of the 28x28 bytes, px. */
function resultWidth(image: Raster): number {
  return strokeWidth({ width: 28, height: 28, ink: preprocess(image) })
}

describe('in small pictures', () => {
  it.each([12, 15, 20, 24, 32, 48, 70])('lines of one px become 1.6 to 3.6 px wide: a digit of %i px', (size) => {
    const width = resultWidth(pixelLines(FIVE, size + 3, size))
    expect(width).toBeGreaterThan(1.6)
    expect(width).toBeLessThan(3.6)
  })

  it.each([12, 16, 24, 40, 60])('fat strokes of 6 px become thinner than 5 px: a digit of %i px', (size) => {
    expect(resultWidth(scaledDown(FIVE, size, 24))).toBeLessThan(5)
  })

  it('the hole of a fat zero of 13 px is opened, though it is half filled', () => {
    const zero: Strokes = [[[3, 0], [6, 2], [7, 5], [6, 8], [3, 10], [1, 8], [0, 5], [1, 2], [3, 0]]] // biome-ignore format: a line
    const picture = scaledDown(zero, 13, 26)
    const middle = (image: Uint8Array): number => Math.min(...image.subarray(13 * 28 + 12, 13 * 28 + 16))
    expect(middle(preprocess(picture))).toBeLessThan(80)
  })

  it.each([6, 9, 14, 20])('nothing changes where a digit has its final size already: pen of %i px', (pen) => {
    const window = {
      source: rasterizeStrokes(FIVE, pen).data as Uint8Array,
      stride: 112,
      left: 16,
      top: 16,
      width: 80,
      height: 80,
    }
    const box = Uint8Array.from(resample(window, 1 / 4, 20, 20), (v) => Math.round(v))
    const data = new Uint8Array(784)
    for (let y = 0; y < 20; y++) data.set(box.subarray(y * 20, y * 20 + 20), (y + 4) * 28 + 4)
    const seen = preprocess({ width: 28, height: 28, channels: 1, data })
    const ink = (bytes: Uint8Array): number[] => [...bytes].filter((v) => v > 0)
    expect(ink(seen)).toEqual(ink(data))
  })
})

describeUnless(noData, 'small pictures of people’s digits', () => {
  let recognizer: Recognizer
  beforeAll(async () => {
    recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn-small`)]))
  })

  /** Share of 150 drawings that are read, each drawn at a size between `least` and `most` px. */
  function share(
    least: number,
    most: number,
    draw: (strokes: Strokes, size: number, random: Random) => Raster,
  ): number {
    const random = new Random(11, 0)
    const drawings = penStrokes('pendigits-train').filter((_, k) => k % 50 === 9)
    const right = drawings.filter(({ label, strokes }) => {
      const image = draw(strokes, least + random.below(most - least + 1), random)
      return recognizer.recognize(preprocess(image)).digit === label
    })
    return right.length / drawings.length
  }

  it('lines of one px are read: 97 %', () => {
    expect(share(13, 25, (strokes, size) => pixelLines(strokes, 28, size))).toBeGreaterThanOrEqual(0.97)
  })

  it('fat pens are read: 92 %', () => {
    const draw = (strokes: Strokes, size: number, random: Random) => scaledDown(strokes, size, 17 + random.below(7))
    expect(share(14, 40, draw)).toBeGreaterThanOrEqual(0.92)
  })
})
