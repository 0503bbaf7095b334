/**
 * Boosted trees (Friedman 2001): an image is described by the directions of its strokes in zones, and every tree adds the value of
 * the leaf it ends in to the score of one class, round by round. Integers up to the sums; softmax makes them probabilities.
 */

import type { Backend } from '../backend/backend.ts'
import { exp1 } from '../kernels/polynomial.ts'
import type { BoostedCard } from './card.ts'
import type { Model } from './model.ts'
import { createDescriber, FEATURES } from './neighbours.ts'
import type { TensorSpec } from './tensor.ts'
import { digitProbabilities } from './verdict.ts'

/** Leaves are in units of 1 / LEAF_UNIT nats. */
export const LEAF_UNIT = 4096

/** References from this on are to a leaf of the tree; those below are to a split, counted from the first of the tree. */
export const FIRST_LEAF = 128

/** Most leaves of a tree. */
export const MAX_LEAVES = 128

/** Trees of all rounds, as the kernel reads them and the weights file stores them. Tree t is of class t mod classes. */
export interface Boosted {
  readonly roots: Int32Array // [trees], first split of each, ascending from 0
  /** [splits, 4]: feature; threshold; reference for a feature not above the threshold; reference for one above. */
  readonly splits: Uint8Array
  readonly leaves: Int16Array // [splits + trees]: a tree has one leaf more than splits
}

type BoostedSizes = Pick<BoostedCard['boosted'], 'trees' | 'splits' | 'classes'>

export function boostedTensors({
  boosted: { trees, splits },
}: {
  readonly boosted: BoostedSizes
}): readonly TensorSpec[] {
  return [
    { name: 'roots', dtype: 'I32', shape: [trees], length: trees },
    { name: 'splits', dtype: 'U8', shape: [splits, 4], length: splits * 4 },
    { name: 'leaves', dtype: 'I16', shape: [splits + trees], length: splits + trees },
  ]
}

/** Bytes of arena that `boostedModel` takes. */
export function boostedMemory({ boosted: { trees, splits } }: { readonly boosted: BoostedSizes }): number {
  return trees * 6 + splits * 6 + 8192
}

/**
 * Places boosted trees in the arena of a backend.
 *
 * Scores: softmax of `sharpness` times the sums of the leaves. Training finds the sharpness that calibrates them on the validation
 * set: temperature scaling (Guo et al. 2017) with temperature 1 / sharpness.
 * @param data the bytes of the tensors that `boostedTensors` lists
 * @throws RangeError when data and card do not fit together, or the trees cannot be walked
 */
export function boostedModel(
  backend: Backend,
  { boosted: { trees, splits, classes, sharpness } }: Pick<BoostedCard, 'boosted'>,
  data: Uint8Array,
): Model {
  const size = trees * 6 + splits * 6
  if (data.length !== size) throw new RangeError(`the weights have ${data.length} bytes, these trees take ${size}`)
  if (trees % classes !== 0) throw new RangeError(`${trees} trees are no whole rounds of ${classes} classes`)
  const bytes = data.slice().buffer
  const boosted = {
    roots: new Int32Array(bytes, 0, trees),
    splits: new Uint8Array(bytes, trees * 4, splits * 4),
    leaves: new Int16Array(bytes, trees * 4 + splits * 4, splits + trees),
  }
  checkBoosted(boosted)
  const sum = placeBoosted(backend, boosted, classes)
  const result = new Float32Array(classes)
  const scores = (input: Uint8Array) => {
    sumScores(result, sum(input), sharpness)
    return result
  }
  return { scores, probabilities: (input) => digitProbabilities(scores(input)) }
}

/** Scores from the sums of leaves, as `boostedModel` describes. */
export function sumScores(scores: Float32Array, sums: Int32Array, sharpness: number): void {
  let most = sums[0]
  for (const sum of sums) if (sum > most) most = sum
  const powers = Float64Array.from(sums, (sum) => {
    const power = exp1(Math.fround(((sum - most) * sharpness) / LEAF_UNIT))
    return power < LEAST ? 0 : power
  })
  let all = 0
  for (const power of powers) all += power
  for (const [c, power] of powers.entries()) scores[c] = power / all
}

const LEAST = 1e-30 // no score is below this but 0: not subnormal in f32, and negligible

/**
 * Copies boosted trees into the arena; returns a function from an input to the sums of its leaves, [classes], a view that is valid
 * until the next call.
 */
export function placeBoosted(
  backend: Backend,
  { roots, splits, leaves }: Boosted,
  classes: number,
): (input: Uint8Array) => Int32Array {
  const { kernels, arena } = backend
  const describer = createDescriber(backend)
  const place = (values: Int32Array | Uint8Array | Int16Array): number => {
    const at = arena.allocate(values.byteLength)
    arena.u8(at, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    return at
  }
  const [rootsAt, splitsAt, leavesAt] = [place(roots), place(splits), place(leaves)]
  const sumsAt = arena.allocate(classes * 4)
  const sums = arena.i32(sumsAt, classes)
  return (input) => {
    describer.describe(input)
    sums.fill(0)
    kernels.boostedScores(sumsAt, describer.featuresAt, splitsAt, rootsAt, leavesAt, 1, FEATURES, roots.length, classes)
    return sums
  }
}

/**
 * Checks everything that the kernel relies on: features exist, and references lead to a later split of the same tree (so that every
 * walk ends) or to a leaf of it.
 * @throws RangeError naming the first fault
 */
export function checkBoosted({ roots, splits }: Boosted): void {
  const splitCount = splits.length / 4
  for (const [tree, root] of roots.entries()) {
    const end = tree + 1 < roots.length ? roots[tree + 1] : splitCount
    if (root < 0 || root >= end || end > splitCount || end - root >= MAX_LEAVES || (tree === 0 && root !== 0)) {
      throw new RangeError(`tree ${tree} has splits ${root} to ${end} of ${splitCount}`)
    }
    for (let split = root; split < end; split++) {
      if (splits[split * 4] >= FEATURES) throw new RangeError(`split ${split} asks for a feature that is not there`)
      for (const reference of [splits[split * 4 + 2], splits[split * 4 + 3]]) {
        const good =
          reference < FIRST_LEAF
            ? reference > split - root && reference < end - root
            : reference - FIRST_LEAF <= end - root
        if (!good) throw new RangeError(`split ${split} leads to ${reference}, neither a later split nor a leaf`)
      }
    }
  }
}

/** Joins trees, whose number is a multiple of the classes'. */
export function joinBoosted(trees: readonly { readonly splits: Uint8Array; readonly leaves: Int16Array }[]): Boosted {
  const count = trees.reduce((sum, { splits }) => sum + splits.length / 4, 0)
  const boosted = {
    roots: new Int32Array(trees.length),
    splits: new Uint8Array(count * 4),
    leaves: new Int16Array(count + trees.length),
  }
  let root = 0
  for (const [t, { splits, leaves }] of trees.entries()) {
    boosted.roots[t] = root
    boosted.splits.set(splits, root * 4)
    boosted.leaves.set(leaves, root + t)
    root += splits.length / 4
  }
  return boosted
}
