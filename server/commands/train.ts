/** `inkling train MODEL`: a run from data to a model folder with a report, with checkpoints that survive an interruption. */

import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import type { Card } from '../../core/models/card.ts'
import type { ModelSpec } from '../../core/models/spec.ts'
import { ZOO } from '../../core/models/zoo.ts'
import { processorName } from '../benchmark/environment.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { saveModel } from '../models/save.ts'
import { asPercent } from '../report/percent.ts'
import { reportFiles } from '../report/report.ts'
import {
  addRecipeOptions,
  commandLine,
  configure,
  configureFlat,
  dataNames,
  flatCommandLine,
  integer,
  type RecipeOptions,
  refuseEntries,
} from '../training/options.ts'
import { reproduce } from '../training/reproduce.ts'
import type { RunResult, TrainingData } from '../training/run.ts'
import { runTraining } from '../training/start.ts'

interface TrainOptions extends RecipeOptions {
  dataDir?: string
  out?: string
  checkpoint?: string
  fresh?: boolean
  threads: number
  reproduce?: string
  report: boolean
  json?: boolean
}

const RECIPES = `What is not given comes from the recipe of the model:
${ZOO.map((spec) => `  ${commandLine(spec)}`).join('\n')}
replay is the replay set: models learn from it, beside corrections, where no data set is. Its two files go
to weights/, and beside every network there a list of the digits that are replayed for it.
The same command resumes an interrupted run.`

export function trainCommand(): Command {
  const command = new Command('train')
    .description('Train a model from a random, seeded start; the same command gives the same bytes.')
    .argument('[model]', `one of: ${ZOO.map(({ id }) => id).join(', ')}, replay`)
  return addRecipeOptions(command)
    .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
    .option('--out <folder>', 'where the model goes (default: weights/<model>)')
    .option('--checkpoint <file>', 'where the run can be resumed from (default: <out>.checkpoint)')
    .option('--fresh', 'ignore a checkpoint that is there')
    .option('--threads <n>', 'threads to work on a batch, which changes no byte; see --shards', integer(1, 64), 1)
    .option('--reproduce <card>', 'train the model of a card.json again and compare the SHA-256 of the weights')
    .option('--no-report', 'make no report beside the weights')
    .option('--json', 'print the card on standard output')
    .addHelpText('after', `\n${RECIPES}`)
    .action(train)
}

async function train(model: string | undefined, options: TrainOptions): Promise<void> {
  if (options.reproduce !== undefined) {
    refuseEntries(options)
    const { reproduce: card, out, data, dataDir = dataDirectory(), threads } = options
    const generator = await import('../training/generator.ts')
    if (generator.isGeneratorCard(card)) {
      process.exitCode = await generator.reproduceGenerator(card, {
        ...(out && { out }),
        ...(data && { paths: data }),
        dataDir,
      })
      return
    }
    process.exitCode = await reproduce(card, { ...(out && { out }), ...(data && { paths: data }), dataDir, threads })
    return
  }
  if (model === 'replay') return trainReplay(options)
  const spec = configure(findSpec(model), options)
  const out = options.out ?? join(SHIPPED_MODELS, spec.id)
  const checkpoint = options.checkpoint ?? `${out}.checkpoint`
  await mkdir(dirname(checkpoint), { recursive: true })
  const run = await runTraining(spec, {
    paths: options.data ?? dataNames(spec),
    dataDir: options.dataDir ?? dataDirectory(),
    out,
    checkpoint,
    fresh: options.fresh ?? false,
    threads: options.threads,
  })
  if (!run) {
    console.error(`stopped; the same command resumes from ${checkpoint}`)
    process.exitCode = 130 // as a shell reports SIGINT
    return
  }
  const { result, data } = run
  const card = timed(result, options.threads)
  const report = options.report ? await drawReport(card, result, data) : {}
  const files = { ...result.files, 'card.json': `${JSON.stringify(card, null, 2)}\n`, ...report }
  saveModel(out, files)
  rmSync(checkpoint, { force: true })
  console.error(sentence(card))
  if (options.json) console.log(JSON.stringify(card))
}

// The replay set is not a model: models learn from it, beside corrections, where no data set is.
async function trainReplay(options: TrainOptions): Promise<void> {
  const { REPLAY, saveGenerator, trainGenerator } = await import('../training/generator.ts')
  const { writePools } = await import('../training/pools.ts')
  const { nodeBackends } = await import('../backend.ts')
  const recipe = configureFlat(REPLAY, options)
  const trained = await trainGenerator(recipe, {
    paths: options.data ?? recipe.data.split(','),
    dataDir: options.dataDir ?? dataDirectory(),
    command: flatCommandLine({ ...REPLAY, recipe }),
    measured: options.report,
  })
  saveGenerator(options.out ?? SHIPPED_MODELS, trained)
  if (!options.out) await writePools(SHIPPED_MODELS, trained.images, await nodeBackends(), console.error)
  const { bytes, sha256 } = trained.card.weights
  console.error(`replay: ${bytes} bytes, SHA-256 ${sha256}`)
  if (options.json) console.log(JSON.stringify(trained.card))
}

function findSpec(model: string | undefined): ModelSpec {
  const spec = ZOO.find(({ id }) => id === model)
  if (spec) return spec
  const known = `known are: ${ZOO.map(({ id }) => id).join(', ')}`
  throw Object.assign(new Error(model ? `unknown model ${model}; ${known}` : `which model? ${known}`), { exitCode: 2 })
}

// A failed picture must not cost hours of training.
async function drawReport(
  card: Card,
  { evaluation, history }: RunResult,
  { test: set, testSource }: TrainingData,
): Promise<Record<string, string>> {
  try {
    const reported = { card, data: testSource.name, evaluation, set, ...(history && { history }) }
    const files = await reportFiles(reported, console.error)
    return Object.fromEntries(Object.entries(files).map(([name, content]) => [`report/${name}`, content]))
  } catch (error) {
    console.error(`no report: ${error instanceof Error ? error.message : error}`)
    return {}
  }
}

function timed({ card, seconds }: RunResult, threads: number): Card {
  const processor = processorName() ?? process.arch
  const machine = `${processor}, ${threads === 1 ? 'one thread' : `${threads} threads`}, Node ${process.versions.node}`
  return { ...card, trainingTime: { seconds: Number(seconds.toPrecision(3)), machine } }
}

function sentence({ name, test, drawings, recipe, trainingTime, weights }: Card): string {
  return [
    `${name}: ${asPercent(test.accuracy)} on ${test.images} test images (standard error ${asPercent(test.standardError)})`,
    ...(drawings ? [`${asPercent(drawings.accuracy)} on ${drawings.images} drawings`] : []),
    ...('bestEpoch' in recipe ? [`best epoch ${recipe.bestEpoch}`] : []),
    `${trainingTime?.seconds} s`,
    `SHA-256 ${weights.sha256}`,
  ].join(', ')
}
