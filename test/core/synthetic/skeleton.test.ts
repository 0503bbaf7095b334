import { expect, test } from 'vitest'
import { Draws } from '../../../core/synthetic/draws.ts'
import { bevel, direction, type Joint, Skeleton, shake, trace } from '../../../core/synthetic/skeleton.ts'

test('directions have an error below 4e-6, for turns from -2 to 2', () => {
  for (let turns = -2; turns <= 2; turns += 1 / 720) {
    const [x, y] = direction(turns)
    expect(Math.abs(x - Math.cos(2 * Math.PI * turns))).toBeLessThan(4e-6)
    expect(Math.abs(y - Math.sin(2 * Math.PI * turns))).toBeLessThan(4e-6)
  }
})

test('a stroke runs through its joints, in pieces of at most 0.06', () => {
  const { strokes } = new Skeleton().start(0, 0).to(0.5, 0.1).corner(0.6, 0.6).to(0.2, 0.9).to(0, 1)
  const points = trace(strokes[0])
  for (const { x, y } of strokes[0]) {
    expect(points.some((point) => Math.abs(point[0] - x) < 1e-9 && Math.abs(point[1] - y) < 1e-9)).toBe(true)
  }
  for (let i = 1; i < points.length; i++) {
    expect(Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1])).toBeLessThan(0.06)
  }
})

test('the curve through the joints of a circle stays within 3 % of it', () => {
  const points = trace(new Skeleton().startArc(0, 0, 1, 1, 0, 1).strokes[0])
  for (const [x, y] of points) expect(Math.abs(Math.hypot(x, y) - 1)).toBeLessThan(0.03)
})

test('between two corners a stroke is straight', () => {
  const points = trace(new Skeleton().line([0, 0], [1, 0], [1, 1]).strokes[0])
  for (const [x, y] of points) expect(Math.min(Math.abs(y), Math.abs(x - 1))).toBeLessThan(1e-9)
})

test('a square arc is a rectangle', () => {
  const { strokes } = new Skeleton().startArc(0, 0, 2, 1, 0, 1, 1)
  for (const { x, y } of strokes[0]) expect(Math.max(Math.abs(x) / 2, Math.abs(y))).toBeCloseTo(1, 5)
})

test('a bevel cuts the same length off both sides of a corner, and leaves ends', () => {
  const corner = new Skeleton().line([0, 0], [1, 0], [1, 1]).strokes[0]
  const cut = bevel(corner, 0.1, false).map(({ x, y }) => [x, y])
  expect(cut).toEqual([[0, 0], [0.9, 0], [1, 0.1], [1, 1]]) // biome-ignore format: a line
})

test('shaking moves joints by less than its bound', () => {
  const joints: Joint[][] = [Array.from({ length: 200 }, () => ({ x: 0, y: 0, corner: true }))]
  shake(joints, 0.1, new Draws(1, 1))
  const reach = Math.max(...joints[0].map(({ x, y }) => Math.max(Math.abs(x), Math.abs(y))))
  expect(reach).toBeLessThan(0.1)
  expect(reach).toBeGreaterThan(0.05)
})
