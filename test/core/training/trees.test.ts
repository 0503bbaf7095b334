/** Growing a random forest: the structure of trees, that they learn, and that they depend on seed and number only. */

import { describe, expect, test } from 'vitest'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { checkForest, placeForest } from '../../../core/models/forest.ts'
import { Random } from '../../../core/random.ts'
import {
  createTreeGrower,
  joinTrees,
  quantise,
  type Tree,
  type TreeRecipe,
  treeGrowingMemory,
} from '../../../core/training/trees.ts'
import { allBackends } from '../backends.ts'

const RECIPE: TreeRecipe = { seed: 3, candidates: 5, smallest: 2, copies: 1, augment: { shift: 1 } }

/** Pictures of one bar each: upright for even labels, lying for odd ones, further along for higher ones; places are noisy. */
function bars(count: number, seed: number): LabelledImages {
  const random = new Random(seed, 9)
  const images = new Uint8Array(count * 784)
  const labels = new Uint8Array(count)
  for (let n = 0; n < count; n++) {
    labels[n] = random.below(10)
    const place = 4 + (labels[n] >> 1) * 4 + random.below(4)
    for (let along = 3 + random.below(3); along < 25; along++) {
      for (let across = place; across < place + 3; across++) {
        const at = labels[n] % 2 ? across * 28 + along : along * 28 + across
        images[n * 784 + at] = 128 + random.below(128)
      }
    }
  }
  return { images, labels, count }
}

const SET = bars(300, 1)

function grow(set: LabelledImages, recipe: TreeRecipe, numbers: readonly number[], backend = 2): Tree[] {
  const grower = createTreeGrower(allBackends(treeGrowingMemory(set.count, recipe.copies))[backend], set, recipe)
  return numbers.map((number) => grower(number))
}

describe('a tree', () => {
  test('is the same in every backend and after any other tree, and differs with number and seed', () => {
    const [one, two, three] = grow(SET, RECIPE, [0, 1, 2])
    for (const backend of [0, 1, 2]) expect(grow(SET, RECIPE, [2, 1], backend)).toEqual([three, two])
    expect(two).not.toEqual(one)
    expect(grow(SET, { ...RECIPE, seed: 4 }, [0])[0]).not.toEqual(one)
  })

  test('has only references to a later split or a leaf, the lower side first', () => {
    const trees = grow(SET, RECIPE, [0, 1, 2, 3])
    for (const { splits } of trees) {
      expect(splits.length).toBeGreaterThanOrEqual(9 * 3)
      for (let split = 0; split < splits.length; split += 3) {
        if (splits[split + 1] < 0x8000) expect(splits[split + 1]).toBe(split / 3 + 1)
        expect(splits[split] & 15).toBe(15)
      }
    }
    expect(() => checkForest(joinTrees(trees))).not.toThrow()
  })

  test('stops at nodes of fewer samples than `smallest`, whose leaves are shares', () => {
    const [whole] = grow(SET, RECIPE, [0])
    const [coarse] = grow(SET, { ...RECIPE, smallest: 60 }, [0])
    expect(coarse.splits.length).toBeLessThan(whole.splits.length)
    expect(coarse.leaves.length).toBeGreaterThan(100)
    const [none] = grow(SET, { ...RECIPE, smallest: 301 }, [0])
    expect(none.splits.length).toBe(3)
    expect(none.splits[1]).toBe(none.splits[2])
  })

  test('of images that are all alike is one split with the same leaf on both sides: the shares of their labels', () => {
    const images = new Uint8Array(40 * 784)
    for (let n = 0; n < 40; n++) images.set(SET.images.subarray(0, 784), n * 784)
    const [tree] = grow({ images, labels: SET.labels.subarray(0, 40), count: 40 }, { ...RECIPE, copies: 0 }, [0])
    expect([...tree.splits]).toEqual([255, 0x8000 + 10, 0x8000 + 10])
    expect(tree.leaves.subarray(100).filter((share) => share > 0).length).toBeGreaterThan(4)
  })
})

describe('a forest', () => {
  test('of 20 trees recognises 98 % of 500 bars it was not trained on, and every single tree fewer', () => {
    const unseen = bars(500, 2)
    const trees = grow(
      SET,
      RECIPE,
      Array.from({ length: 20 }, (_, i) => i),
    )
    const right = (members: readonly Tree[]) => {
      const count = placeForest(allBackends(1 << 20)[2], joinTrees(members))
      let sum = 0
      for (let n = 0; n < unseen.count; n++) {
        const votes = count(unseen.images.subarray(n * 784, (n + 1) * 784))
        if (votes.indexOf(Math.max(...votes)) === unseen.labels[n]) sum++
      }
      return sum / unseen.count
    }
    const together = right(trees)
    expect(together).toBeGreaterThanOrEqual(0.98)
    for (const tree of trees) expect(right([tree])).toBeLessThan(together)
  })

  test('shares equal leaves between its trees, which changes no vote', () => {
    const trees = grow(SET, { ...RECIPE, smallest: 20 }, [0, 1, 2])
    const { roots, splits, leaves } = joinTrees(trees)
    expect(leaves.length).toBeLessThan(trees.reduce((sum, tree) => sum + tree.leaves.length, 0))
    for (const [t, tree] of trees.entries()) {
      for (const [i, value] of tree.splits.entries()) {
        const planted = splits[roots[t] * 3 + i]
        if (i % 3 === 0 || value < 0x8000) expect(planted).toBe(value)
        else {
          const [own, shared] = [(value - 0x8000) * 10, (planted - 0x8000) * 10]
          expect(leaves.subarray(shared, shared + 10)).toEqual(tree.leaves.subarray(own, own + 10))
        }
      }
    }
  })
})

describe('the shares of a leaf', () => {
  test('sum to 255 and are within 1 of the exact ones, in 1,000 random mixtures', () => {
    const random = new Random(6, 0)
    for (let round = 0; round < 1000; round++) {
      const counts = Uint32Array.from({ length: 10 }, () => Math.max(0, random.below(2 + round) - (round >> 1)))
      counts[round % 10]++
      const n = counts.reduce((sum, count) => sum + count, 0)
      const leaf = quantise(counts, n)
      expect(leaf.reduce((sum, share) => sum + share, 0)).toBe(255)
      for (const [c, share] of leaf.entries()) expect(Math.abs(share - (counts[c] * 255) / n)).toBeLessThan(1)
    }
  })

  test('go to the lowest class where remainders are equal', () => {
    expect([...quantise(Uint32Array.of(1, 1, 0, 0, 0, 0, 0, 0, 0, 0), 2)].slice(0, 3)).toEqual([128, 127, 0])
  })
})
