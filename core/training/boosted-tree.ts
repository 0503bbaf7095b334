/**
 * Grows one tree of gradient boosting (Friedman 2001), leaf by leaf (Shi 2007): of all leaves the one is split next whose split
 * makes the loss smallest, to second order (Chen, Guestrin 2016). Sums of gradients are integers, so every backend and every order
 * of samples gives the same tree.
 */

import type { Backend } from '../backend/backend.ts'
import { FIRST_LEAF, LEAF_UNIT } from '../models/boosted.ts'
import { FEATURES } from '../models/neighbours.ts'

const BINS = 64 // of a feature: the high six bits of its byte
const HISTOGRAM = BINS * 8 // bytes for each feature

/** Gradients and hessians are in units of 1 / GRAIN. */
export const GRAIN = 4096

export interface GrowthRecipe {
  readonly leaves: number // of a tree, 2..MAX_LEAVES
  readonly rate: number // share of Newton's step that a leaf takes
  readonly penalty: number // added to the sum of the hessians of a leaf
  readonly smallest: number // least sum of the hessians of a leaf
}

/** One tree, as in Boosted. Its references count its own splits and leaves. */
export interface BoostedTree {
  readonly splits: Uint8Array // [splits, 4]; at least one
  readonly leaves: Int16Array // [splits + 1]
}

/** Samples of a tree, in the arena. Growing a tree changes their order. */
export interface TreeSamples {
  readonly samplesAt: number // i32[n], numbers of rows
  readonly gradientsAt: number // i32[n, 2], hessian and gradient of each
  readonly count: number // n
}

export interface BoostedTreeGrower {
  /** The features that a tree may test, ascending. */
  readonly candidates: Int32Array // [features]
  grow(samples: TreeSamples): BoostedTree
}

/** A leaf of a tree that grows, with its best split. */
interface Leaf {
  readonly from: number // first of its samples
  readonly count: number
  readonly gradient: number
  readonly hessian: number
  readonly reference: number // place in `splits` that refers to it; -1 for the first
  histogramAt: number // 0 where it will not be split
  gain: number // of the best split; 0 where there is none
  feature: number
  threshold: number
  low: { gradient: number; hessian: number } // of the samples not above the threshold
}

/** Bytes of arena that a grower takes. */
export function boostedGrowerMemory(features: number, { leaves }: GrowthRecipe): number {
  return features * (HISTOGRAM * leaves + 4) + 64
}

/**
 * @param rowsAt u8[L, FEATURES], descriptions
 * @param features number of candidates
 * @param capacity most samples of a tree
 */
export function createBoostedGrower(
  { kernels, arena }: Backend,
  rowsAt: number,
  features: number,
  capacity: number,
  recipe: GrowthRecipe,
): BoostedTreeGrower {
  const penalty = recipe.penalty * GRAIN
  const smallest = Math.max(1, recipe.smallest * GRAIN)
  const candidatesAt = arena.allocate(features * 4)
  const candidates = arena.i32(candidatesAt, features)
  const histograms = Array.from({ length: recipe.leaves }, () => arena.allocate(features * HISTOGRAM))
  const bytes = new Uint8Array(arena.buffer)
  const words = new Int32Array(arena.buffer)
  const spare = new Int32Array(capacity * 3)

  const score = (gradient: number, hessian: number) => (gradient * gradient) / (hessian + penalty)

  // Finds the best split of a leaf by its histogram: the first among equals, half-way between two bins that occur.
  function search(leaf: Leaf): void {
    const whole = score(leaf.gradient, leaf.hessian)
    for (let k = 0; k < features; k++) {
      const sums = (leaf.histogramAt + k * HISTOGRAM) >> 2
      let [gradient, hessian, previous] = [0, 0, -1]
      for (let bin = 0; bin < BINS; bin++) {
        const h = words[sums + 2 * bin]
        if (h === 0) continue
        const rest = leaf.hessian - hessian
        if (rest < smallest) break
        if (hessian >= smallest) {
          const gain = score(gradient, hessian) + score(leaf.gradient - gradient, rest) - whole
          if (gain > leaf.gain) {
            leaf.gain = gain
            leaf.feature = candidates[k]
            leaf.threshold = (((previous + bin - 1) >> 1) << 2) | 3
            leaf.low = { gradient, hessian }
          }
        }
        gradient += words[sums + 2 * bin + 1]
        hessian += h
        previous = bin
      }
    }
  }

  // Moves the samples not above the threshold to the front, stable in both parts; returns their number.
  function partition({ samplesAt, gradientsAt }: TreeSamples, { from, count, feature, threshold }: Leaf): number {
    const [samples, gradients] = [samplesAt >> 2, gradientsAt >> 2]
    let [low, high] = [from, 0]
    for (let at = from; at < from + count; at++) {
      const sample = words[samples + at]
      const [hessian, gradient] = [words[gradients + 2 * at], words[gradients + 2 * at + 1]]
      if (bytes[rowsAt + sample * FEATURES + feature] > threshold) {
        spare[high++] = sample
        spare[high++] = hessian
        spare[high++] = gradient
      } else {
        words[samples + low] = sample
        words[gradients + 2 * low] = hessian
        words[gradients + 2 * low + 1] = gradient
        low++
      }
    }
    for (let at = 0, to = low; at < high; at += 3, to++) {
      words[samples + to] = spare[at]
      words[gradients + 2 * to] = spare[at + 1]
      words[gradients + 2 * to + 1] = spare[at + 2]
    }
    return low - from
  }

  function fill({ samplesAt, gradientsAt }: TreeSamples, { from, count, histogramAt }: Leaf): void {
    const [samples, gradients] = [samplesAt + from * 4, gradientsAt + from * 8]
    kernels.gradientHistogram(histogramAt, rowsAt, candidatesAt, samples, gradients, FEATURES, features, count)
  }

  // Fills the histograms of both parts of a leaf: counts the smaller one, and subtracts it from the leaf's own for the other.
  function fillBoth(samples: TreeSamples, parent: Leaf, parts: readonly [Leaf, Leaf], freeAt: number): void {
    const [smaller, larger] = parts[0].count <= parts[1].count ? parts : [parts[1], parts[0]]
    smaller.histogramAt = freeAt
    larger.histogramAt = parent.histogramAt
    fill(samples, smaller)
    const [all, less] = [larger.histogramAt >> 2, smaller.histogramAt >> 2]
    for (let i = 0; i < (features * HISTOGRAM) >> 2; i++) words[all + i] -= words[less + i]
    for (const part of parts) search(part)
  }

  function value({ gradient, hessian }: Leaf): number {
    const step = (-recipe.rate * gradient) / (hessian + penalty)
    return Math.max(-32_767, Math.min(32_767, Math.floor(step * LEAF_UNIT + 0.5)))
  }

  const newLeaf = (from: number, count: number, gradient: number, hessian: number, reference: number): Leaf => ({
    from,
    count,
    gradient,
    hessian,
    reference,
    histogramAt: 0,
    gain: 0,
    feature: 0,
    threshold: 0,
    low: { gradient: 0, hessian: 0 },
  })

  return {
    candidates,

    grow(samples) {
      const { count, gradientsAt } = samples
      let [gradient, hessian] = [0, 0]
      for (let i = gradientsAt >> 2; i < (gradientsAt >> 2) + 2 * count; i += 2) {
        hessian += words[i]
        gradient += words[i + 1]
      }
      const first = newLeaf(0, count, gradient, hessian, -1)
      first.histogramAt = histograms[0]
      fill(samples, first)
      search(first)
      const leaves = [first]
      const splits: number[] = []
      while (leaves.length < recipe.leaves) {
        let best = 0
        for (const [i, { gain }] of leaves.entries()) if (gain > leaves[best].gain) best = i
        const leaf = leaves[best]
        if (leaf.gain <= 0) break
        const id = splits.length >> 2
        if (leaf.reference >= 0) splits[leaf.reference] = id
        splits.push(leaf.feature, leaf.threshold, FIRST_LEAF + best, FIRST_LEAF + leaves.length)
        const low = partition(samples, leaf)
        const { low: sums, from } = leaf
        const parts: [Leaf, Leaf] = [
          newLeaf(from, low, sums.gradient, sums.hessian, id * 4 + 2),
          newLeaf(from + low, leaf.count - low, leaf.gradient - sums.gradient, leaf.hessian - sums.hessian, id * 4 + 3),
        ]
        if (leaves.length + 1 < recipe.leaves) fillBoth(samples, leaf, parts, histograms[leaves.length])
        leaves[best] = parts[0]
        leaves.push(parts[1])
      }
      if (splits.length === 0) {
        // a tree needs a split: one with the same leaf on both sides
        splits.push(0, 255, FIRST_LEAF, FIRST_LEAF + 1)
        leaves.push(first)
      }
      return { splits: Uint8Array.from(splits), leaves: Int16Array.from(leaves, value) }
    },
  }
}
