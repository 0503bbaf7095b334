/** The pen's curve: through every point, round where points are few, and no more points than needed. */

import { describe, expect, it } from 'vitest'
import { curveThrough, type StrokePoint } from '../../../core/preprocess/curve.ts'
import { Random } from '../../../core/random.ts'

const PEN = 9

/** `count` points on a circle of radius 40, from its right end on. */
function circle(count: number): StrokePoint[] {
  return Array.from({ length: count + 1 }, (_, k) => {
    const angle = (2 * Math.PI * k) / count
    return [40 * Math.cos(angle), 40 * Math.sin(angle)] as const
  })
}

function distanceToLine([x, y]: StrokePoint, [ax, ay]: StrokePoint, [bx, by]: StrokePoint): number {
  const length = Math.hypot(bx - ax, by - ay)
  return Math.abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length
}

describe('curveThrough', () => {
  it('goes through every point in order, with at most 12 points for each', () => {
    const random = new Random(5, 0)
    for (let k = 0; k < 200; k++) {
      const points = Array.from({ length: 2 + random.below(20) }, () => [random.below(80), random.below(80)] as const)
      const curve = curveThrough(points, PEN)
      let at = -1
      for (const [x, y] of points) {
        const found = curve.findIndex((point, i) => i >= Math.max(at, 0) && point[0] === x && point[1] === y)
        expect(found).toBeGreaterThanOrEqual(0)
        at = found
      }
      expect(curve.length).toBeLessThanOrEqual(12 * points.length)
    }
  })

  it('makes a circle of eight points round: within 1.6 of its radius of 40 away from its ends, where straight lines are 3 off', () => {
    const [from, to] = [circle(8)[1], circle(8)[7]]
    const curve = curveThrough(circle(8), PEN)
    const inner = curve.slice(curve.indexOf(curve.find(([x, y]) => x === from[0] && y === from[1]) ?? to))
    const radii = inner.map(([x, y]) => Math.hypot(x, y))
    expect(inner.length).toBeGreaterThan(20)
    expect(Math.min(...radii)).toBeGreaterThan(38.4)
    expect(Math.max(...radii)).toBeLessThan(41.6)
  })

  it('leaves dense points, corners among them, as they are', () => {
    const corner = Array.from({ length: 21 }, (_, k): StrokePoint => (k < 10 ? [4 * k, 0] : [40, 4 * (k - 10)]))
    expect(curveThrough(corner, PEN)).toEqual(corner)
  })

  it('keeps straight lines straight, and a sharp corner beside them without a loop', () => {
    const line: StrokePoint[] = [[0, 0], [20, 10], [60, 30], [70, 35]] // biome-ignore format: a line
    for (const point of curveThrough(line, PEN)) expect(distanceToLine(point, line[0], line[3])).toBeLessThan(1e-9)
    const tip = curveThrough([[0, 0], [60, 0], [0, 10]], PEN) // biome-ignore format: a tip
    expect(Math.max(...tip.map(([x]) => x))).toBeLessThan(62)
  })

  it('joins two points by one segment, and keeps one point', () => {
    const ends: StrokePoint[] = [[0, 0], [64, 32]] // biome-ignore format: a line
    expect(curveThrough(ends, PEN)).toEqual(ends)
    expect(curveThrough([[3, 4]], PEN)).toEqual([[3, 4]])
    expect(curveThrough([], PEN)).toEqual([])
  })

  it('makes no difference of repeated points', () => {
    const twice = circle(6).flatMap((point) => [point, point])
    expect(curveThrough(twice, PEN)).toEqual(curveThrough(circle(6), PEN))
  })

  it('is the same however it is scaled, and drawn from either end', () => {
    const curve = curveThrough(circle(7), PEN)
    const large = curveThrough(
      circle(7).map(([x, y]) => [8 * x, 8 * y] as const),
      8 * PEN,
    )
    expect(large).toHaveLength(curve.length)
    large.forEach(([x, y], k) => {
      expect(x / 8).toBeCloseTo(curve[k][0], 9)
      expect(y / 8).toBeCloseTo(curve[k][1], 9)
    })
    const back = curveThrough(circle(7).reverse(), PEN).reverse()
    expect(back).toHaveLength(curve.length)
    back.forEach(([x, y], k) => {
      expect(x).toBeCloseTo(curve[k][0], 9)
      expect(y).toBeCloseTo(curve[k][1], 9)
    })
  })
})
