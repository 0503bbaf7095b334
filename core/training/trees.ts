/**
 * Grows the trees of a random forest (Breiman 2001): each tree on its own bootstrap sample of the images and their augmented
 * copies, each split the best of a few features drawn at random. A tree depends on the seed and its number only, so trees may be
 * grown in any order.
 */

import { createAugmenter } from '../augment/augment.ts'
import type { Backend } from '../backend/backend.ts'
import { CLASSES, PIXELS } from '../data/dataset.ts'
import { type LabelledImages, labelledClasses } from '../models/evaluation.ts'
import { type Forest, LEAF_REFERENCE, LEAF_SUM } from '../models/forest.ts'
import { createDescriber, FEATURES } from '../models/neighbours.ts'
import type { Augmentation } from '../models/recipe.ts'
import { Random } from '../random.ts'
import { FOREST_STREAMS as STREAMS } from './random-streams.ts'

const BLOCK = 64 // images described before their features are written to the columns
const LEVELS = 0xf0 // bits of a feature that are used: 16 levels

/** A sample in one i32: number of the image << LABEL_BITS | label. */
const LABEL_BITS = 4
const LABEL_MASK = (1 << LABEL_BITS) - 1

export interface TreeRecipe {
  readonly seed: number // u32
  readonly candidates: number // features drawn at each split, 1..FEATURES
  readonly smallest: number // samples a node must have to be split, at least 2
  readonly copies: number // augmented copies of each image, from 0; they do not change the size of bootstrap samples
  readonly augment: Augmentation // of copies
}

/** One tree. Its references count its own splits and leaves. */
export interface Tree {
  readonly splits: Uint16Array // [splits, 3], as in Forest; at least one
  readonly leaves: Uint8Array // [leaves, classes]
}

/** Bytes of arena that growing trees takes. */
export function treeGrowingMemory(images: number, copies: number): number {
  return images * (1 + copies) * FEATURES + images * 4 + 65_536
}

/**
 * Describes all images, none of which may be refused, and returns a function that grows tree number `tree`. Calls share memory
 * in the arena.
 */
export function createTreeGrower(backend: Backend, set: LabelledImages, recipe: TreeRecipe): (tree: number) => Tree {
  const { kernels, arena } = backend
  const { count, labels } = set
  const classes = labelledClasses(set)
  const all = count * (1 + recipe.copies)
  const columnsAt = describeAll(backend, set, recipe)
  const columns = arena.u8(columnsAt, FEATURES * all)
  const samplesAt = arena.allocate(count * 4)
  const samples = arena.i32(samplesAt, count)
  const spare = new Int32Array(count)
  const candidatesAt = arena.allocate(FEATURES * 4)
  const candidates = arena.i32(candidatesAt, FEATURES)
  const bestAt = arena.allocate(8)
  const best = arena.i32(bestAt, 2)
  const histogramAt = arena.allocate(18 * 16 * 4)

  // As many samples as there are images, drawn with replacement from images and copies, in their order.
  function bootstrap(random: Random): void {
    const times = new Uint8Array(all)
    for (let i = 0; i < count; i++) times[random.below(all)]++
    let at = 0
    for (let i = 0; i < all; i++)
      for (let j = 0; j < times[i]; j++) samples[at++] = (i << LABEL_BITS) | labels[i % count]
  }

  // Feature and threshold of the best split of n samples; undefined where no feature separates them.
  function search(from: number, n: number, random: Random): readonly [number, number] | undefined {
    for (let drawn = 0; drawn < FEATURES; drawn += recipe.candidates) {
      const k = Math.min(recipe.candidates, FEATURES - drawn)
      // the next k of a Durstenfeld shuffle that starts from the order the last split left
      for (let i = drawn; i < drawn + k; i++) {
        const j = i + random.below(FEATURES - i)
        const feature = candidates[j]
        candidates[j] = candidates[i]
        candidates[i] = feature
      }
      const list = candidatesAt + drawn * 4
      kernels.splitSearch(bestAt, histogramAt, columnsAt, list, samplesAt + from * 4, all, k, n)
      if (best[0] >= 0) return [candidates[drawn + best[0]], best[1]]
    }
    return undefined
  }

  // Moves the samples not above the threshold to the front, stable in both parts; returns their number.
  function partition(from: number, n: number, feature: number, threshold: number): number {
    const column = feature * all
    let [low, high] = [from, 0]
    for (let at = from; at < from + n; at++) {
      const sample = samples[at]
      if (columns[column + (sample >>> LABEL_BITS)] > threshold) spare[high++] = sample
      else samples[low++] = sample
    }
    samples.set(spare.subarray(0, high), low)
    return low - from
  }

  return (tree) => {
    const random = new Random(recipe.seed, STREAMS.tree + tree)
    bootstrap(random)
    for (let i = 0; i < FEATURES; i++) candidates[i] = i
    const splits: number[] = []
    const leaves = createLeaves(LEAF_REFERENCE, classes)
    // Nodes still to be grown, with the place in `splits` that is to refer to them. The side not above a threshold is grown
    // first, so that it follows its split in memory.
    const open: { from: number; n: number; reference: number }[] = [{ from: 0, n: count, reference: -1 }]
    for (let node = open.pop(); node; node = open.pop()) {
      const { from, n, reference } = node
      const counts = new Uint32Array(classes)
      for (let at = from; at < from + n; at++) counts[samples[at] & LABEL_MASK]++
      const id = splits.length / 3
      const pure = counts.some((of) => of === n)
      const found = pure || n < recipe.smallest || id === LEAF_REFERENCE ? undefined : search(from, n, random)
      if (found) {
        const [feature, threshold] = found
        if (reference >= 0) splits[reference] = id
        splits.push((feature << 8) | threshold, 0, 0)
        const low = partition(from, n, feature, threshold)
        open.push({ from: from + low, n: n - low, reference: id * 3 + 2 }, { from, n: low, reference: id * 3 + 1 })
      } else {
        const leaf = LEAF_REFERENCE + leaves.add(quantise(counts, n))
        if (reference >= 0) splits[reference] = leaf
        else splits.push(255, leaf, leaf) // a tree needs a split: one with the same leaf on both sides
      }
    }
    return { splits: Uint16Array.from(splits), leaves: leaves.bytes() }
  }
}

/** Joins trees of so many classes to a forest. Equal leaves become one, so that a reference fits two bytes. */
export function joinTrees(trees: readonly Tree[], classes: number = CLASSES): Forest {
  const leaves = createLeaves(LEAF_REFERENCE, classes)
  const roots = new Int32Array(trees.length)
  const splits = new Uint16Array(trees.reduce((sum, tree) => sum + tree.splits.length, 0))
  let at = 0
  for (const [t, tree] of trees.entries()) {
    roots[t] = at / 3
    for (const [i, value] of tree.splits.entries()) {
      const leaf = value - LEAF_REFERENCE
      splits[at++] =
        i % 3 === 0 || leaf < 0
          ? value
          : LEAF_REFERENCE + leaves.add(tree.leaves.subarray(leaf * classes, (leaf + 1) * classes))
    }
  }
  return { roots, splits, leaves: leaves.bytes() }
}

/** Shares of n in 255ths that sum to 255, by largest remainder; the lower class first among equals. */
export function quantise(counts: Uint32Array, n: number): Uint8Array {
  const leaf = new Uint8Array(counts.length)
  const remainders = Array.from(counts, (count, c) => {
    leaf[c] = Math.floor((count * LEAF_SUM) / n)
    return { c, remainder: (count * LEAF_SUM) % n }
  }).sort((a, b) => b.remainder - a.remainder || a.c - b.c)
  const missing = LEAF_SUM - leaf.reduce((sum, share) => sum + share, 0)
  for (let i = 0; i < missing; i++) leaf[remainders[i].c]++
  return leaf
}

// Distinct leaves in order of appearance, after those that are of one class only. A leaf for which there is no room is
// replaced by the one of those of its most frequent class.
function createLeaves(room: number, classes: number): { add(leaf: Uint8Array): number; bytes(): Uint8Array } {
  const places = new Map<string, number>()
  const rows: Uint8Array[] = []
  function add(leaf: Uint8Array): number {
    const key = leaf.join()
    const known = places.get(key)
    if (known !== undefined) return known
    if (rows.length === room) return leaf.indexOf(Math.max(...leaf))
    places.set(key, rows.length)
    return rows.push(leaf) - 1
  }
  for (let c = 0; c < classes; c++) add(new Uint8Array(classes).fill(LEAF_SUM, c, c + 1))
  return {
    add,
    bytes() {
      const bytes = new Uint8Array(rows.length * classes)
      for (const [i, row] of rows.entries()) bytes.set(row, i * classes)
      return bytes
    },
  }
}

// Columns u8[FEATURES, count * (1 + copies)] of the features of all images, then of the first copy of each, and so on, reduced to
// LEVELS. A block at a time, for the processor's cache.
function describeAll(
  backend: Backend,
  { images, count }: LabelledImages,
  { seed, copies, augment }: TreeRecipe,
): number {
  const { arena } = backend
  const all = count * (1 + copies)
  const columnsAt = arena.allocate(FEATURES * all)
  const columns = arena.u8(columnsAt, FEATURES * all)
  const mark = arena.mark()
  const describer = createDescriber(backend)
  const augmentImage = createAugmenter(augment)
  const augmented = new Uint8Array(PIXELS)
  const block = new Uint8Array(BLOCK * FEATURES)
  const describe = (at: number): Uint8Array => {
    const [copy, i] = [Math.floor(at / count), at % count]
    const image = images.subarray(i * PIXELS, (i + 1) * PIXELS)
    if (copy === 0) return describer.describe(image)
    augmentImage(augmented, image, seed, STREAMS.augment + copy, i)
    return describer.describe(augmented)
  }
  for (let from = 0; from < all; from += BLOCK) {
    const n = Math.min(BLOCK, all - from)
    for (let i = 0; i < n; i++) block.set(describe(from + i), i * FEATURES)
    for (let f = 0; f < FEATURES; f++) {
      for (let i = 0; i < n; i++) columns[f * all + from + i] = block[i * FEATURES + f] & LEVELS
    }
  }
  arena.release(mark)
  return columnsAt
}
