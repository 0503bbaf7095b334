/** Stroke width: how it is measured and changed, for pens of any width. */

import { describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { type Grid, strokeWidth, thicken } from '../../../core/preprocess/thickness.ts'
import { preprocess } from '../../../core/preprocess.ts'

/** A ring drawn with a pen of some width, antialiased: ink on a square of `side` px. */
function ring(side: number, radius: number, pen: number): Grid {
  const ink = new Uint8Array(side * side)
  for (let p = 0; p < ink.length; p++) {
    const x = (p % side) + 0.5 - side / 2
    const y = Math.floor(p / side) + 0.5 - side / 2
    const inside = pen / 2 + 0.5 - Math.abs(Math.sqrt(x * x + y * y) - radius)
    ink[p] = Math.round(255 * Math.max(0, Math.min(1, inside)))
  }
  return { width: side, height: side, ink }
}

function picture({ width, height, ink }: Grid): Raster {
  return { width, height, channels: 1, data: ink }
}

describe('stroke width', () => {
  it.each([2, 4, 8, 16])('of a ring drawn %i px wide is right within 5 %', (pen) => {
    expect(Math.abs(strokeWidth(ring(160, 50, pen)) / pen - 1)).toBeLessThan(0.05)
  })

  it('does not depend on how dark the ink is', () => {
    const dark = ring(80, 25, 6)
    const pale = { ...dark, ink: dark.ink.map((v) => Math.round(v / 4)) }
    expect(strokeWidth(pale)).toBeCloseTo(strokeWidth(dark), 1)
  })
})

describe('thickening', () => {
  it.each([-3, -1, 1, 2, 4])('by %i px changes the width by twice that, within 0.8 px', (radius) => {
    const before = ring(120, 40, 12)
    const after = thicken(before, radius)
    expect(after.width).toBe(before.width + 2 * radius)
    expect(Math.abs(strokeWidth(after) - strokeWidth(before) - 2 * radius)).toBeLessThan(0.8)
  })

  it('by 1 px makes 3x3 px from one, and thinning by 1 px one from 3x3', () => {
    const pixel = { width: 1, height: 1, ink: Uint8Array.of(200) }
    const square = { width: 3, height: 3, ink: new Uint8Array(9).fill(200) }
    expect(thicken(pixel, 1)).toEqual(square)
    expect(thicken(square, -1)).toEqual(pixel)
  })
})

describe('preprocessing', () => {
  it.each([1, 2, 4, 8, 16, 24, 40, 60])('leaves a zero drawn with a %i px pen 1.5 to 3.6 px wide', (pen) => {
    const ink = preprocess(picture(ring(280, 80, pen)))
    const width = strokeWidth({ width: 28, height: 28, ink })
    expect(width).toBeGreaterThan(1.5)
    expect(width).toBeLessThan(3.6)
  })

  it('keeps the hole of a zero that covers half of its canvas and touches all four edges', () => {
    const fat = ring(280, 95, 90)
    expect(fat.ink.filter((v) => v > 127).length / fat.ink.length).toBeGreaterThan(0.5)
    for (const image of [picture(fat), picture({ ...fat, ink: fat.ink.map((v) => 255 - v) })]) {
      const bytes = preprocess(image)
      expect(bytes[14 * 28 + 14]).toBe(0)
      expect(bytes[0]).toBe(0)
      expect(Math.max(...bytes.subarray(14 * 28, 15 * 28))).toBeGreaterThan(200)
    }
  })
})
