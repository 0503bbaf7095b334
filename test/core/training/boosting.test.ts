/** Boosting: that a tree is the best one, that rounds learn, and that they depend on seed and number only. */

import { describe, expect, test } from 'vitest'
import type { Backend } from '../../../core/backend/backend.ts'
import { checkBoosted, joinBoosted, placeBoosted } from '../../../core/models/boosted.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { Random } from '../../../core/random.ts'
import { type BoostedTree, createBoostedGrower, GRAIN, type GrowthRecipe } from '../../../core/training/boosted-tree.ts'
import { type BoostingRecipe, boostingMemory, createBooster } from '../../../core/training/boosting.ts'
import { allBackends } from '../backends.ts'

const RECIPE: BoostingRecipe = {
  seed: 3,
  rounds: 12,
  leaves: 4,
  features: 60,
  rate: 0.4,
  penalty: 1,
  smallest: 0.5,
  gradient: 0.1,
  copies: 1,
  augment: { shift: 1 },
}

/** Pictures of one bar each: upright for even labels, lying for odd ones, further along for higher ones; label 10 is both. */
function bars(count: number, seed: number, classes = 11): LabelledImages {
  const random = new Random(seed, 9)
  const images = new Uint8Array(count * 784)
  const labels = Uint8Array.from({ length: count }, () => random.below(classes))
  for (const [n, label] of labels.entries()) {
    const place = 4 + (label >> 1) * 4 + random.below(3)
    for (let along = 3 + random.below(3); along < 25; along++) {
      for (let across = place; across < place + 3; across++) {
        const ink = 128 + random.below(128)
        if (label === 10 || label % 2 === 0) images[n * 784 + along * 28 + Math.min(27, across)] = ink
        if (label === 10 || label % 2 === 1) images[n * 784 + Math.min(27, across) * 28 + along] = ink
      }
    }
  }
  return { images, labels, count }
}

const [SET, UNSEEN] = [bars(500, 1), bars(300, 2)]

function boost(rounds: number, changed: Partial<BoostingRecipe> = {}, backend = 2) {
  const recipe = { ...RECIPE, ...changed }
  const memory = boostingMemory(SET.count, UNSEEN.count, 11, recipe)
  const booster = createBooster(allBackends(memory)[backend], SET, UNSEEN, 11, recipe)
  return { booster, reports: Array.from({ length: rounds }, () => booster.step()) }
}

describe('boosting', () => {
  const { booster, reports } = boost(RECIPE.rounds)

  test('learns: loss falls, and it recognises 95 % of 300 bars it was not trained on', () => {
    expect(reports[0].training.loss).toBeCloseTo(Math.log(11), 5)
    for (const side of ['training', 'validation'] as const) {
      expect(reports[11][side].loss).toBeLessThan(reports[5][side].loss)
      expect(reports[11][side].accuracy).toBeGreaterThan(0.95)
    }
  })

  test('scores as the model that its trees make', () => {
    const boosted = joinBoosted(booster.trees)
    expect(() => checkBoosted(boosted)).not.toThrow()
    const sum = placeBoosted(allBackends(1 << 20)[2], boosted, 11)
    let right = 0
    for (let i = 0; i < UNSEEN.count; i++) {
      const sums = sum(UNSEEN.images.subarray(i * 784, (i + 1) * 784))
      if (sums.indexOf(Math.max(...sums)) === UNSEEN.labels[i]) right++
    }
    expect(right / UNSEEN.count).toBe(reports[11].validation.accuracy)
  })

  test.each([0, 1])('grows the same trees in backend %i', (backend) => {
    expect(boost(3, {}, backend).booster.trees).toEqual(booster.trees.slice(0, 33))
  })

  test.each([
    ['seed', 4],
    ['features', 30],
    ['gradient', 0.2],
    ['copies', 2],
    ['rate', 0.3],
    ['penalty', 2],
    ['leaves', 5],
    ['smallest', 5],
    ['augment', { shift: 2 }],
  ])('grows other trees with another %s', (name, value) => {
    expect(boost(3, { [name]: value }).booster.trees).not.toEqual(booster.trees.slice(0, 33))
  })

  test('that is taken up after five rounds ends in the same trees', () => {
    const later = boost(0).booster
    later.restore(booster.trees.slice(0, 55))
    expect(later.round).toBe(5)
    const rest = Array.from({ length: 7 }, () => later.step())
    expect(later.trees).toEqual(booster.trees)
    expect(rest).toEqual(reports.slice(5))
  })

  test('refuses more images than sums of gradients have room for', () => {
    const many = { images: new Uint8Array(0), labels: new Uint8Array(0), count: 2 ** 19 }
    const backend = allBackends(1 << 16)[2]
    expect(() => createBooster(backend, many, UNSEEN, 11, RECIPE)).toThrow('fewer than 524288 images')
  })
})

const GROWTH: GrowthRecipe = { leaves: 2, rate: 1, penalty: 0.5, smallest: 0.25 }

interface Problem {
  readonly rows: Uint8Array // [count, 200]
  readonly gradients: Int32Array // [count, 2]
  readonly features: readonly number[]
}

function problem(random: Random): Problem {
  const count = 2 + random.below(30)
  const levels = 1 + random.below(64)
  return {
    rows: Uint8Array.from({ length: count * 200 }, () => random.below(levels) * 4 + random.below(4)),
    gradients: Int32Array.from({ length: 2 * count }, (_, i) =>
      i % 2 === 0 ? 1 + random.below(GRAIN / 4) : random.below(2 * GRAIN) - GRAIN,
    ),
    features: [random.below(70), 70 + random.below(60), 130 + random.below(70)],
  }
}

function growOne({ kernels, arena, ...rest }: Backend, { rows, gradients, features }: Problem, recipe: GrowthRecipe) {
  const mark = arena.mark()
  const count = gradients.length / 2
  const rowsAt = arena.allocate(rows.length)
  arena.u8(rowsAt, rows.length).set(rows)
  const samplesAt = arena.allocate(count * 4)
  arena.i32(samplesAt, count).set(Int32Array.from({ length: count }, (_, i) => i))
  const gradientsAt = arena.allocate(count * 8)
  arena.i32(gradientsAt, count * 2).set(gradients)
  const grower = createBoostedGrower({ kernels, arena, ...rest }, rowsAt, features.length, count, recipe)
  grower.candidates.set(features)
  const tree = grower.grow({ samplesAt, gradientsAt, count })
  arena.release(mark)
  return tree
}

/** The leaf of a row. */
function walk({ splits, leaves }: BoostedTree, row: Uint8Array): number {
  let reference = 0
  while (reference < 128) {
    const [feature, threshold, low, high] = splits.subarray(reference * 4, reference * 4 + 4)
    reference = row[feature] > threshold ? high : low
  }
  return leaves[reference - 128]
}

/** The largest gain of any split of all samples, by trying all. */
function bestGain({ rows, gradients, features }: Problem): number {
  const sums = (members: readonly number[]) => ({
    h: members.reduce((sum, s) => sum + gradients[2 * s], 0),
    g: members.reduce((sum, s) => sum + gradients[2 * s + 1], 0),
  })
  const score = ({ g, h }: { g: number; h: number }) => (g * g) / (h + 0.5 * GRAIN)
  const all = Array.from({ length: gradients.length / 2 }, (_, s) => s)
  let best = 0
  for (const feature of features) {
    for (let bin = 0; bin < 63; bin++) {
      const above = (s: number) => rows[s * 200 + feature] >> 2 > bin
      const parts = [sums(all.filter((s) => !above(s))), sums(all.filter(above))]
      if (parts.some(({ h }) => h < 0.25 * GRAIN)) continue
      best = Math.max(best, score(parts[0]) + score(parts[1]) - score(sums(all)))
    }
  }
  return best
}

describe('a boosted tree', () => {
  test('of two leaves has the split that trying all finds, and leaves that are Newton steps, in 300 random problems', () => {
    const random = new Random(8, 0)
    let none = 0
    for (let round = 0; round < 300; round++) {
      const given = problem(random)
      const { splits, leaves } = growOne(allBackends(1 << 20)[round % 3], given, GROWTH)
      const best = bestGain(given)
      const count = given.gradients.length / 2
      const score = (g: number, h: number) => (g * g) / (h + 0.5 * GRAIN)
      const sides = [
        { g: 0, h: 0 },
        { g: 0, h: 0 },
      ]
      for (let s = 0; s < count; s++) {
        const side = sides[given.rows[s * 200 + splits[0]] > splits[1] ? 1 : 0]
        side.h += given.gradients[2 * s]
        side.g += given.gradients[2 * s + 1]
      }
      const [low, high] = sides
      const gain = score(low.g, low.h) + score(high.g, high.h) - score(low.g + high.g, low.h + high.h)
      if (best === 0) {
        none++
        expect([...splits]).toEqual([0, 255, 128, 129])
        expect(leaves[0]).toBe(leaves[1])
        continue
      }
      expect(gain).toBeCloseTo(best, 6)
      for (const [i, { g, h }] of sides.entries()) {
        expect(Math.abs(leaves[i] / 4096 + g / (h + 0.5 * GRAIN))).toBeLessThanOrEqual(0.5 / 4096 + 1e-9)
      }
    }
    expect(none).toBeGreaterThan(5)
    expect(none).toBeLessThan(150)
  })

  test('of many leaves gives each sample the step of its own leaf, and no leaf less than the least hessian', () => {
    const random = new Random(9, 0)
    for (let round = 0; round < 60; round++) {
      const given = problem(random)
      const tree = growOne(allBackends(1 << 20)[round % 3], given, { ...GROWTH, leaves: 12 })
      expect(tree.leaves.length).toBe(tree.splits.length / 4 + 1)
      const sums = new Map<number, { g: number; h: number }>()
      for (let s = 0; s < given.gradients.length / 2; s++) {
        const value = walk(tree, given.rows.subarray(s * 200, (s + 1) * 200))
        const sum = sums.get(value) ?? { g: 0, h: 0 }
        sum.h += given.gradients[2 * s]
        sum.g += given.gradients[2 * s + 1]
        sums.set(value, sum)
      }
      // two leaves of one value would be counted as one
      if (sums.size !== tree.leaves.length) continue
      for (const [value, { g, h }] of sums) {
        expect(Math.abs(value / 4096 + g / (h + 0.5 * GRAIN))).toBeLessThanOrEqual(0.5 / 4096 + 1e-9)
        expect(h).toBeGreaterThanOrEqual(0.25 * GRAIN)
      }
    }
  })
})
