/**
 * A random forest (Breiman 2001): an image is described by the directions of its strokes in zones, every tree tests about a dozen
 * features of the description, and the leaves reached are averaged. Integers up to the average.
 */

import type { Backend } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import type { ForestCard } from './card.ts'
import type { Model } from './model.ts'
import { createDescriber, FEATURES } from './neighbours.ts'
import type { TensorSpec } from './tensor.ts'
import { digitProbabilities } from './verdict.ts'

/** Sum of a leaf's values, which are the shares of the classes in 255ths. */
export const LEAF_SUM = 255

/** References from this on are to a leaf; those below are to a split, counted from the first of its tree. */
export const LEAF_REFERENCE = 0x8000

/** Trees and leaves of a forest, as the kernel reads them and the weights file stores them. */
export interface Forest {
  readonly roots: Int32Array // [trees], first split of each, ascending from 0
  /** [splits, 3]: 256 feature + threshold; reference for a feature not above the threshold; reference for one above. */
  readonly splits: Uint16Array
  readonly leaves: Uint8Array // [leaves, classes], each row sums to LEAF_SUM, or less where OTHER counts less
}

type ForestSizes = Omit<ForestCard['forest'], 'power'>

export function forestTensors({
  forest: { trees, splits, leaves, classes = CLASSES },
}: {
  readonly forest: ForestSizes
}): readonly TensorSpec[] {
  return [
    { name: 'roots', dtype: 'I32', shape: [trees], length: trees },
    { name: 'splits', dtype: 'U16', shape: [splits, 3], length: splits * 3 },
    { name: 'leaves', dtype: 'U8', shape: [leaves, classes], length: leaves * classes },
  ]
}

/** Bytes of arena that `forestModel` takes. */
export function forestMemory({
  forest: { trees, splits, leaves, classes = CLASSES },
}: {
  readonly forest: ForestSizes
}): number {
  return trees * 4 + splits * 6 + leaves * classes + 8192
}

/**
 * Places a forest in the arena of a backend.
 *
 * Probabilities: the share of the votes, with one 255th of a tree's vote added to each class so that none is impossible, raised to
 * an integer power and normalised to sum to 1. An average over trees is underconfident; training finds the power that calibrates it
 * on the validation set: temperature scaling (Guo et al. 2017) with temperature 1 / power.
 * @param data the bytes of the tensors that `forestTensors` lists
 * @throws RangeError when data and card do not fit together, or the trees cannot be walked
 */
export function forestModel(
  backend: Backend,
  { forest: { trees, splits, leaves, power, classes = CLASSES } }: Pick<ForestCard, 'forest'>,
  data: Uint8Array,
): Model {
  const size = trees * 4 + splits * 6 + leaves * classes
  if (data.length !== size) throw new RangeError(`the weights have ${data.length} bytes, this forest takes ${size}`)
  if (!Number.isSafeInteger(power) || power < 1 || power > MAX_POWER) {
    throw new RangeError(`the power of the votes must be a whole number from 1 to ${MAX_POWER}`)
  }
  const bytes = data.slice().buffer
  const forest = {
    roots: new Int32Array(bytes, 0, trees),
    splits: new Uint16Array(bytes, trees * 4, splits * 3),
    leaves: new Uint8Array(bytes, trees * 4 + splits * 6),
  }
  checkForest(forest, classes)
  const count = placeForest(backend, forest, classes)
  const voted = new Float32Array(classes)
  const scores = (input: Uint8Array) => {
    voteProbabilities(voted, count(input), power)
    return voted
  }
  return { scores, probabilities: (input) => digitProbabilities(scores(input)) }
}

/** Largest power of the votes; with it, 0.9 of the largest share is almost no probability. */
export const MAX_POWER = 32

/** Probabilities from votes, as `forestModel` describes. Ratios to the largest, so that no product overflows. */
export function voteProbabilities(probabilities: Float32Array, votes: Int32Array, power: number): void {
  let most = 0
  for (const vote of votes) if (vote > most) most = vote
  const raised = new Float64Array(votes.length)
  let sum = 0
  for (const [c, vote] of votes.entries()) {
    const ratio = (vote + 1) / (most + 1)
    let product = 1
    for (let i = 0; i < power; i++) product *= ratio
    raised[c] = product < LEAST ? 0 : product
    sum += raised[c]
  }
  for (const [c, value] of raised.entries()) probabilities[c] = value / sum
}

const LEAST = 1e-30 // no probability is below this but 0: not subnormal in f32, and negligible

/**
 * Copies a forest into the arena; returns a function from an input to its votes, [classes], a view that is valid until the next
 * call.
 */
export function placeForest(
  backend: Backend,
  { roots, splits, leaves }: Forest,
  classes: number = CLASSES,
): (input: Uint8Array) => Int32Array {
  const { kernels, arena } = backend
  const describer = createDescriber(backend)
  const place = (values: Int32Array | Uint16Array | Uint8Array): number => {
    const at = arena.allocate(values.byteLength)
    arena.u8(at, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    return at
  }
  const [rootsAt, splitsAt, leavesAt] = [place(roots), place(splits), place(leaves)]
  const votesAt = arena.allocate(classes * 4)
  const votes = arena.i32(votesAt, classes)
  return (input) => {
    describer.describe(input)
    kernels.forestVotes(votesAt, describer.featuresAt, splitsAt, rootsAt, leavesAt, 1, FEATURES, roots.length, classes)
    return votes
  }
}

/**
 * Checks everything that the kernel relies on: features exist, references lead to a later split of the same tree (so that every walk
 * ends) or to a leaf that exists, leaves sum to LEAF_SUM, or to less where OTHER counts less.
 * @throws RangeError naming the first fault
 */
export function checkForest({ roots, splits, leaves }: Forest, classes: number = CLASSES): void {
  const [splitCount, leafCount] = [splits.length / 3, leaves.length / classes]
  for (const [tree, root] of roots.entries()) {
    const end = tree + 1 < roots.length ? roots[tree + 1] : splitCount
    if (root < 0 || root >= end || end > splitCount || end - root > LEAF_REFERENCE || (tree === 0 && root !== 0)) {
      throw new RangeError(`tree ${tree} has splits ${root} to ${end} of ${splitCount}`)
    }
    for (let split = root; split < end; split++) {
      if (splits[split * 3] >> 8 >= FEATURES)
        throw new RangeError(`split ${split} asks for a feature that is not there`)
      for (const reference of [splits[split * 3 + 1], splits[split * 3 + 2]]) {
        const good =
          reference < LEAF_REFERENCE
            ? reference > split - root && reference < end - root
            : reference - LEAF_REFERENCE < leafCount
        if (!good) throw new RangeError(`split ${split} leads to ${reference}, neither a later split nor a leaf`)
      }
    }
  }
  for (let leaf = 0; leaf < leafCount; leaf++) {
    let sum = 0
    for (let c = 0; c < classes; c++) sum += leaves[leaf * classes + c]
    if (sum > LEAF_SUM || (sum < LEAF_SUM && classes === CLASSES)) {
      throw new RangeError(`leaf ${leaf} sums to ${sum}, not ${LEAF_SUM}`)
    }
  }
}
