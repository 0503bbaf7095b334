import { describe, expect, it } from 'vitest'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

const backends = allBackends(1_048_576)
const [reference] = backends

function pixels(value: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: 784 }, (_, i) => value(i % 28, Math.floor(i / 28)))
}

describe.each(backends.map((backend) => [backend.name, backend] as const))('%s', (_, { kernels, arena }) => {
  function features(image: Uint8Array): number[] {
    const mark = arena.mark()
    const [f, sums, x] = [arena.allocate(200), arena.allocate(800), arena.allocate(784)]
    arena.u8(x, 784).set(image)
    kernels.directions(f, sums, x)
    const result = [...arena.u8(f, 200)]
    arena.release(mark)
    return result
  }

  /** Features summed by direction over all zones. */
  function byDirection(image: Uint8Array): number[] {
    const sums = new Array<number>(8).fill(0)
    for (const [i, value] of features(image).entries()) sums[i % 8] += value
    return sums
  }

  function nearest(values: readonly number[], k: number): number[] {
    const mark = arena.mark()
    const [index, d] = [arena.allocate(k * 4), arena.allocate(values.length * 4)]
    arena.i32(d, values.length).set(values)
    kernels.nearest(index, d, values.length, k)
    const result = [...arena.i32(index, k)]
    arena.release(mark)
    return result
  }

  it('distances are the sums of squared differences, exactly, up to 784 bytes all 255 apart', () => {
    const random = new Random(3, 0)
    for (const [R, L] of [
      [1, 1],
      [5, 7],
      [6, 200],
      [9, 203],
      [3, 784],
    ]) {
      const mark = arena.mark()
      const [d, q, references] = [arena.allocate(R * 4), arena.allocate(L), arena.allocate(R * L)]
      const [query, rows] = [arena.u8(q, L), arena.u8(references, R * L)]
      for (let l = 0; l < L; l++) query[l] = random.below(256)
      for (let i = 0; i < R * L; i++) rows[i] = i < L ? 255 - query[i] : random.below(256)
      query.fill(255)
      rows.fill(0, 0, L)
      kernels.distances(d, q, references, R, L)
      const expected = Array.from({ length: R }, (_, r) =>
        rows.subarray(r * L, (r + 1) * L).reduce((sum, value, l) => sum + (query[l] - value) ** 2, 0),
      )
      expect([...arena.i32(d, R)]).toEqual(expected)
      expect(expected[0]).toBe(L * 65_025)
      arena.release(mark)
    }
  })

  it('nearest gives the k smallest, the first among equals, as a stable sort does', () => {
    const random = new Random(4, 0)
    for (let n = 1; n <= 60; n++) {
      const values = Array.from({ length: n }, () => random.below(n % 2 ? 7 : 1_000_000))
      const sorted = values.map((_, i) => i).sort((a, b) => values[a] - values[b] || a - b)
      for (const k of [1, 2, 5, n]) if (k <= n) expect(nearest(values, k)).toEqual(sorted.slice(0, k))
    }
  })

  it('nearest treats the largest i32 as a distance like any other', () => {
    const most = 2_147_483_647
    expect(nearest([most, most, most, most, most, most, 5, most], 2)).toEqual([6, 0])
  })

  it('an empty picture, and one full of ink within its border, have no directions', () => {
    expect(features(pixels(() => 0)).some((value) => value > 0)).toBe(false)
    expect(features(pixels(() => 255)).some((value) => value > 0)).toBe(false)
  })

  it('ink that begins to the right of the middle is direction 0, and each eighth of a turn is the next', () => {
    const edges: ((x: number, y: number) => number)[] = [
      (x) => x - 13.5,
      (x, y) => x + y - 27.5,
      (_, y) => y - 13.5,
      (x, y) => y - x - 0.5,
      (x) => 13.5 - x,
      (x, y) => 26.5 - x - y,
      (_, y) => 13.5 - y,
      (x, y) => x - y - 0.5,
    ]
    for (const [direction, side] of edges.entries()) {
      const sums = byDirection(pixels((x, y) => (side(x, y) > 0 ? 255 : 0)))
      expect(sums.map((value) => value > 0)).toEqual(sums.map((_, i) => i === direction))
    }
  })

  it('a stroke moved by a zone, 5.6 px of which 6 are the nearest whole, moves its features by a zone within 20 %', () => {
    const stroke = (left: number) =>
      features(pixels((x, y) => (x >= left && x < left + 3 && y > 4 && y < 23 ? 255 : 0)))
    const [one, other] = [stroke(7), stroke(13)]
    for (let row = 0; row < 5; row++) {
      for (let column = 0; column < 4; column++) {
        for (let c = 0; c < 8; c++) {
          const [before, after] = [one[(row * 5 + column) * 8 + c], other[(row * 5 + column + 1) * 8 + c]]
          if (before > 60) expect(Math.abs(after - before) / before).toBeLessThan(0.2)
        }
      }
    }
  })

  it('features of noise are those of the TypeScript kernels, byte for byte', () => {
    const random = new Random(5, 0)
    for (let n = 0; n < 50; n++) {
      const image = pixels(() => (random.below(3) ? 0 : random.below(256)))
      const mark = reference.arena.mark()
      const [f, sums, x] = [reference.arena.allocate(200), reference.arena.allocate(800), reference.arena.allocate(784)]
      reference.arena.u8(x, 784).set(image)
      reference.kernels.directions(f, sums, x)
      expect(features(image)).toEqual([...reference.arena.u8(f, 200)])
      reference.arena.release(mark)
    }
  })
})
