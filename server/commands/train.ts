/** `inkling train MODEL`: a run from data to a model folder, with checkpoints that survive an interruption. */

import { mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Backend } from '../../core/backend.ts'
import type { LabelledImages } from '../../core/evaluation.ts'
import type { DataSource, Recipe } from '../../core/models/card.ts'
import { type ModelSpec, ZOO } from '../../core/models/zoo.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { splitValidation } from '../../core/split.ts'
import { createTraining, type Training, trainingMemory } from '../../core/training.ts'
import { nodeBackend } from '../backend.ts'
import { type RunIdentity, readCheckpoint, writeCheckpoint } from '../checkpoint.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { loadDataset } from '../dataset/load.ts'
import { preprocessDataset } from '../digits.ts'
import { modelFiles } from '../modelfiles.ts'
import { SHIPPED_MODELS, saveModel } from '../models.ts'
import { epochLine, trainingProgress } from '../progress.ts'

const YIELD = 50 // ms of steps between looks at the event loop, where SIGINT arrives

interface TrainOptions extends Partial<Omit<Recipe, 'optimizer'>> {
  data: string
  dataDir?: string
  out?: string
  checkpoint?: string
  fresh?: boolean
  json?: boolean
}

export function trainCommand(): Command {
  return new Command('train')
    .description('Train a model from a random, seeded start; the same command gives the same bytes.')
    .argument('<model>', `one of: ${ZOO.map(({ id }) => id).join(', ')}`)
    .option('--data <name|path>', 'data set: a name below the data directory, or a path', 'mnist')
    .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
    .option('--out <folder>', 'where the model goes (default: weights/<model>)')
    .option('--checkpoint <file>', 'where the run can be resumed from (default: <out>.checkpoint)')
    .option('--fresh', 'ignore a checkpoint that is there')
    .option('--epochs <n>', 'passes over the training set', integer(1, 100_000))
    .option('--batch <n>', 'images per step', integer(1, 4096))
    .option('--rate <x>', 'learning rate at the start', real(1e-9, 100))
    .option('--momentum <x>', 'share of the last step that is kept', real(0, 0.9999))
    .option('--decay <x>', 'weight decay', real(0, 1))
    .addOption(new Option('--schedule <name>', 'of the learning rate').choices(['linear', 'constant']))
    .option('--seed <n>', 'of every random choice', integer(0, 4_294_967_295))
    .option('--validation <n>', 'training images held out to choose the best epoch', integer(10, 1_000_000))
    .option('--json', 'print the card on standard output')
    .action(train)
}

async function train(model: string, options: TrainOptions): Promise<void> {
  const spec = ZOO.find(({ id }) => id === model)
  if (!spec) {
    const known = ZOO.map(({ id }) => id).join(', ')
    throw Object.assign(new Error(`unknown model ${model}; known are: ${known}`), { exitCode: 2 })
  }
  const recipe: Recipe = { ...spec.recipe, ...given(spec.recipe, options) }
  const out = options.out ?? join(SHIPPED_MODELS, spec.id)
  const checkpoint = options.checkpoint ?? `${out}.checkpoint`

  const source = await prepare('train', options)
  const test = await prepare('test', options)
  if (JSON.stringify(test.data.files) === JSON.stringify(source.data.files)) {
    throw new Error(
      `${test.data.name} is one set: a folder with a training and a test set is due, to measure on what was not learned`,
    )
  }
  const { training: images, validation } = splitValidation(source.images, recipe.validation, recipe.seed)
  const backend = await nodeBackend(trainingMemory(spec.layers, recipe.batch))
  const training = createTraining(backend, spec.layers, recipe, images, validation)
  const run: RunIdentity = {
    model: spec.id,
    layers: spec.layers,
    recipe,
    preprocessing: PREPROCESS_VERSION,
    data: source.data.files,
  }
  mkdirSync(dirname(checkpoint), { recursive: true })
  const state = options.fresh ? undefined : readCheckpoint(checkpoint, run)
  if (state) {
    training.restore(state)
    console.error(`resuming after epoch ${state.epoch}, step ${state.step}`)
  }
  console.error(describeRun(spec, recipe, images.count, validation.count, backend))

  const seconds = await runToEnd(training, recipe, () => writeCheckpoint(checkpoint, run, training.state()))
  if (seconds === undefined) {
    console.error(`stopped; the same command goes on from ${checkpoint}`)
    process.exitCode = 130 // as a shell reports SIGINT
    return
  }
  const validated = training.finish(validation)
  const result = training.finish(test.images)
  const { card, files } = modelFiles({
    spec,
    recipe,
    command: commandLine(spec, recipe, basename(options.data)),
    result,
    validation: validated.evaluation,
    training: source.data,
    test: test.data,
  })
  saveModel(out, files)
  rmSync(checkpoint, { force: true })
  console.error(
    `${card.name}: ${percent(card.test.accuracy)} on ${card.test.images} test images (standard error ${percent(card.test.standardError)}), ` +
      `best epoch ${result.bestEpoch}, ${seconds.toFixed(1)} s, SHA-256 ${card.weights.sha256}`,
  )
  if (options.json) console.log(JSON.stringify(card))
}

async function prepare(
  split: 'train' | 'test',
  options: TrainOptions,
): Promise<{ images: LabelledImages; data: DataSource }> {
  const { dataset, digest, source } = await loadDataset(options.data, split, options.dataDir ?? dataDirectory())
  const images = preprocessDataset(dataset)
  if (images.refused?.length) console.error(`${images.refused.length} of ${images.count} images hold no digit`)
  return { images, data: { name: basename(options.data), source, files: digest } }
}

// Steps until done or interrupted; the seconds it took, or undefined when SIGINT or SIGTERM came.
async function runToEnd(training: Training, recipe: Recipe, save: () => void): Promise<number | undefined> {
  let interrupted = false
  const interrupt = () => {
    if (interrupted) process.exit(130)
    interrupted = true
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const bar = trainingProgress(recipe.epochs, training.stepsPerEpoch)
  const started = performance.now()
  try {
    let looked = started
    while (!training.done) {
      const report = training.step()
      if (report) {
        bar.epoch(epochLine(report, recipe.epochs))
        if (!training.done) save()
      }
      if (performance.now() - looked < YIELD) continue
      bar.update(training.progress())
      await setImmediate()
      looked = performance.now()
      if (interrupted) {
        save()
        return undefined
      }
    }
  } finally {
    bar.stop()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
  return (performance.now() - started) / 1000
}

function given(defaults: Recipe, options: TrainOptions): Partial<Recipe> {
  const names = Object.keys(defaults) as (keyof Recipe)[]
  const values = options as Partial<Recipe>
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]))
}

// The whole recipe in words, so that the card's command means the same when the defaults change.
function commandLine({ id }: ModelSpec, recipe: Recipe, data: string): string {
  const { seed, rate, momentum, decay, schedule, batch, epochs, validation } = recipe
  return (
    `inkling train ${id} --data ${data} --epochs ${epochs} --batch ${batch} --rate ${rate} --momentum ${momentum} ` +
    `--decay ${decay} --schedule ${schedule} --seed ${seed} --validation ${validation}`
  )
}

function describeRun(spec: ModelSpec, recipe: Recipe, images: number, validation: number, backend: Backend): string {
  return (
    `training ${spec.id} on ${images} images, ${validation} held out, ${recipe.epochs} epochs of ` +
    `${Math.ceil(images / recipe.batch)} steps, seed ${recipe.seed}, backend ${backend.name}`
  )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

function integer(low: number, high: number): (text: string) => number {
  return number(low, high, /^\d{1,10}$/, 'a whole number')
}

function real(low: number, high: number): (text: string) => number {
  return number(low, high, /^\d*\.?\d+(e-?\d+)?$/i, 'a number')
}

function number(low: number, high: number, form: RegExp, what: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!form.test(text) || value < low || value > high) {
      throw new InvalidArgumentError(`${what} from ${low} to ${high} expected.`)
    }
    return value
  }
}
