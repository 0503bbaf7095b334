/** Dotted digits become lines; dots that are none, dust and noise are refused as before. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { modelsInMemory } from '../../../core/models/source.ts'
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

type Dots = readonly (readonly [x: number, y: number])[]

function picture(dots: Dots, side: number, diameter: number): Raster {
  const data = new Uint8Array(side * side)
  for (const [cx, cy] of dots) {
    for (let y = Math.max(0, Math.floor(cy - diameter)); y < Math.min(side, cy + diameter); y++) {
      for (let x = Math.max(0, Math.floor(cx - diameter)); x < Math.min(side, cx + diameter); x++) {
        const inside = diameter / 2 + 0.5 - Math.hypot(x + 0.5 - cx, y + 0.5 - cy)
        data[y * side + x] = Math.max(data[y * side + x], Math.round(255 * Math.max(0, Math.min(1, inside))))
      }
    }
  }
  return { width: side, height: side, channels: 1, data }
}

function refusal(image: Raster): string {
  try {
    preprocess(image)
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'accepted'
}

/** Points at even distances along a stroke. */
function spaced(stroke: Strokes[number], step: number): (readonly [number, number])[] {
  const dots: (readonly [number, number])[] = [stroke[0]]
  for (const [x, y] of stroke) {
    for (;;) {
      const [fromX, fromY] = dots[dots.length - 1]
      const length = Math.hypot(x - fromX, y - fromY)
      if (length < step) break
      dots.push([fromX + ((x - fromX) * step) / length, fromY + ((y - fromY) * step) / length])
    }
  }
  return dots
}

describe('dots', () => {
  const ring: Dots = Array.from({ length: 16 }, (_, k) => [
    140 + 70 * Math.cos((k * Math.PI) / 8),
    140 + 90 * Math.sin((k * Math.PI) / 8),
  ])

  it.each([6, 10, 16])('of %i px that form a ring become a closed line', (diameter) => {
    const rows = preprocess(picture(ring, 280, diameter))
    for (let y = 8; y < 20; y++) {
      const row = [...rows.subarray(y * 28, y * 28 + 28)]
      expect(Math.max(...row.slice(0, 14))).toBeGreaterThan(100) // no gap to the left
      expect(Math.max(...row.slice(14))).toBeGreaterThan(100)
    }
    expect(rows[13 * 28 + 13]).toBe(0)
  })

  it('are refused where they are few, apart, or a net', () => {
    const three: Dots = [[60, 140], [140, 140], [220, 140]] // biome-ignore format: dots
    const far: Dots = [[20, 20], [140, 30], [260, 20], [20, 260], [130, 150], [260, 250], [30, 140]] // biome-ignore format: dots
    const net: Dots = Array.from({ length: 36 }, (_, k) => [40 + 40 * (k % 6), 40 + 40 * Math.floor(k / 6)])
    for (const dots of [three, far, net]) expect(refusal(picture(dots, 280, 12))).toBe('too_little_ink')
  })

  it('at random are refused: at least 45 of 50 times', () => {
    const random = new Random(8, 0)
    const refused = Array.from({ length: 50 }, () => {
      const dots = Array.from({ length: 8 + random.below(20) }, () => [random.below(280), random.below(280)] as const)
      return refusal(picture(dots, 280, 4))
    }).filter((code) => code === 'too_little_ink')
    expect(refused.length).toBeGreaterThanOrEqual(45)
  })
})

describeUnless(noData, 'people’s digits, dotted', () => {
  let recognizer: Recognizer
  beforeAll(async () => {
    recognizer = new Recognizer(await nodeBackends(), modelsInMemory([loadModel(`${SHIPPED_MODELS}/cnn-small`)]))
  })

  /** Share of 100 drawings that are read, with so many dots along the longer side. */
  function share(dots: number, draw: (dots: Dots, step: number) => Raster): number {
    const drawings = penStrokes('pendigits-train').filter((_, k) => k % 75 === 9)
    const right = drawings.filter(({ label, strokes }) => {
      const points = strokes.flat()
      const size = Math.max(
        Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x)),
        Math.max(...points.map(([, y]) => y)) - Math.min(...points.map(([, y]) => y)),
      )
      const image = draw(
        strokes.flatMap((stroke) => spaced(stroke, size / dots)),
        size / dots,
      )
      try {
        return recognizer.recognize(preprocess(image)).digit === label
      } catch {
        return false
      }
    })
    return right.length / drawings.length
  }

  it('are read in pictures: 92 %', () => {
    const draw = (dots: Dots, step: number): Raster => {
      const [left, top] = [Math.min(...dots.map(([x]) => x)), Math.min(...dots.map(([, y]) => y))]
      return picture(
        dots.map(([x, y]) => [((x - left) * 16) / step + 20, ((y - top) * 16) / step + 20] as const),
        240,
        8,
      )
    }
    expect(share(11, draw)).toBeGreaterThanOrEqual(0.92)
  })

  it('are read as strokes of one point each: 90 %', () => {
    expect(share(7, (dots) => rasterizeStrokes(dots.map((dot) => [dot])))).toBeGreaterThanOrEqual(0.9)
  })
})
