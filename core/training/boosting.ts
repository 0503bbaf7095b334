/**
 * Gradient boosting of trees with softmax: in every round each class gets a tree that takes a step down the loss (Friedman 2001).
 * A round learns from the images or from one augmented copy of them, in turns, and a tree from those whose gradient is large and a
 * weighted random share of the others (Ibragimov, Gusev 2019). Everything depends on the seed and the number of the round only, so
 * a run can be taken up after any round.
 */

import { createAugmenter } from '../augment/augment.ts'
import type { Backend } from '../backend/backend.ts'
import { PIXELS } from '../data/dataset.ts'
import { log1 } from '../kernels/polynomial.ts'
import { LEAF_UNIT } from '../models/boosted.ts'
import { type LabelledImages, LEAST_PROBABILITY, mostProbable } from '../models/evaluation.ts'
import { createDescriber, FEATURES } from '../models/neighbours.ts'
import type { Augmentation } from '../models/recipe.ts'
import { philoxBlock, Random } from '../random.ts'
import { type BoostedTree, boostedGrowerMemory, createBoostedGrower, GRAIN, type GrowthRecipe } from './boosted-tree.ts'
import { BOOSTING_STREAMS as STREAMS } from './random-streams.ts'

const BLOCK = 256 // images whose scores are brought up to date together, for the processor's cache

export interface BoostingRecipe extends GrowthRecipe {
  readonly seed: number // u32
  readonly rounds: number
  readonly features: number // that a tree may test, drawn at random, 1..FEATURES
  readonly gradient: number // 0..1: images with a smaller gradient are learned from with a probability in proportion to it
  readonly copies: number // augmented copies of each image, from 0
  readonly augment: Augmentation // of copies
}

/** Mean cross-entropy, nats, and the share that was right, 0..1. */
export interface Score {
  readonly loss: number
  readonly accuracy: number
}

export interface Booster {
  readonly trees: readonly BoostedTree[] // all, round by round, class by class
  readonly round: number // rounds done
  /** Grows a round of trees. Scores are those of the images learned from, before it, and of the validation images, after it. */
  step(): { readonly training: Score; readonly validation: Score }
  /** Takes up a run after the rounds that grew these trees. */
  restore(trees: readonly BoostedTree[]): void
}

/** Bytes of arena that boosting takes. */
export function boostingMemory(images: number, validation: number, classes: number, recipe: BoostingRecipe): number {
  const rows = images * (1 + recipe.copies) + validation
  return (
    rows * (FEATURES + classes * 4) +
    images * 12 +
    recipe.rounds * classes * recipe.leaves * 6 +
    boostedGrowerMemory(recipe.features, recipe) +
    BLOCK * classes * 4 +
    65_536
  )
}

/**
 * Describes all images, none of which may be refused.
 * @param classes labels are below this
 * @throws RangeError when there are so many images that sums of gradients could overflow
 */
export function createBooster(
  backend: Backend,
  training: LabelledImages,
  validation: LabelledImages,
  classes: number,
  recipe: BoostingRecipe,
): Booster {
  const { arena } = backend
  const { count, labels } = training
  const { seed, copies, features } = recipe
  if (count * GRAIN >= 2 ** 31)
    throw new RangeError(`boosting takes fewer than ${2 ** 31 / GRAIN} images, not ${count}`)
  const trees: BoostedTree[] = []
  const planted = plantTrees(backend, recipe.rounds * classes, recipe.leaves)
  const rowsAt = describeAll(backend, training, validation, recipe)
  const score = createScores(backend, planted, classes)
  const turns = Array.from({ length: 1 + copies }, (_, copy) => score(rowsAt + copy * count * FEATURES, labels))
  const validated = score(rowsAt + turns.length * count * FEATURES, validation.labels)
  const samplesAt = arena.allocate(count * 4)
  const samples = arena.i32(samplesAt, count)
  const gradientsAt = arena.allocate(count * 8)
  const gradients = arena.i32(gradientsAt, count * 2)
  const grower = createBoostedGrower(backend, rowsAt, features, count, recipe)
  const slopes = new Int16Array(classes * count) // gradients of all images, class by class
  const large = Math.max(1, Math.round(recipe.gradient * GRAIN))
  const hessians = Int32Array.from({ length: GRAIN + 1 }, (_, a) => {
    return Math.max(1, Math.floor((Math.max(a, large) * (GRAIN - a)) / GRAIN))
  })

  // The images that a tree learns from. Those with a small gradient are few, and count for as many more.
  function choose(label: number, first: number): number {
    const stream = STREAMS.samples + trees.length
    let [n, block, low, high] = [0, -1, 0, 0]
    for (let i = 0; i < count; i++) {
      const slope = slopes[label * count + i]
      const size = slope < 0 ? -slope : slope
      if (size < large) {
        if (size === 0) continue
        if (i >> 2 !== block) {
          block = i >> 2
          ;[low, high] = philoxBlock(seed, stream, block)
        }
        const draw = ((i & 2 ? high : low) >>> (i & 1 ? 16 : 0)) & 0xffff
        if (draw * large >= size * 65_536) continue
      }
      samples[n] = first + i
      gradients[2 * n] = hessians[size]
      gradients[2 * n + 1] = size < large ? (slope < 0 ? -large : large) : slope
      n++
    }
    return n
  }

  function drawFeatures(): void {
    const random = new Random(seed, STREAMS.features + trees.length)
    const all = Uint32Array.from({ length: FEATURES }, (_, f) => f)
    random.shuffle(all)
    grower.candidates.set(all.subarray(0, features).sort())
  }

  return {
    trees,

    get round() {
      return trees.length / classes
    },

    step() {
      const turn = (trees.length / classes) % turns.length
      const before = turns[turn].refresh((i, probabilities, at) => {
        for (let c = 0; c < classes; c++) {
          const p = probabilities[at + c]
          slopes[c * count + i] = labels[i] === c ? -Math.round((1 - p) * GRAIN) : Math.round(p * GRAIN)
        }
      })
      for (let c = 0; c < classes; c++) {
        drawFeatures()
        const tree = grower.grow({ samplesAt, gradientsAt, count: choose(c, turn * count) })
        trees.push(tree)
        planted.plant(tree)
      }
      return { training: before, validation: validated.refresh() }
    },

    restore(grown) {
      for (const tree of grown) {
        trees.push(tree)
        planted.plant(tree)
      }
    },
  }
}

/** Trees in the arena, as the kernel reads them. */
interface PlantedTrees {
  readonly count: number
  plant(tree: BoostedTree): void
  /** Adds the leaves of the trees from number `from` on to the scores of n rows. */
  add(scoresAt: number, rowsAt: number, n: number, from: number, classes: number): void
}

function plantTrees({ kernels, arena }: Backend, capacity: number, leaves: number): PlantedTrees {
  const splitsAt = arena.allocate(capacity * leaves * 4)
  const leavesAt = arena.allocate(capacity * leaves * 2)
  const rootsAt = arena.allocate(capacity * 4)
  const roots = arena.i32(rootsAt, capacity)
  const values = new Int16Array(arena.buffer, leavesAt, capacity * leaves)
  let [count, splits] = [0, 0]
  return {
    get count() {
      return count
    },

    plant(tree) {
      roots[count] = splits
      arena.u8(splitsAt + splits * 4, tree.splits.length).set(tree.splits)
      values.set(tree.leaves, splits + count)
      splits += tree.splits.length / 4
      count++
    },

    add(scoresAt, rows, n, from, classes) {
      const [first, leaf] = [rootsAt + from * 4, leavesAt + from * 2]
      kernels.boostedScores(scoresAt, rows, splitsAt, first, leaf, n, FEATURES, count - from, classes)
    },
  }
}

/** The scores of a set of images. */
interface Scores {
  /** Brings them up to date; `visit` gets each image's number, and its probabilities from `at` on. */
  refresh(visit?: (i: number, probabilities: Float32Array, at: number) => void): Score
}

function createScores({ kernels, arena }: Backend, planted: PlantedTrees, classes: number) {
  const outputsAt = arena.allocate(BLOCK * classes * 4)
  const outputs = arena.f32(outputsAt, BLOCK * classes)

  return (rowsAt: number, labels: Uint8Array): Scores => {
    const count = labels.length
    const scoresAt = arena.allocate(count * classes * 4)
    const scores = arena.i32(scoresAt, count * classes)
    let done = 0 // trees whose leaves are in the scores
    return {
      refresh(visit) {
        let [loss, right] = [0, 0]
        for (let from = 0; from < count; from += BLOCK) {
          const n = Math.min(BLOCK, count - from)
          planted.add(scoresAt + from * classes * 4, rowsAt + from * FEATURES, n, done, classes)
          for (let i = 0; i < n * classes; i++) outputs[i] = scores[from * classes + i] / LEAF_UNIT
          kernels.softmax(outputsAt, outputsAt, n, classes)
          for (let i = 0; i < n; i++) {
            const label = labels[from + i]
            loss -= log1(Math.max(LEAST_PROBABILITY, outputs[i * classes + label]))
            if (mostProbable(outputs, i * classes, classes) === label) right++
            visit?.(from + i, outputs, i * classes)
          }
        }
        done = planted.count
        return { loss: loss / count, accuracy: right / count }
      },
    }
  }
}

// Rows u8[images, FEATURES] of the training images, of the first copy of each, and so on, and of the validation images.
function describeAll(
  backend: Backend,
  { images, count }: LabelledImages,
  validation: LabelledImages,
  { seed, copies, augment }: BoostingRecipe,
): number {
  const all = (1 + copies) * count
  const rowsAt = backend.arena.allocate((all + validation.count) * FEATURES)
  const rows = backend.arena.u8(rowsAt, (all + validation.count) * FEATURES)
  const describer = createDescriber(backend)
  const augmentImage = createAugmenter(augment)
  const augmented = new Uint8Array(PIXELS)
  for (let at = 0; at < all; at++) {
    const [copy, i] = [Math.floor(at / count), at % count]
    const image = images.subarray(i * PIXELS, (i + 1) * PIXELS)
    if (copy > 0) augmentImage(augmented, image, seed, STREAMS.augment + copy, i)
    rows.set(describer.describe(copy > 0 ? augmented : image), at * FEATURES)
  }
  for (let i = 0; i < validation.count; i++) {
    rows.set(describer.describe(validation.images.subarray(i * PIXELS, (i + 1) * PIXELS)), (all + i) * FEATURES)
  }
  return rowsAt
}
