/** Drawings without a skeleton: scribbles, fillings, random lines, curves and polygons, spirals, waves, dots. */

import type { Random } from '../../random.ts'
import { between, drawEllipse, type Lines, type Manner, type Spot, shaken, smoothThrough, turned } from './notation.ts'

type Maker = (random: Random, hand: Manner) => Lines

const anywhere = (random: Random): Spot => [between(random, 0, 100), between(random, 0, 100)]
const points = (random: Random, count: number): Spot[] => Array.from({ length: count }, () => anywhere(random))
const anyTurn = (random: Random): number => between(random, -1, 1)

export const SCRIBBLES: Readonly<Record<string, Maker>> = {
  /** Back and forth in any direction. */
  hatching(random, hand) {
    const lines = 5 + random.below(9)
    const zigzag = Array.from(
      { length: 2 * lines },
      (_, i): Spot => shaken([i % 2 === 0 ? 5 : 95, (i * 100) / (2 * lines - 1)], 2 + hand.wobble, random),
    )
    return turned([random.below(2) === 0 ? zigzag : smoothThrough(zigzag)], anyTurn(random))
  },
  'dense-scribble'(random) {
    return [smoothThrough(points(random, 25 + random.below(30)))]
  },
  scribble(random) {
    return [smoothThrough(points(random, 9 + random.below(12)))]
  },
  'angular-scribble'(random) {
    return [points(random, 8 + random.below(14))]
  },
  'filled-box'(random) {
    const high = between(random, 62, 130)
    const lines = Math.floor(high / 5)
    const filling = Array.from(
      { length: 2 * lines },
      (_, i): Spot => shaken([i % 2 === 0 ? 0 : 100, (Math.floor(i / 2) * high) / (lines - 1)], 1.5, random),
    )
    return turned([filling], random.below(2) === 0 ? 0 : anyTurn(random))
  },
  'random-lines'(random) {
    return Array.from({ length: 5 + random.below(4) }, () => points(random, 2))
  },
  'random-curves'(random) {
    return Array.from({ length: 2 + random.below(3) }, () => smoothThrough(points(random, 4)))
  },
  'short-strokes'(random) {
    return Array.from({ length: 6 + random.below(9) }, () => {
      const [x, y] = anywhere(random)
      return [[x, y], shaken([x, y], 14, random)]
    })
  },
  polygon(random) {
    const corners = points(random, 6 + random.below(4))
    return [[...corners, corners[0]]]
  },
  'two-polygons'(random) {
    return [0, 1].map(() => {
      const corners = points(random, 4 + random.below(3))
      return [...corners, corners[0]]
    })
  },
  dots(random) {
    return points(random, 4 + random.below(9)).map((point) => [point])
  },
  'dots-in-rows'(random) {
    const [rows, columns] = [2 + random.below(3), 3 + random.below(2)]
    return Array.from({ length: rows * columns }, (_, i) => [
      shaken([((i % columns) * 100) / (columns - 1), (Math.floor(i / columns) * 90) / (rows - 1)], 2, random),
    ])
  },
  spiral(random) {
    const turns = 2.2 + 2.2 * random.uniform()
    return turned([windings(turns, random, false)], anyTurn(random))
  },
  'square-spiral'(random, hand) {
    const corners: Spot[] = [[50, 50]]
    const step = between(random, 9, 14)
    let [dx, dy, length] = [1, 0, step]
    for (let i = 0; i < 8 + random.below(4); i++) {
      const [x, y] = corners[corners.length - 1]
      corners.push(shaken([x + dx * length, y + dy * length], hand.wobble / 2, random))
      ;[dx, dy] = [-dy, dx]
      if (i % 2 === 1) length += step
    }
    return turned([corners], anyTurn(random))
  },
  coil(random) {
    return turned([windings(3.5 + 3 * random.uniform(), random, true)], anyTurn(random) / 6)
  },
  wave(random, hand) {
    const count = 6 + random.below(6)
    const height = between(random, 10, 30)
    const crests = Array.from(
      { length: count },
      (_, i): Spot => shaken([(i * 100) / (count - 1), 50 + (i % 2 === 0 ? height : -height)], hand.wobble, random),
    )
    return turned([smoothThrough(crests)], random.below(2) === 0 ? 0 : anyTurn(random) / 2)
  },
  waves(random, hand) {
    return [20, 50, 80].slice(0, 2 + random.below(2)).map((y) => {
      const crests = Array.from(
        { length: 6 },
        (_, i): Spot => shaken([i * 20, y + (i % 2 === 0 ? 9 : -9)], hand.wobble / 2, random),
      )
      return smoothThrough(crests)
    })
  },
  zigzag(random, hand) {
    const count = 5 + random.below(6)
    const height = between(random, 15, 45)
    const corners = Array.from(
      { length: count },
      (_, i): Spot => shaken([(i * 100) / (count - 1), 50 + (i % 2 === 0 ? height : -height)], hand.wobble, random),
    )
    return turned([corners], anyTurn(random) / 4)
  },
  'upright-zigzag'(random, hand) {
    const count = 6 + random.below(5)
    const width = between(random, 12, 40)
    return [
      Array.from(
        { length: count },
        (_, i): Spot => shaken([50 + (i % 2 === 0 ? width : -width), (i * 100) / (count - 1)], hand.wobble, random),
      ),
    ]
  },
  steps(random, hand) {
    const count = 3 + random.below(3)
    const corners: Spot[] = []
    for (let i = 0; i <= count; i++)
      corners.push([(100 * i) / count, (100 * i) / count], [(100 * (i + 1)) / count, (100 * i) / count])
    const line = corners.slice(0, -1).map((point) => shaken(point, hand.wobble / 2, random))
    return [random.below(2) === 0 ? line : line.map(([x, y]): Spot => [100 - x, y])]
  },
  battlements(random, hand) {
    const line: Spot[] = []
    for (let i = 0; i < 3 + random.below(2); i++)
      line.push([40 * i, 60], [40 * i, 20], [40 * i + 20, 20], [40 * i + 20, 60])
    return [line.map((point) => shaken(point, hand.wobble / 2, random))]
  },
  rays(random, hand) {
    return Array.from({ length: 6 + random.below(5) }, () => {
      const ray = [shaken([50, 50], hand.wobble, random), shaken([50, between(random, -5, 15)], hand.wobble, random)]
      return turned([ray], random.below(2) === 0 ? anyTurn(random) : 1 / between(random, 0.05, 1))[0]
    })
  },
  'word-like'(random) {
    const line: Spot[] = [[0, 60]]
    const letters = 3 + random.below(4)
    for (let i = 0; i < letters; i++) {
      const x = 32 * i + 10
      const high = random.below(4) === 0 ? -20 : 25
      line.push(
        [x + between(random, 0, 8), high],
        [x + between(random, 4, 14), 65],
        [x + between(random, 12, 24), between(random, 20, 62)],
        [x + between(random, 16, 28), 62],
      )
    }
    return [smoothThrough(line.map((point) => shaken(point, 4, random)))]
  },
  loops(random) {
    const line: Spot[] = []
    const count = 3 + random.below(3)
    for (let i = 0; i < count; i++) line.push([40 * i, 70], [40 * i + 45, 45], [40 * i + 25, 5], [40 * i + 8, 45])
    line.push([40 * count, 75])
    return [smoothThrough(line.map((point) => shaken(point, 3, random)))]
  },
  crossings(random, hand) {
    const [down, across] = [2 + random.below(3), 2 + random.below(3)]
    const line = (from: Spot, to: Spot): Spot[] => [
      shaken(from, 2 + hand.wobble, random),
      shaken(to, 2 + hand.wobble, random),
    ]
    return [
      ...Array.from({ length: down }, (_, i) => line([(100 * (i + 0.5)) / down, 0], [(100 * (i + 0.5)) / down, 100])),
      ...Array.from({ length: across }, (_, i) =>
        line([0, (100 * (i + 0.5)) / across], [100, (100 * (i + 0.5)) / across]),
      ),
    ]
  },
  'three-blobs'(random, hand) {
    return Array.from({ length: 3 + random.below(3) }, () => {
      const [x, y] = anywhere(random)
      return drawEllipse(x, y, between(random, 6, 18), between(random, 6, 18), hand, random)
    })
  },
}

const [COS, SIN] = [0.9238795325112867, 0.3826834323650898] // of an eighth of half a turn

/** Turns around a middle that stays, with a growing radius, or that moves on. */
function windings(turns: number, random: Random, moving: boolean): Spot[] {
  const steps = Math.floor(turns * 16)
  const clockwise = random.below(2) === 0 ? 1 : -1
  const [wide, high] = moving ? [between(random, 8, 22), between(random, 12, 40)] : [50, 50]
  let [c, s] = [1, 0]
  const line: Spot[] = []
  for (let i = 0; i <= steps; i++) {
    const radius = moving ? 1 : i / steps
    const shift = moving ? (100 * i) / steps - 50 : 0
    line.push(shaken([50 + shift + wide * radius * c, 50 + high * radius * s * clockwise], 0.8, random))
    ;[c, s] = [c * COS - s * SIN, s * COS + c * SIN]
  }
  return line
}
