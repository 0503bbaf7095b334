/** The random forest as a model: its answers, and the weights it refuses. */

import { describe, expect, test } from 'vitest'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import {
  checkForest,
  type Forest,
  forestMemory,
  forestModel,
  forestTensors,
  voteProbabilities,
} from '../../../core/models/forest.ts'
import { joinTensors, tensorBytes } from '../../../core/models/tensor.ts'
import { philox } from '../../../core/random.ts'

const LEAF = 0x8000

/** Two trees: the first of two splits, the second of one; three leaves. */
function small(): Forest {
  const leaves = new Uint8Array(30)
  leaves[3] = 255
  leaves[10 + 4] = 200
  leaves[10 + 9] = 55
  leaves[20 + 7] = 255
  const splits = [
    [(10 << 8) | 31, 1, LEAF + 0],
    [(199 << 8) | 15, LEAF + 1, LEAF + 2],
    [255, LEAF + 2, LEAF + 2],
  ]
  return { roots: Int32Array.of(0, 2), splits: Uint16Array.from(splits.flat()), leaves }
}

function card({ roots, splits, leaves }: Forest, power = 1) {
  return { forest: { trees: roots.length, splits: splits.length / 3, leaves: leaves.length / 10, power } }
}

function load(forest: Forest, power = 1) {
  const described = card(forest, power)
  const data = joinTensors([forest.roots, forest.splits, forest.leaves])
  return forestModel(typescriptBackend(forestMemory(described)), described, data)
}

describe('a forest', () => {
  test('answers with the mean of its leaves, with one 255th of a vote added to each class', () => {
    // paper only: every feature is 0
    const probabilities = load(small()).probabilities(new Uint8Array(784))
    const votes = [0, 0, 0, 0, 200, 0, 0, 255, 0, 55]
    for (const [c, vote] of votes.entries()) expect(probabilities[c]).toBeCloseTo((vote + 1) / 520, 7)
  })

  test('gives probabilities that sum to 1 within 2e-7, in the order of the votes, for every power', () => {
    const probabilities = new Float32Array(10)
    for (let round = 0; round < 200; round++) {
      const votes = Int32Array.from({ length: 10 }, (_, c) => philox(1, round, c) % (round % 2 ? 26 : 255_001))
      for (const power of [1, 2, 7, 32]) {
        voteProbabilities(probabilities, votes, power)
        expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(2e-7)
        const best = votes.indexOf(Math.max(...votes))
        expect(probabilities.indexOf(Math.max(...probabilities))).toBe(best)
        for (const p of probabilities) expect(p === 0 || p > 1e-31).toBe(true)
      }
    }
  })

  test('takes as many bytes in its file as its tensors say', () => {
    const forest = small()
    expect(tensorBytes(forestTensors(card(forest)))).toBe(2 * 4 + 3 * 6 + 30)
  })
})

describe('weights that the kernel could not walk', () => {
  const wrong: [string, (forest: Forest) => void][] = [
    ['a split that leads to itself', ({ splits }) => splits.set([0], 1)],
    ['a split that leads back', ({ splits }) => splits.set([0], 4)],
    ['a split that leads into the next tree', ({ splits }) => splits.set([2], 5)],
    ['a leaf that is not there', ({ splits }) => splits.set([LEAF + 3], 8)],
    ['a feature that is not there', ({ splits }) => splits.set([200 << 8], 3)],
    ['a first tree that does not begin at 0', ({ roots }) => roots.set([1], 0)],
    ['a tree without splits', ({ roots }) => roots.set([0], 1)],
    ['a tree past the end', ({ roots }) => roots.set([3], 1)],
    ['a negative root', ({ roots }) => roots.set([-1], 1)],
    ['a leaf whose shares are not one vote', ({ leaves }) => leaves.set([1], 0)],
  ]

  test.each(wrong)('are refused: %s', (_, spoil) => {
    const forest = small()
    expect(() => load(forest)).not.toThrow()
    spoil(forest)
    expect(() => load(forest)).toThrow(RangeError)
  })

  test('are refused when they are longer or shorter than the card says, or the power is not 1 to 32', () => {
    const forest = small()
    const data = joinTensors([forest.roots, forest.splits, forest.leaves])
    const backend = typescriptBackend(65_536)
    for (const bytes of [data.subarray(1), new Uint8Array([...data, 0])]) {
      expect(() => forestModel(backend, card(forest), bytes)).toThrow(RangeError)
    }
    for (const power of [0, 33, 1.5, NaN]) expect(() => load(forest, power)).toThrow(RangeError)
  })

  test('are found by checkForest: of 2,000 forests of random bytes, all that pass can be walked within bounds', () => {
    let passed = 0
    for (let round = 0; round < 2000; round++) {
      const forest = small()
      // a flip or two of the bits of the splits and roots
      for (let i = 0; i <= round % 2; i++) {
        const at = philox(2, round, 2 * i) % 11
        const bit = philox(2, round, 2 * i + 1) % 16
        if (at < 2) forest.roots[at] ^= 1 << bit
        else forest.splits[at - 2] ^= 1 << bit
      }
      try {
        checkForest(forest)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        continue
      }
      passed++
      const probabilities = load(forest).probabilities(new Uint8Array(784).fill(90, 300, 500))
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
    }
    expect(passed).toBeGreaterThan(100)
    expect(passed).toBeLessThan(1900)
  })
})
