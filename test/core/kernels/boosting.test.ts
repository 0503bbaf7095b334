/** The kernels of boosted trees compared with their contract. */

import { describe, expect, test } from 'vitest'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

const BACKENDS = allBackends(1 << 20)

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s', (_, { kernels, arena }) => {
  const place = (values: Int32Array | Int16Array | Uint8Array): number => {
    const at = arena.allocate(values.byteLength)
    arena.u8(at, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    return at
  }

  test('gradientHistogram sums hessians and gradients by feature and bin, in 200 random problems', () => {
    const random = new Random(7, 0)
    for (let round = 0; round < 200; round++) {
      const mark = arena.mark()
      const [L, F, n] = [1 + random.below(9), 1 + random.below(12), 1 + random.below(40)]
      const K = 1 + random.below(F)
      const rows = Uint8Array.from({ length: L * F }, () => random.below(256))
      const candidates = Int32Array.from({ length: K }, () => random.below(F))
      const samples = Int32Array.from({ length: n }, () => random.below(L))
      const largest = Math.floor((2 ** 31 - 1) / n)
      const gradients = Int32Array.from({ length: 2 * n }, (_, i) =>
        i % 2 === 0 ? random.below(largest + 1) : random.below(2 * largest + 1) - largest,
      )
      const expected = new Int32Array(K * 128)
      for (const [s, sample] of samples.entries()) {
        for (const [k, feature] of candidates.entries()) {
          const bin = Math.floor(rows[sample * F + feature] / 4)
          expected[(k * 64 + bin) * 2] += gradients[2 * s]
          expected[(k * 64 + bin) * 2 + 1] += gradients[2 * s + 1]
        }
      }
      const histogram = place(new Int32Array(K * 128).fill(round)) // what was there is overwritten
      const operands = [place(rows), place(candidates), place(samples), place(gradients)] as const
      kernels.gradientHistogram(histogram, ...operands, F, K, n)
      expect(arena.i32(histogram, K * 128)).toEqual(expected)
      arena.release(mark)
    }
  })

  test('boostedScores adds the leaf of every tree to its class: above the threshold to the right, at it to the left', () => {
    const mark = arena.mark()
    const leaf = (number: number) => 128 + number
    const splits = [
      [1, 100, leaf(0), 1], // the first tree, of two splits
      [0, 7, leaf(1), leaf(2)],
      [2, 255, leaf(1), leaf(0)],
      [2, 0, leaf(0), leaf(1)],
    ]
    const rows = [
      [8, 101, 255],
      [7, 101, 0],
      [255, 100, 0],
    ]
    const leaves = [10, 20, -30, 100, 200, 32_767, -32_768]
    const f = place(Uint8Array.from(rows.flat()))
    const scores = place(Int32Array.of(1, 0, 0, 0, 0, 5))
    const splitsAt = place(Uint8Array.from(splits.flat()))
    const [roots, leavesAt] = [place(Int32Array.of(0, 2, 3)), place(Int16Array.from(leaves))]
    kernels.boostedScores(scores, f, splitsAt, roots, leavesAt, 3, 3, 3, 2)
    // the third tree is of the first class again
    expect([...arena.i32(scores, 6)]).toEqual([1 - 30 - 32_768, 200, 20 + 32_767, 200, 10 + 32_767, 205])
    // the last two trees alone, whose leaves are counted from the first of them
    kernels.boostedScores(scores, f, splitsAt, roots + 4, leavesAt + 2, 1, 3, 2, 2)
    expect([...arena.i32(scores, 2)]).toEqual([1 - 30 - 32_768 + 200, 200 - 32_768])
    arena.release(mark)
  })
})
