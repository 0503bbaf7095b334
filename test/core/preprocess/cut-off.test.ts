/** Digits that run off the picture's edge: bows are closed, lines go on; whole digits at the edge keep their bytes. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
import { completeCutOff } from '../../../core/preprocess/cut-off.ts'
import { findDrawing, preprocess } from '../../../core/preprocess.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Recognizer } from '../../../core/recognizer.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModel } from '../../../server/models/load.ts'
import { noData } from '../../data-sets.ts'
import { penStrokes } from '../../pen-drawings.ts'
import { describeUnless } from '../../skip.ts'
import { FIVE } from './scene.ts'

/** Strokes on a sheet of 112 px, moved by whole px; what is beyond its edges is gone. */
function moved(strokes: Strokes, dx: number, dy: number, pen = 7): Raster {
  const { width, height, data } = rasterizeStrokes(strokes, pen)
  const out = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x - dx, y - dy]
      if (u >= 0 && v >= 0 && u < width && v < height) out[y * width + x] = data[v * width + u]
    }
  }
  return { width, height, channels: 1, data: out }
}

const RING: Strokes = [
  Array.from({ length: 41 }, (_, k) => [Math.cos((k * Math.PI) / 20), Math.sin((k * Math.PI) / 20)] as const),
]

/** Whether paper in the middle is cut off from the paper outside. */
function isClosed(input: Uint8Array): boolean {
  const seen = new Set([14 * 28 + 14])
  for (const p of seen) {
    const [x, y] = [p % 28, Math.floor(p / 28)]
    if (x === 0 || y === 0 || x === 27 || y === 27) return false
    for (const q of [p - 1, p + 1, p - 28, p + 28]) if (input[q] < 60) seen.add(q)
  }
  return true
}

describe('a digit that runs off an edge', () => {
  it.each([
    ['top', 0, -30],
    ['right', 30, 0],
    ['bottom', 0, 30],
    ['left', -30, 0],
  ])('a ring of which a sixth is beyond the %s is closed', (_, dx, dy) => {
    expect(isClosed(preprocess(moved(RING, dx, dy)))).toBe(true)
  })

  it('a cup whose ends lean apart stays open', () => {
    const cup: Strokes = [[[0, 0], [3, 6], [6, 9], [9, 6], [12, 0]]] // biome-ignore format: a line
    expect(isClosed(preprocess(moved(cup, 0, -28)))).toBe(false)
  })

  it('is left as it is in a picture as small as MNIST’s', () => {
    const bar = (side: number): Raster => {
      const data = new Uint8Array(side * side)
      for (let y = 0; y < side - 8; y++) data.fill(255, y * side + 10, y * side + 14)
      return { width: side, height: side, channels: 1, data }
    }
    const [small, large] = [findDrawing(bar(28)), findDrawing(bar(32))]
    expect(completeCutOff(small)).toBe(small)
    expect(completeCutOff(large)).not.toBe(large)
  })

  it('a line that is cut becomes longer in comparison with the rest', () => {
    const six: Strokes = [[[5, 0], [3, 5], [1, 10], [0, 15], [2, 19], [6, 19], [8, 15], [6, 11], [2, 12]]] // biome-ignore format: a line
    const rows = (image: Raster): number => {
      const input = preprocess(image)
      return [...Array(28).keys()].filter((y) => {
        const row = [...input.subarray(28 * y, 28 * y + 28)]
        return (
          row.filter((v) => v > 60).length > 0 && row.lastIndexOf(Math.max(...row)) - row.findIndex((v) => v > 60) < 5
        )
      }).length
    }
    const cut = moved(six, 0, -28)
    const framed: Raster = { width: 112, height: 113, channels: 1, data: new Uint8Array(112 * 113) }
    framed.data.set(cut.data, 112) // a row of paper above: nothing is cut off
    expect(rows(cut)).toBeGreaterThan(rows(framed))
  })

  it.each([
    ['top', 0, -16],
    ['right', 16, 0],
    ['left', -16, 0],
  ])('keeps its bytes where it only touches the %s', (_, dx, dy) => {
    const tilted: Strokes = FIVE.map((stroke) => stroke.map(([x, y]) => [x, y * 1.15] as const))
    const touching = moved(tilted, dx, dy)
    expect(preprocess(touching)).toEqual(preprocess(moved(tilted, 0, 0)))
  })
})

describeUnless(noData, 'people’s digits of which 12 of 80 px are beyond an edge', () => {
  let recognizer: Recognizer
  beforeAll(async () => {
    recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn-small`)]))
  })

  it('zeros without their right side are zeros: more than 80 %', () => {
    const zeros = penStrokes('pendigits-train').filter(({ label }, k) => label === 0 && k % 5 === 0)
    const right = zeros.filter(({ strokes }) => {
      const xs = strokes.flat().map(([x]) => x)
      const ys = strokes.flat().map(([, y]) => y)
      const [wide, high] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)]
      const half = Math.round((wide / Math.max(wide, high)) * 36.5 + 3.5)
      return recognizer.recognize(preprocess(moved(strokes, 56 - half + Math.round(0.3 * half), 0))).digit === 0
    })
    expect(right.length / zeros.length).toBeGreaterThan(0.8)
  })
})
