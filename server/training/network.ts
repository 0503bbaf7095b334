/** Trains a feed-forward network: steps until its epochs are done, with a checkpoint after each and at an interruption. */

import type { Backend } from '../../core/backend/backend.ts'
import { CLASSES } from '../../core/data/dataset.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import { labelledClasses } from '../../core/models/evaluation.ts'
import type { Recipe } from '../../core/models/recipe.ts'
import type { NetworkSpec } from '../../core/models/spec.ts'
import {
  type Calibrated,
  createTraining,
  type EpochReport,
  type Training,
  type TrainingState,
  trainingMemory,
  tuningRecipe,
} from '../../core/training.ts'
import { nodeBackend } from '../backend.ts'
import { cardBase, networkFiles, WEIGHTS_FILE } from '../models/card.ts'
import { asPercent } from '../report/percent.ts'
import { readCheckpoint, runIdentity, writeCheckpoint } from './checkpoint.ts'
import { epochLine } from './progress.ts'
import type { EpochFigures, RunContext, RunResult, TrainingData } from './run.ts'
import { startThreads } from './threads.ts'

/** What the epochs in f32 ended in. */
interface Whole extends Calibrated {
  readonly parameters: Float32Array
  readonly bestEpoch: number
}

/** The state in the checkpoint of a network's run. */
interface SavedRun {
  readonly training?: TrainingState // undefined at the beginning of the epochs in 8 bits
  readonly whole?: Whole // in those epochs
  readonly history: readonly EpochFigures[]
  readonly seconds: number // of training so far
}

/**
 * Trains from a random, seeded start, or resumes from the checkpoint of this run.
 * @throws Error when the checkpoint is damaged or of another run, or no epoch ended with a finite validation loss
 */
export async function trainNetwork(
  spec: NetworkSpec,
  recipe: Recipe,
  data: TrainingData,
  context: RunContext,
): Promise<RunResult | undefined> {
  const { checkpoint, progress } = context
  const run = runIdentity(spec, recipe, data)
  const saved = context.fresh ? undefined : readCheckpoint<SavedRun>(checkpoint, run)
  const history: EpochFigures[] = [...(saved?.history ?? [])]
  if (context.threads > recipe.shards) {
    progress.note(
      `a batch in ${recipe.shards} parts keeps ${recipe.shards} of ${context.threads} threads at work: see --shards`,
    )
  }
  const threads =
    Math.min(context.threads, recipe.shards) > 1
      ? await startThreads(context.threads, spec.layers, recipe, data.training)
      : undefined
  const started = performance.now()
  const seconds = () => (saved?.seconds ?? 0) + (performance.now() - started) / 1000

  // Trains until all epochs are done: with random weights first, or with those of `whole` rounded.
  async function train(stage: Recipe, state?: TrainingState, whole?: Whole): Promise<Training | undefined> {
    const backend = await nodeBackend(trainingMemory(spec.layers, stage))
    const { training: images, validation } = data
    const training = createTraining(backend, spec.layers, stage, images, validation, threads, whole?.parameters)
    if (state) {
      training.restore(state)
      progress.note(`resuming after epoch ${state.epoch}, step ${state.step}`)
    }
    progress.note(whole ? `tuning for 8 bits, ${stage.epochs} epochs` : describe(spec, recipe, data, backend))
    const save = () =>
      writeCheckpoint(checkpoint, run, { training: training.state(), whole, history, seconds: seconds() })
    const total = history.length - (state?.epoch ?? 0) + stage.epochs
    return (await trainEpochs(training, stage, total, history, context, save)) ? training : undefined
  }

  try {
    let whole = saved?.whole
    let training: Training | undefined
    if (!whole) {
      training = await train(recipe, saved?.training)
      if (!training) return undefined
      const calibrated = training.calibrate(data.validation)
      const { parameters, bestEpoch } = training.finish(data.validation)
      whole = { parameters, bestEpoch, ...calibrated }
    }
    let tuned: Omit<Whole, 'parameters'> | undefined
    if (recipe.bits === 8) {
      training = await train(tuningRecipe(recipe), saved?.whole && saved.training, whole)
      if (!training) return undefined
      const calibrated = training.calibrate(data.validation)
      tuned = { bestEpoch: training.finish(data.validation).bestEpoch, ...calibrated }
    }
    if (!training) throw new Error(`checkpoint ${checkpoint} is of a run in 8 bits; --fresh starts anew`)
    const took = seconds()
    const { parameters: _, ...first } = whole
    const result = finish(spec, { ...recipe, ...first, ...(tuned && { tuned }) }, data, context, training)
    return { ...result, history, seconds: took }
  } finally {
    await threads?.close()
  }
}

// Steps until the run ends. Returns false when it was interrupted.
async function trainEpochs(
  training: Training,
  recipe: Recipe,
  total: number, // epochs, those of an earlier stage included
  history: EpochFigures[],
  context: RunContext,
  save: () => void,
): Promise<boolean> {
  const { progress } = context
  while (!training.done) {
    const report = training.step()
    if (report) {
      history.push(figures(report, history.length + 1))
      progress.note(epochLine(history[history.length - 1], total))
      if (!training.done) save()
    }
    show(training, recipe, context)
    await context.pause()
    if (context.interrupted() && !training.done) {
      save()
      return false
    }
  }
  if (history.length < total) progress.note(`no better epoch in ${recipe.patience}: that is all`)
  return true
}

function show(training: Training, { epochs }: Recipe, { progress }: RunContext): void {
  const { epoch, step, loss, accuracy } = training.progress()
  if (step === 0) return // an epoch has just begun: there is no loss to show yet
  const { stepsPerEpoch } = training
  const text = `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}  accuracy ${asPercent(accuracy)}`
  progress.update('training', (epoch - 1) * stepsPerEpoch + step, epochs * stepsPerEpoch, text)
}

function figures({ trainingLoss, trainingAccuracy, validation, best }: EpochReport, epoch: number): EpochFigures {
  return {
    epoch,
    training: { loss: trainingLoss, accuracy: trainingAccuracy },
    validation: { loss: validation.loss, accuracy: validation.accuracy },
    best,
  }
}

function finish(
  spec: NetworkSpec,
  recipe: Omit<NetworkCard['recipe'], 'command'>,
  data: TrainingData,
  { command }: RunContext,
  training: Training,
): Omit<RunResult, 'seconds'> {
  const { parameters, evaluation: test } = training.finish(data.test)
  const { evaluation: validation } = training.finish(data.validation)
  const drawings = data.drawings ? training.finish(data.drawings).evaluation : undefined
  const knowsOthers = labelledClasses(data.training) > CLASSES
  const others = (data.others ?? []).map(({ images }) => training.finish(images).evaluation)
  const files = networkFiles(spec.layers, parameters)
  const measured = {
    parameters: parameters.length,
    weights: files[WEIGHTS_FILE],
    test,
    validation,
    drawings,
    ...(knowsOthers && { others }),
  }
  const card: NetworkCard = {
    ...cardBase(spec, data, measured),
    type: 'network',
    layers: spec.layers,
    recipe: { command, ...recipe },
  }
  return { card, files, evaluation: test }
}

function describe(
  spec: NetworkSpec,
  recipe: Recipe,
  { training, validation }: TrainingData,
  { name }: Backend,
): string {
  return (
    `training ${spec.id} on ${training.count} images, ${validation.count} held out, ${recipe.epochs} epochs of ` +
    `${Math.ceil(training.count / recipe.batch)} steps, seed ${recipe.seed}, backend ${name}`
  )
}
