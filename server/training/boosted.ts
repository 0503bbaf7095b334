/** Trains boosted trees: round by round, with a checkpoint every few rounds, then keeps those up to the best round. */

import { CLASSES, OTHER, PIXELS } from '../../core/data/dataset.ts'
import { log1 } from '../../core/kernels/polynomial.ts'
import {
  type Boosted,
  boostedMemory,
  boostedModel,
  boostedTensors,
  joinBoosted,
  LEAF_UNIT,
  MAX_LEAVES,
  placeBoosted,
  sumScores,
} from '../../core/models/boosted.ts'
import type { BoostedCard } from '../../core/models/card.ts'
import { evaluateModel, type LabelledImages, LEAST_PROBABILITY, labelledClasses } from '../../core/models/evaluation.ts'
import { FEATURES } from '../../core/models/neighbours.ts'
import type { FlatRecipe } from '../../core/models/recipe.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import type { BoostedSpec } from '../../core/models/spec.ts'
import { joinTensors } from '../../core/models/tensor.ts'
import type { BoostedTree } from '../../core/training/boosted-tree.ts'
import { type BoostingRecipe, boostingMemory, createBooster } from '../../core/training/boosting.ts'
import { fitOtherBias } from '../../core/training/other-bias.ts'
import { nodeBackends } from '../backend.ts'
import { cardBase, WEIGHTS_FILE } from '../models/card.ts'
import { readCheckpoint, runIdentity, writeCheckpoint } from './checkpoint.ts'
import { epochLine } from './progress.ts'
import type { EpochFigures, RunContext, RunResult, TrainingData } from './run.ts'

const SAVED_EVERY = 25 // rounds

/** Entries of the recipe that are whole numbers, and their ranges. */
const WHOLE = { rounds: [1, 2000], leaves: [2, MAX_LEAVES], features: [1, FEATURES], copies: [0, 20] } as const
/** Other entries. The bounds of an `Augmentation` may be given too. */
const REAL = { rate: [0.001, 1], penalty: [0, 1000], smallest: [0, 1000], gradient: [0, 1] } as const
const BOUNDS = ['shift', 'rotate', 'scale', 'shear', 'elastic', 'thickness'] as const

/** Factors of the sums of leaves that are tried. */
const SHARPNESSES = Array.from({ length: 61 }, (_, i) => 0.5 + i / 40)

/** The state in a checkpoint. */
interface SavedRun {
  readonly trees: readonly { readonly splits: readonly number[]; readonly leaves: readonly number[] }[]
  readonly history: readonly EpochFigures[]
  readonly seconds: number // of training so far
}

/**
 * Grows trees, or resumes from the checkpoint of this run. The loss on the validation set chooses how many rounds are kept, and how
 * sharp the scores are.
 * @throws RangeError when the recipe lacks an entry or has one out of range; Error when the checkpoint is damaged or of another run
 */
export async function trainBoosted(
  spec: BoostedSpec,
  recipe: FlatRecipe,
  data: TrainingData,
  context: RunContext,
): Promise<RunResult | undefined> {
  const { checkpoint, progress } = context
  const { training, validation } = data
  const settings = parseRecipe(recipe)
  const run = runIdentity(spec, recipe, data)
  const saved = context.fresh ? undefined : readCheckpoint<SavedRun>(checkpoint, run)
  const history: EpochFigures[] = [...(saved?.history ?? [])]
  const backends = await nodeBackends()
  const classes = labelledClasses(training)
  progress.note(
    `training ${spec.id} on ${training.count} images, ${validation.count} held out, ${settings.rounds} rounds of ` +
      `${classes} trees, seed ${recipe.seed}, backend ${backends.name}`,
  )
  const started = performance.now()
  const seconds = () => (saved?.seconds ?? 0) + (performance.now() - started) / 1000
  const backend = backends.create(boostingMemory(training.count, validation.count, classes, settings))
  const booster = createBooster(backend, training, validation, classes, settings)
  if (saved) {
    booster.restore(saved.trees.map(loadedTree))
    progress.note(`resuming after round ${booster.round}`)
  }
  const save = () => {
    writeCheckpoint(checkpoint, run, { trees: booster.trees.map(savedTree), history, seconds: seconds() })
  }
  while (booster.round < settings.rounds) {
    const figures = booster.step()
    const best = history.every((earlier) => figures.validation.loss < earlier.validation.loss)
    history.push({ epoch: booster.round, ...figures, best })
    const { loss } = figures.training
    progress.update('boosting', booster.round, settings.rounds, `round ${booster.round}  loss ${loss.toFixed(4)}`)
    if (booster.round % SAVED_EVERY === 0) {
      progress.note(epochLine(history[history.length - 1], settings.rounds))
      if (booster.round < settings.rounds) save()
    }
    await context.pause()
    if (context.interrupted() && booster.round < settings.rounds) {
      save()
      return undefined
    }
  }
  const kept = history.findLast(({ best }) => best)?.epoch ?? settings.rounds
  const boosted = joinBoosted(booster.trees.slice(0, kept * classes))
  const sizes = { trees: boosted.roots.length, splits: boosted.splits.length / 4, classes }
  const memory = boostedMemory({ boosted: sizes })
  const sharpness = chooseSharpness(placeBoosted(backends.create(memory), boosted, classes), validation, classes)
  const margins = classes > CLASSES && otherMargins(placeBoosted(backends.create(memory), boosted, classes), validation)
  const otherBias = margins ? fitOtherBias(margins) : undefined
  if (otherBias !== undefined) addOtherBias(boosted, otherBias)
  const took = seconds()
  progress.note(`${kept} rounds kept, ${sizes.splits} splits, sums times ${sharpness}`)

  const bytes = joinTensors([boosted.roots, boosted.splits, boosted.leaves])
  const model = boostedModel(backends.create(memory), { boosted: { ...sizes, sharpness } }, bytes)
  const measure = (set: LabelledImages) => evaluateModel(model, set)
  const test = measure(data.test)
  const weights = encodeTensors(boostedTensors({ boosted: sizes }), bytes)
  const card: BoostedCard = {
    ...cardBase(spec, data, {
      // a split is a test and two references
      parameters: sizes.splits * 3 + boosted.leaves.length,
      weights,
      test,
      validation: measure(validation),
      drawings: data.drawings && measure(data.drawings),
      ...(classes > CLASSES && { others: (data.others ?? []).map(({ images }) => measure(images)) }),
    }),
    type: 'boosted',
    boosted: { ...sizes, sharpness, ...(otherBias !== undefined && { otherBias }) },
    recipe: { command: context.command, ...recipe },
  }
  return { card, files: { [WEIGHTS_FILE]: weights }, seconds: took, evaluation: test, history }
}

function parseRecipe(recipe: FlatRecipe): BoostingRecipe {
  const entry = (name: keyof typeof WHOLE | keyof typeof REAL): number => {
    const value = recipe[name]
    const whole = name in WHOLE
    const [low, high] = { ...WHOLE, ...REAL }[name]
    const number = typeof value === 'number' && (whole ? Number.isInteger(value) : true)
    if (number && value >= low && value <= high) return value
    const kind = whole ? 'whole number' : 'number'
    throw new RangeError(`the recipe's ${name} must be a ${kind} from ${low} to ${high}, not ${value}`)
  }
  const augment = Object.fromEntries(BOUNDS.flatMap((name) => (name in recipe ? [[name, Number(recipe[name])]] : [])))
  return {
    seed: recipe.seed,
    rounds: entry('rounds'),
    leaves: entry('leaves'),
    features: entry('features'),
    copies: entry('copies'),
    rate: entry('rate'),
    penalty: entry('penalty'),
    smallest: entry('smallest'),
    gradient: entry('gradient'),
    augment,
  }
}

const savedTree = ({ splits, leaves }: BoostedTree) => ({ splits: [...splits], leaves: [...leaves] })

function loadedTree({ splits, leaves }: SavedRun['trees'][number]): BoostedTree {
  return { splits: Uint8Array.from(splits), leaves: Int16Array.from(leaves) }
}

// Of each digit: the sum of OTHER's leaves less that of the best digit's, nats.
function otherMargins(
  sum: (input: Uint8Array) => Int32Array,
  { images, labels, count }: LabelledImages,
): Float32Array<ArrayBuffer> {
  const digits = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => labels[i] < CLASSES)
  return Float32Array.from(digits, (i) => {
    const sums = sum(images.subarray(i * PIXELS, (i + 1) * PIXELS))
    return (sums[OTHER] - Math.max(...sums.subarray(0, CLASSES))) / LEAF_UNIT
  })
}

// Adds to all leaves of the first tree of OTHER, in one of which every drawing ends.
function addOtherBias({ roots, leaves }: Boosted, added: number): void {
  const end = roots.length > OTHER + 1 ? roots[OTHER + 1] + OTHER + 1 : leaves.length
  for (let leaf = roots[OTHER] + OTHER; leaf < end; leaf++) {
    leaves[leaf] = Math.max(-32_768, leaves[leaf] + Math.round(added * LEAF_UNIT))
  }
}

// The factor whose scores have the lowest cross-entropy; of equally good ones, the lowest.
function chooseSharpness(
  sum: (input: Uint8Array) => Int32Array,
  { images, labels, count }: LabelledImages,
  classes: number,
): number {
  const losses = new Float64Array(SHARPNESSES.length)
  const scores = new Float32Array(classes)
  for (let i = 0; i < count; i++) {
    const sums = sum(images.subarray(i * PIXELS, (i + 1) * PIXELS))
    for (const [s, sharpness] of SHARPNESSES.entries()) {
      sumScores(scores, sums, sharpness)
      losses[s] -= log1(Math.fround(Math.max(LEAST_PROBABILITY, scores[labels[i]])))
    }
  }
  return SHARPNESSES[losses.indexOf(Math.min(...losses))]
}
