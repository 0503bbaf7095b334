/** Boosted trees as a model: their answers, and the weights they refuse. */

import { describe, expect, test } from 'vitest'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import {
  type Boosted,
  boostedMemory,
  boostedModel,
  boostedTensors,
  checkBoosted,
  joinBoosted,
  sumScores,
} from '../../../core/models/boosted.ts'
import { parseCard } from '../../../core/models/card.ts'
import { joinTensors, tensorBytes } from '../../../core/models/tensor.ts'
import { philox } from '../../../core/random.ts'

const LEAF = 128

/** A round of trees: the first of two splits, the others of one. Paper, whose features are all 0, ends in each tree's first leaf. */
function small(classes = 10): Boosted {
  const first = {
    splits: Uint8Array.of(10, 31, LEAF, 1, 199, 15, LEAF + 1, LEAF + 2),
    leaves: Int16Array.of(4096, -1, -4096),
  }
  const others = Array.from({ length: classes - 1 }, (_, c) => ({
    splits: Uint8Array.of(c, 200, LEAF, LEAF + 1),
    leaves: Int16Array.of(-100 * c, 5000),
  }))
  return joinBoosted([first, ...others])
}

function card({ roots, splits }: Boosted, classes = 10, sharpness = 1) {
  return { boosted: { trees: roots.length, splits: splits.length / 4, classes, sharpness } }
}

function load(boosted: Boosted, classes = 10, sharpness = 1) {
  const described = card(boosted, classes, sharpness)
  const data = joinTensors([boosted.roots, boosted.splits, boosted.leaves])
  return boostedModel(typescriptBackend(boostedMemory(described)), described, data)
}

const softmax = (sums: readonly number[]) => {
  const powers = sums.map((sum) => Math.exp(sum))
  const all = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / all)
}

describe('boosted trees', () => {
  test.each([
    [10, 1],
    [11, 0.75],
  ])('of %i classes answer with the softmax of %d times the sums of their leaves', (classes, sharpness) => {
    const model = load(small(classes), classes, sharpness)
    const sums = Array.from({ length: classes }, (_, c) => (sharpness * (c === 0 ? 4096 : -100 * (c - 1))) / 4096)
    const expected = softmax(sums)
    const scores = model.scores(new Uint8Array(784))
    expect(scores.length).toBe(classes)
    for (const [c, score] of expected.entries()) expect(scores[c]).toBeCloseTo(score, 6)
    const probabilities = model.probabilities(new Uint8Array(784))
    expect(probabilities.length).toBe(10)
    for (const [c, p] of softmax(sums.slice(0, 10)).entries()) expect(probabilities[c]).toBeCloseTo(p, 6)
  })

  test('give scores that sum to 1 within 2e-7, in the order of the sums, at any sharpness', () => {
    const scores = new Float32Array(11)
    for (let round = 0; round < 200; round++) {
      const sums = Int32Array.from({ length: 11 }, (_, c) => (philox(1, round, c) | 0) >> (round % 20))
      for (const sharpness of [0.01, 1, 100]) {
        sumScores(scores, sums, sharpness)
        expect(Math.abs(scores.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(2e-7)
        expect(scores[sums.indexOf(Math.max(...sums))]).toBe(Math.max(...scores))
        for (const p of scores) expect(p === 0 || p > 1e-31).toBe(true)
      }
    }
  })

  test('take as many bytes in their file as their tensors say', () => {
    expect(tensorBytes(boostedTensors(card(small())))).toBe(10 * 4 + 11 * 4 + 21 * 2)
  })

  test('have a card that names what is wrong', () => {
    const base = {
      format: 1,
      id: 'boosted',
      name: 'Boosted trees',
      kind: 'trees',
      licence: 'MIT',
      version: 1,
      parameters: 1,
      preprocess: 1,
      weights: { file: 'weights.safetensors', bytes: 1, sha256: '0'.repeat(64) },
      test: { accuracy: 1 },
      type: 'boosted',
    }
    const { boosted } = card(small())
    expect(parseCard({ ...base, boosted }).type).toBe('boosted')
    const wrong = { trees: 0, splits: 1.5, classes: 12, sharpness: 0 }
    for (const [name, value] of Object.entries(wrong)) {
      expect(() => parseCard({ ...base, boosted: { ...boosted, [name]: value } })).toThrow(name)
    }
    expect(() => parseCard(base)).toThrow('boosted must be an object')
  })
})

describe('weights that the kernel could not walk', () => {
  const wrong: [string, (boosted: Boosted) => void][] = [
    ['a split that leads to itself', ({ splits }) => splits.set([0], 2)],
    ['a split that leads back', ({ splits }) => splits.set([0], 6)],
    ['a split that leads into the next tree', ({ splits }) => splits.set([2], 7)],
    ['a leaf that is not there', ({ splits }) => splits.set([LEAF + 3], 7)],
    ['a feature that is not there', ({ splits }) => splits.set([200], 4)],
    ['a first tree that does not begin at 0', ({ roots }) => roots.set([1], 0)],
    ['a tree without splits', ({ roots }) => roots.set([0], 1)],
    ['a tree past the end', ({ roots }) => roots.set([11], 9)],
    ['a negative root', ({ roots }) => roots.set([-1], 1)],
  ]

  test.each(wrong)('are refused: %s', (_, spoil) => {
    const boosted = small()
    expect(() => load(boosted)).not.toThrow()
    spoil(boosted)
    expect(() => load(boosted)).toThrow(RangeError)
  })

  test('are refused when they are longer or shorter than the card says, or are no whole rounds', () => {
    const boosted = small()
    const data = joinTensors([boosted.roots, boosted.splits, boosted.leaves])
    const backend = typescriptBackend(65_536)
    for (const bytes of [data.subarray(1), new Uint8Array([...data, 0])]) {
      expect(() => boostedModel(backend, card(boosted), bytes)).toThrow(RangeError)
    }
    expect(() => load(boosted, 11)).toThrow('no whole rounds')
  })

  test('are refused when a tree has more leaves than references can tell', () => {
    const splits = new Uint8Array(128 * 4)
    for (let s = 0; s < 128; s++) splits.set([0, 3, LEAF, s < 127 ? s + 1 : LEAF], s * 4)
    const long = { roots: Int32Array.of(0), splits, leaves: new Int16Array(129) }
    expect(() => checkBoosted(long)).toThrow(RangeError)
    splits.set([LEAF], 126 * 4 + 3)
    const fitting = { roots: Int32Array.of(0), splits: splits.subarray(0, 127 * 4), leaves: new Int16Array(128) }
    expect(() => checkBoosted(fitting)).not.toThrow()
  })

  test('are found by checkBoosted: of 2,000 with random bits, all that pass can be walked within bounds', () => {
    let passed = 0
    for (let round = 0; round < 2000; round++) {
      const boosted = small()
      for (let i = 0; i <= round % 2; i++) {
        const at = philox(2, round, 2 * i) % 54
        const bit = philox(2, round, 2 * i + 1) % 8
        if (at < 10) boosted.roots[at] ^= 1 << bit
        else boosted.splits[at - 10] ^= 1 << bit
      }
      try {
        checkBoosted(boosted)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        continue
      }
      passed++
      const probabilities = load(boosted).probabilities(new Uint8Array(784).fill(90, 300, 500))
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
    }
    expect(passed).toBeGreaterThan(100)
    expect(passed).toBeLessThan(1900)
  })
})
