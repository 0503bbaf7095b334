/** The kernels of the random forest compared with their contract. */

import { describe, expect, test } from 'vitest'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

const BACKENDS = allBackends(1 << 20)

interface Problem {
  readonly columns: readonly (readonly number[])[] // [features][images], levels 0..15
  readonly candidates: readonly number[]
  readonly samples: readonly (readonly [image: number, label: number])[]
}

/** Position of the best candidate and its threshold, by trying everything in exact fractions. */
function bestSplit({ columns, candidates, samples }: Problem): [number, number] {
  let [position, threshold, over, under] = [-1, 0, -1n, 1n]
  for (const [k, feature] of candidates.entries()) {
    const level = ([image]: readonly [number, number]) => columns[feature][image]
    const levels = [...new Set(samples.map(level))].sort((a, b) => a - b)
    for (let i = 1; i < levels.length; i++) {
      const sums = [samples.filter((s) => level(s) < levels[i]), samples.filter((s) => level(s) >= levels[i])]
      const [left, right] = sums.map((side) => {
        const counts = new Map<number, bigint>()
        for (const [, label] of side) counts.set(label, (counts.get(label) ?? 0n) + 1n)
        return { n: BigInt(side.length), squares: [...counts.values()].reduce((sum, count) => sum + count * count, 0n) }
      })
      const score = [left.squares * right.n + right.squares * left.n, left.n * right.n] as const
      if (score[0] * under <= over * score[1]) continue
      ;[over, under] = score
      position = k
      threshold = Math.floor((levels[i - 1] + levels[i] - 1) / 2) * 16 + 15
    }
  }
  return [position, threshold]
}

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s', (_, { kernels, arena }) => {
  function search({ columns, candidates, samples }: Problem): [number, number] {
    const mark = arena.mark()
    const L = columns[0].length
    const place = (values: readonly number[]) => {
      const at = arena.allocate(values.length * 4)
      arena.i32(at, values.length).set(values)
      return at
    }
    const columnsAt = arena.allocate(columns.length * L)
    for (const [f, column] of columns.entries()) {
      arena.u8(columnsAt + f * L, L).set(column.map((level) => level << 4))
    }
    const [best, histogram] = [arena.allocate(8), arena.allocate(18 * 16 * 4)]
    const samplesAt = place(samples.map(([image, label]) => (image << 4) | label))
    const candidatesAt = place(candidates)
    kernels.splitSearch(best, histogram, columnsAt, candidatesAt, samplesAt, L, candidates.length, samples.length)
    const [position, threshold] = arena.i32(best, 2)
    arena.release(mark)
    return [position, threshold]
  }

  test('splitSearch finds the split that exact fractions find, in 400 random problems', () => {
    const random = new Random(5, 0)
    let none = 0
    for (let round = 0; round < 400; round++) {
      const [L, F] = [1 + random.below(30), 1 + random.below(6)]
      const levels = 1 + random.below(16)
      const columns = Array.from({ length: F }, () => Array.from({ length: L }, () => random.below(levels)))
      const candidates = Array.from({ length: 1 + random.below(F) }, () => random.below(F))
      const classes = 1 + random.below(10)
      const labels = Array.from({ length: L }, () => random.below(classes))
      const samples = Array.from({ length: 1 + random.below(60) }, () => random.below(L)).map(
        (image) => [image, labels[image]] as const,
      )
      const problem = { columns, candidates, samples }
      const expected = bestSplit(problem)
      expect(search(problem)).toEqual(expected)
      if (expected[0] < 0) none++
    }
    expect(none).toBeGreaterThan(5)
    expect(none).toBeLessThan(200)
  })

  test('splitSearch takes the first candidate and the lowest threshold among equals, half-way between two levels', () => {
    const samples = [0, 1, 2, 3].map((image) => [image, image >> 1] as const)
    const columns = [
      [0, 0, 0, 0],
      [1, 1, 9, 9],
      [2, 2, 3, 3],
    ]
    expect(search({ columns, candidates: [0, 1, 2], samples })).toEqual([1, 4 * 16 + 15])
    expect(search({ columns, candidates: [2, 1], samples })).toEqual([0, 2 * 16 + 15])
    expect(search({ columns, candidates: [0], samples })).toEqual([-1, 0])
    // 0 | 1 1 0 and 0 1 1 | 0 are equally good
    const labels = [0, 1, 1, 0].map((label, image) => [image, label] as const)
    expect(search({ columns: [[1, 4, 8, 12]], candidates: [0], samples: labels })).toEqual([0, 2 * 16 + 15])
  })

  test('forestVotes adds up the leaves that each row ends in: above the threshold to the right, at it to the left', () => {
    const mark = arena.mark()
    const leaf = (number: number) => 0x8000 + number
    const splits = [
      [(1 << 8) | 100, leaf(0), 1],
      [(0 << 8) | 7, leaf(1), leaf(2)],
      [(2 << 8) | 255, leaf(2), leaf(0)],
    ]
    const rows = [
      [8, 101, 255],
      [7, 101, 0],
      [255, 100, 0],
    ]
    const leaves = [
      [255, 0],
      [1, 254],
      [100, 155],
    ]
    const [votes, f, splitsAt] = [arena.allocate(24), arena.allocate(9), arena.allocate(18)]
    const [roots, leavesAt] = [arena.allocate(8), arena.allocate(6)]
    arena.u8(f, 9).set(rows.flat())
    new Uint16Array(arena.buffer, splitsAt, 9).set(splits.flat())
    arena.i32(roots, 2).set([0, 2])
    arena.u8(leavesAt, 6).set(leaves.flat())
    kernels.forestVotes(votes, f, splitsAt, roots, leavesAt, 3, 3, 2, 2)
    expect([...arena.i32(votes, 6)]).toEqual([200, 310, 101, 409, 355, 155])
    arena.release(mark)
  })
})
