/**
 * Trains a random forest: its trees, then what a vote for OTHER counts and the power of the votes. This takes minutes, so an interrupted
 * run starts again.
 */

import { CLASSES, OTHER, PIXELS } from '../../core/data/dataset.ts'
import { log1 } from '../../core/kernels/polynomial.ts'
import type { ForestCard } from '../../core/models/card.ts'
import { evaluateModel, type LabelledImages, LEAST_PROBABILITY, labelledClasses } from '../../core/models/evaluation.ts'
import {
  type Forest,
  forestMemory,
  forestModel,
  forestTensors,
  MAX_POWER,
  placeForest,
  voteProbabilities,
} from '../../core/models/forest.ts'
import type { FlatRecipe } from '../../core/models/recipe.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import type { ForestSpec } from '../../core/models/spec.ts'
import { joinTensors } from '../../core/models/tensor.ts'
import { fitOtherBias } from '../../core/training/other-bias.ts'
import {
  createTreeGrower,
  joinTrees,
  type Tree,
  type TreeRecipe,
  treeGrowingMemory,
} from '../../core/training/trees.ts'
import { nodeBackends } from '../backend.ts'
import { cardBase, WEIGHTS_FILE } from '../models/card.ts'
import type { RunContext, RunResult, TrainingData } from './run.ts'

/** Entries of the recipe of a forest and their ranges. The bounds of an `Augmentation` may be given too. */
const ENTRIES = { trees: [1, 1000], candidates: [1, 200], smallest: [2, 1_000_000], copies: [0, 20] } as const
const BOUNDS = ['shift', 'rotate', 'scale', 'shear', 'elastic', 'thickness'] as const

/**
 * Grows a forest and chooses the power of its votes by the loss on the validation set.
 * @throws RangeError when the recipe lacks an entry or has one out of range
 */
export async function trainForest(
  spec: ForestSpec,
  recipe: FlatRecipe,
  data: TrainingData,
  context: RunContext,
): Promise<RunResult | undefined> {
  const started = performance.now()
  const { trees: count, ...growing } = parseRecipe(recipe)
  const backends = await nodeBackends()
  const { progress } = context
  const { training, validation } = data
  progress.note(
    `training ${spec.id} on ${training.count} images, ${validation.count} held out, ${count} trees, seed ${recipe.seed}, ` +
      `backend ${backends.name}`,
  )
  const classes = labelledClasses(training)
  const grow = createTreeGrower(backends.create(treeGrowingMemory(training.count, growing.copies)), training, growing)
  const trees: Tree[] = []
  while (trees.length < count) {
    trees.push(grow(trees.length))
    progress.update('growing', trees.length, count, `tree ${trees.length}/${count}`)
    await context.pause()
    if (context.interrupted()) return undefined
  }
  const forest = joinTrees(trees, classes)
  const sizes = {
    trees: count,
    splits: forest.splits.length / 3,
    leaves: forest.leaves.length / classes,
    ...(classes > CLASSES && { classes }),
  }
  const memory = forestMemory({ forest: sizes })
  if (classes > CLASSES) lowerOther(forest, placeForest(backends.create(memory), forest, classes), validation)
  const power = choosePower(placeForest(backends.create(memory), forest, classes), validation, classes)
  const seconds = (performance.now() - started) / 1000
  progress.note(
    `${count} trees of ${Math.round(sizes.splits / count)} splits on average, votes to the power of ${power}`,
  )

  const bytes = joinTensors([forest.roots, forest.splits, forest.leaves])
  const model = forestModel(backends.create(memory), { forest: { ...sizes, power } }, bytes)
  const measure = (set: LabelledImages) => evaluateModel(model, set)
  const test = measure(data.test)
  const weights = encodeTensors(forestTensors({ forest: sizes }), bytes)
  const card: ForestCard = {
    ...cardBase(spec, data, {
      parameters: parameterCount(forest),
      weights,
      test,
      validation: measure(validation),
      drawings: data.drawings && measure(data.drawings),
      ...(classes > CLASSES && { others: (data.others ?? []).map(({ images }) => measure(images)) }),
    }),
    type: 'forest',
    forest: { ...sizes, power },
    recipe: { command: context.command, ...recipe },
  }
  return { card, files: { [WEIGHTS_FILE]: weights }, seconds, evaluation: test }
}

function parseRecipe(recipe: FlatRecipe): TreeRecipe & { trees: number } {
  const entry = (name: keyof typeof ENTRIES): number => {
    const value = recipe[name]
    const [low, high] = ENTRIES[name]
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value
    throw new RangeError(`the recipe's ${name} must be a whole number from ${low} to ${high}, not ${value}`)
  }
  const augment = Object.fromEntries(BOUNDS.flatMap((name) => (name in recipe ? [[name, Number(recipe[name])]] : [])))
  return {
    seed: recipe.seed,
    trees: entry('trees'),
    candidates: entry('candidates'),
    smallest: entry('smallest'),
    copies: entry('copies'),
    augment,
  }
}

// A split is a test and two references; a leaf has a share of each class.
function parameterCount({ splits, leaves }: Forest): number {
  return splits.length + leaves.length
}

// Lowers the votes of OTHER in all leaves by one factor, so that few validation digits have most votes for it.
function lowerOther(
  { leaves }: Forest,
  count: (input: Uint8Array) => Int32Array,
  { images, labels, count: n }: LabelledImages,
): void {
  const digits = Uint32Array.from({ length: n }, (_, i) => i).filter((i) => labels[i] < CLASSES)
  const ratios = Float32Array.from(digits, (i) => {
    const votes = count(images.subarray(i * PIXELS, (i + 1) * PIXELS))
    return votes[OTHER] / Math.max(...votes.subarray(0, CLASSES))
  })
  const bias = fitOtherBias(ratios.map((ratio) => ratio - 1)) ?? 0
  for (let at = OTHER; at < leaves.length; at += OTHER + 1) leaves[at] = Math.floor(leaves[at] / (1 - bias))
}

// The power whose probabilities have the lowest cross-entropy; of equally good ones, the lowest.
function choosePower(
  count: (input: Uint8Array) => Int32Array,
  { images, labels, count: n }: LabelledImages,
  classes: number,
): number {
  const losses = new Float64Array(MAX_POWER + 1)
  const probabilities = new Float32Array(classes)
  for (let i = 0; i < n; i++) {
    const votes = count(images.subarray(i * PIXELS, (i + 1) * PIXELS))
    for (let power = 1; power <= MAX_POWER; power++) {
      voteProbabilities(probabilities, votes, power)
      losses[power] -= log1(Math.fround(Math.max(LEAST_PROBABILITY, probabilities[labels[i]])))
    }
  }
  let best = 1
  for (let power = 2; power <= MAX_POWER; power++) if (losses[power] < losses[best]) best = power
  return best
}
