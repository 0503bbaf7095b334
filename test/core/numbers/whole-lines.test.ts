/** Lines of ink, and which of them belong to which side of a cut. */

import { describe, expect, it } from 'vitest'
import { type Mask, segmentsOf } from '../../../core/numbers/skeleton.ts'
import { wholeLines } from '../../../core/numbers/whole-lines.ts'

/** Strokes 5 cells wide along the points of lines, on a grid of 60 x 60. */
function drawn(...lines: readonly (readonly (readonly [number, number])[])[]): Mask {
  const [width, height] = [60, 60]
  const ink = new Uint8Array(width * height)
  for (const line of lines) {
    for (let k = 1; k < line.length; k++) {
      const [[ax, ay], [bx, by]] = [line[k - 1], line[k]]
      for (let step = 0; step <= 60; step++) {
        const [x, y] = [Math.round(ax + ((bx - ax) * step) / 60), Math.round(ay + ((by - ay) * step) / 60)]
        for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) ink[(y + dy) * width + x + dx] = 1
      }
    }
  }
  return { width, height, ink }
}

const upright = (x: number) => ({ x: new Int32Array(60).fill(x), ink: 0 })

describe('ink', () => {
  it('of two lines that cross has four segments and one joint', () => {
    const { count, ends, joint } = segmentsOf(drawn([[30, 5], [30, 55]], [[5, 30], [55, 30]])) // biome-ignore format: points
    expect(count).toBe(4)
    expect(ends.filter((all) => all.length > 0).map((all) => all.length)).toEqual([4])
    expect(joint[30 * 60 + 30]).toBeGreaterThanOrEqual(0)
    expect(joint[10 * 60 + 30]).toBe(-1)
  })
})

describe('between cuts', () => {
  // an upright line, and one that leaves it to the right: the cut runs beside the first
  const mask = drawn([[20, 5], [20, 55]], [[22, 30], [50, 30]]) // biome-ignore format: points
  const shares = wholeLines(mask, [upright(27)], 50)

  it('each side has its lines whole and nothing of the lines of the other', () => {
    const [left, right] = [shares(0, 1), shares(1, 2)]
    expect(left.has(8 * 60 + 20)).toBe(true)
    expect(left.has(52 * 60 + 22)).toBe(true)
    expect(left.has(30 * 60 + 26)).toBe(false)
    expect(right.has(30 * 60 + 26)).toBe(true)
    expect(right.has(30 * 60 + 50)).toBe(true)
    expect(right.has(8 * 60 + 20)).toBe(false)
  })

  it('no ink is lost, and that of the joint is on both sides', () => {
    const [left, right] = [shares(0, 1), shares(1, 2)]
    let both = 0
    for (let cell = 0; cell < mask.ink.length; cell++) {
      if (mask.ink[cell]) expect(left.has(cell) || right.has(cell)).toBe(true)
      if (mask.ink[cell] && left.has(cell) && right.has(cell)) both++
    }
    expect(both).toBeGreaterThan(0)
  })

  it('a long line is cut', () => {
    const line = wholeLines(drawn([[5, 30], [55, 30]]), [upright(30)], 50) // biome-ignore format: points
    expect(line(0, 1).has(30 * 60 + 29)).toBe(true)
    expect(line(0, 1).has(30 * 60 + 31)).toBe(false)
    expect(line(1, 2).has(30 * 60 + 31)).toBe(true)
  })
})
