/** `inkling bench`: how fast this machine is, kernel by kernel and model by model, on every backend it has. */

import { existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Command } from 'commander'
import { measurableBackends } from '../../core/benchmark/backends.ts'
import { benchmark } from '../../core/benchmark/benchmark.ts'
import { selectableNames } from '../../core/benchmark/selection.ts'
import type { BenchmarkProgress, BenchmarkReport } from '../../core/protocol.ts'
import { backendChoice, nodeKernels } from '../backend.ts'
import { nodeEnvironment } from '../benchmark/environment.ts'
import { NODE_METER } from '../benchmark/meter.ts'
import { writeReport } from '../benchmark/report-file.ts'
import { programVersion, SHIPPED_MODELS } from '../files/program.ts'
import { makeState, stateDirectory } from '../files/state-directory.ts'
import { loadModels } from '../models/load.ts'
import { drawBenchmark } from '../report/benchmark-chart.ts'
import { describeBenchmark } from '../report/benchmark-table.ts'
import { runProgress } from '../training/progress.ts'
import { compareCommand } from './bench-compare.ts'

interface BenchOptions {
  quick?: boolean
  only?: string[]
  json?: boolean
  svg?: string
  save?: boolean
  device?: string
  state?: string
  models: string
}

const INTERRUPTED = 130 // as a shell reports SIGINT

export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measure every kernel and every model in plain JavaScript, in the bit-exact TypeScript twin, in WebAssembly and in WebAssembly with SIMD; batches and training on the fastest; beside the most this machine can multiply and add.',
    )
    .option('--quick', 'a sixth of the time for each: under two minutes on an old phone')
    .option(
      '--only <names>',
      'comma-separated: peak, kernels, models, batches, training, or names of kernels and models',
      (names) => names.split(','),
    )
    .option('--json', 'print the report as JSON')
    .option(
      '--svg <file>',
      'draw it, how many times as fast as plain JavaScript; - for standard output in place of the tables',
    )
    .option('--save', "keep the report in the state directory, where the server shows it as this machine's own")
    .option('--device <name>', 'what this device is called in the report (default: INKLING_DEVICE, else its processor)')
    .option('--state <folder>', "state directory (default: INKLING_STATE, else in the user's data directory)")
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .addCommand(compareCommand())
    .action(run)
}

async function run(options: BenchOptions): Promise<void> {
  const { quick = false, only, json, svg, save, state, device, models: folder } = options
  const models = loadModels(folder, (problem) => console.error(`inkling: ${problem}`))
  const known = selectableNames(models.map(({ card }) => card.id))
  const unknown = only?.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw Object.assign(new Error(`--only: there is no ${unknown}; there are: ${known.join(', ')}`), { exitCode: 2 })
  }
  // it is better to find out before the measurement that a file cannot be written
  const saveTo = save ? makeState(stateDirectory(state)) : undefined
  if (svg && svg !== '-' && !existsSync(dirname(svg))) throw new Error(`there is no folder ${dirname(svg)}`)

  const { backends, selfTest } = await measurableBackends(nodeKernels(), backendChoice())
  const report = await measured(
    benchmark({
      backends,
      models,
      environment: nodeEnvironment(programVersion(), selfTest, device),
      ...NODE_METER,
      quick,
      ...(only && { only }),
    }),
  )
  if (!report) {
    process.exitCode = INTERRUPTED
    return
  }
  if (saveTo) writeReport(saveTo, report)
  if (svg && svg !== '-') writeFileSync(svg, drawBenchmark(report))
  if (svg === '-') process.stdout.write(drawBenchmark(report))
  else console.log(json ? JSON.stringify(report) : describeBenchmark(report))
}

// Runs to the end; undefined when SIGINT comes first.
async function measured(steps: Generator<BenchmarkProgress, BenchmarkReport>): Promise<BenchmarkReport | undefined> {
  const progress = runProgress()
  let interrupted = false
  const interrupt = () => {
    interrupted = true
  }
  process.once('SIGINT', interrupt)
  try {
    while (!interrupted) {
      const { done, value } = steps.next()
      if (done) return value
      progress.update('bench', value.done, value.works, value.work)
      await nextTurn() // so that signals are handled
    }
    return undefined
  } finally {
    process.off('SIGINT', interrupt)
    progress.stop()
  }
}
