/** Trains a feed-forward network: steps until its epochs are done, with a checkpoint after each and at an interruption. */

import type { Backend } from '../../core/backend/backend.ts'
import { CLASSES } from '../../core/data/dataset.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import { labelledClasses } from '../../core/models/evaluation.ts'
import type { Recipe } from '../../core/models/recipe.ts'
import type { NetworkSpec } from '../../core/models/spec.ts'
import {
  createTraining,
  type EpochReport,
  type Training,
  type TrainingState,
  trainingMemory,
} from '../../core/training.ts'
import { nodeBackend } from '../backend.ts'
import { cardBase, networkFiles, WEIGHTS_FILE } from '../models/card.ts'
import { asPercent } from '../report/percent.ts'
import { readCheckpoint, runIdentity, writeCheckpoint } from './checkpoint.ts'
import { epochLine } from './progress.ts'
import type { EpochFigures, RunContext, RunResult, TrainingData } from './run.ts'
import { startThreads } from './threads.ts'

/** The state in the checkpoint of a network's run. */
interface SavedRun {
  readonly training: TrainingState
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
  const backend = await nodeBackend(trainingMemory(spec.layers, recipe))
  if (context.threads > recipe.shards) {
    progress.note(
      `a batch in ${recipe.shards} parts keeps ${recipe.shards} of ${context.threads} threads at work: see --shards`,
    )
  }
  const threads =
    Math.min(context.threads, recipe.shards) > 1
      ? await startThreads(context.threads, spec.layers, recipe, data.training)
      : undefined
  try {
    const training = createTraining(backend, spec.layers, recipe, data.training, data.validation, threads)
    if (saved) {
      training.restore(saved.training)
      progress.note(`resuming after epoch ${saved.training.epoch}, step ${saved.training.step}`)
    }
    progress.note(describe(spec, recipe, data, backend))
    const started = performance.now()
    const seconds = () => (saved?.seconds ?? 0) + (performance.now() - started) / 1000
    const save = () => writeCheckpoint(checkpoint, run, { training: training.state(), history, seconds: seconds() })
    if (!(await trainEpochs(training, recipe, history, context, save))) return undefined
    const took = seconds()
    return { ...finish(spec, recipe, data, context, training), history, seconds: took }
  } finally {
    await threads?.close()
  }
}

// Steps until the run ends. Returns false when it was interrupted.
async function trainEpochs(
  training: Training,
  recipe: Recipe,
  history: EpochFigures[],
  context: RunContext,
  save: () => void,
): Promise<boolean> {
  const { progress } = context
  while (!training.done) {
    const report = training.step()
    if (report) {
      history.push(figures(report))
      progress.note(epochLine(history[history.length - 1], recipe.epochs))
      if (!training.done) save()
    }
    show(training, recipe, context)
    await context.pause()
    if (context.interrupted() && !training.done) {
      save()
      return false
    }
  }
  if (history.length < recipe.epochs) progress.note(`no better epoch in ${recipe.patience}: that is all`)
  return true
}

function show(training: Training, { epochs }: Recipe, { progress }: RunContext): void {
  const { epoch, step, loss, accuracy } = training.progress()
  if (step === 0) return // an epoch has just begun: there is no loss to show yet
  const { stepsPerEpoch } = training
  const text = `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}  accuracy ${asPercent(accuracy)}`
  progress.update('training', (epoch - 1) * stepsPerEpoch + step, epochs * stepsPerEpoch, text)
}

function figures({ epoch, trainingLoss, trainingAccuracy, validation, best }: EpochReport): EpochFigures {
  return {
    epoch,
    training: { loss: trainingLoss, accuracy: trainingAccuracy },
    validation: { loss: validation.loss, accuracy: validation.accuracy },
    best,
  }
}

function finish(
  spec: NetworkSpec,
  recipe: Recipe,
  data: TrainingData,
  { command }: RunContext,
  training: Training,
): Omit<RunResult, 'seconds'> {
  const calibrated = training.calibrate(data.validation)
  const { parameters, bestEpoch, evaluation: test } = training.finish(data.test)
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
    recipe: { command, ...recipe, bestEpoch, ...calibrated },
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
