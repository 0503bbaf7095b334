/** `inkling evaluate [MODEL]`: measures stored models on test sets, with the same preprocessing as the server. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Command, Option } from 'commander'
import { hasDropout } from '../../core/models/create-model.ts'
import { sureOf } from '../../core/models/verdict.ts'
import { countVerdicts } from '../../core/models/verdict-counts.ts'
import { nodeBackends } from '../backend.ts'
import { DEFAULT_MODELS } from '../config.ts'
import { loadDigits } from '../dataset/digits.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { evaluateStored } from '../models/evaluate.ts'
import { loadModel, loadModels, type StoredModel } from '../models/load.ts'
import { describeEvaluation, type Measured, tabulate } from '../report/figures.ts'
import { type Reported, reportFiles } from '../report/report.ts'
import { integer } from '../training/options.ts'
import { runProgress } from '../training/progress.ts'
import type { EpochFigures } from '../training/run.ts'

interface EvaluateOptions {
  data: string
  split: 'train' | 'test'
  dataDir?: string
  models: string
  all?: boolean
  samples: number
  report?: string
  json?: boolean
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description(
      'Measure models on test sets: accuracy with its standard error, loss, calibration, per class, and what is turned away.',
    )
    .argument('[model]', 'which model', DEFAULT_MODELS.simd[0])
    .option('--all', 'every model there is, as a table')
    .option('--data <names>', 'data sets, comma-separated: names below the data directory, or paths', 'mnist')
    .addOption(
      new Option('--split <name>', 'train shows what the model has memorised')
        .choices(['test', 'train'])
        .default('test'),
    )
    .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option('--samples <n>', 'Monte Carlo dropout: mean of so many passes; 0 for none', integer(0, 1000), 0)
    .option('--report <folder>', 'draw the report there: confusion matrix, mistakes, and the curves of the training')
    .option('--json', 'print the figures as JSON')
    .action(run)
}

async function run(id: string, options: EvaluateOptions): Promise<void> {
  const models = options.all ? allModels(options) : [findModel(options.models, id)]
  const names = options.data.split(',')
  const single = !options.all && names.length === 1
  const backends = await nodeBackends()
  const progress = runProgress()
  const measured: Measured[] = []
  try {
    for (const data of names) {
      const { images } = await loadDigits([data], options.split, options.dataDir ?? dataDirectory())
      for (const model of models) {
        const { id, name } = model.card
        const started = performance.now()
        const onProgress = (done: number) => progress.update(id, done, images.count)
        const evaluation = evaluateStored(model, images, backends, options.samples, onProgress)
        const verdicts = countVerdicts(evaluation, images.labels, sureOf(model.card))
        measured.push({ model: id, name, data, evaluation, verdicts, seconds: (performance.now() - started) / 1000 })
        if (!options.report) continue
        const folder = single ? options.report : join(options.report, `${id}-${basename(data)}`)
        const history = historyOf(join(options.models, id))
        await writeReport(folder, { card: model.card, data: basename(data), evaluation, set: images, ...history })
      }
    }
  } finally {
    progress.stop()
  }
  if (options.json) console.log(JSON.stringify(single ? figures(measured[0]) : measured.map(figures)))
  else console.log(single ? describeEvaluation(measured[0]) : tabulate(measured))
}

function findModel(folder: string, id: string): StoredModel {
  const ids = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'card.json')))
  if (ids.includes(id)) return loadModel(join(folder, id))
  throw new Error(`no model ${id}; there are: ${ids.join(', ')}`)
}

// With --samples only those that have dropout.
function allModels({ models, samples }: EvaluateOptions): StoredModel[] {
  return loadModels(models, warn).filter(({ card }) => samples === 0 || hasDropout(card))
}

async function writeReport(folder: string, reported: Reported): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const files = await reportFiles(reported, warn)
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content)
}

// The history of training in the model's folder, from which the curves are drawn again.
function historyOf(folder: string): { history?: EpochFigures[] } {
  const path = join(folder, 'report', 'history.json')
  return existsSync(path) ? { history: JSON.parse(readFileSync(path, 'utf8')) } : {}
}

// The figures without the answers to single images.
function figures({ model, data, evaluation, verdicts, seconds }: Measured) {
  const { answers: _, confidences: __, scores: ___, others: ____, ...rest } = evaluation
  return { model, data, ...rest, verdicts, seconds }
}

function warn(problem: string): void {
  console.error(`inkling: ${problem}`)
}
