/**
 * The benchmark: every kernel and every model on every backend and in plain JavaScript, training on the fastest backend and in plain
 * JavaScript, batches on the fastest, compared with the peak of the machine. It is a generator, so that its caller decides when it continues: a terminal at once, a page after a frame.
 *
 *     const run = benchmark({ backends, models, environment, clock: () => performance.now(), quick: true })
 *     for (;;) {
 *       const { done, value } = run.next()
 *       if (done) return value // a BenchmarkReport
 *       show(value) // BenchmarkProgress
 *       await nextFrame() // to stop, do not call next again
 *     }
 *
 * `backends` come from `measurableBackends` (backends.ts), the names of `only` from `selectableNames` (selection.ts).
 */

import type { ModelFiles } from '../models/source.ts'
import type {
  BenchmarkColumn,
  BenchmarkDrift,
  BenchmarkEnvironment,
  BenchmarkKernel,
  BenchmarkProgress,
  BenchmarkReport,
} from '../protocol.ts'
import { batchTasks } from './batches.ts'
import { measureDrift } from './drift.ts'
import { kernelTasks } from './kernels.ts'
import { type Clock, gflops, measure, sampleLength } from './measure.ts'
import { modelTasks } from './models.ts'
import { PEAK_MEMORY, PEAK_WORK, placePeak } from './peak.ts'
import { type Group, isSelected, selectsKernels } from './selection.ts'
import type { BenchmarkFactory, BenchmarkTask, Stopwatch } from './task.ts'
import { trainingTasks } from './training.ts'

export interface BenchmarkOptions {
  /** The backends to measure, the fastest first, as `measurableBackends` returns them. */
  readonly backends: readonly BenchmarkFactory[]
  readonly models: readonly ModelFiles[]
  readonly environment: BenchmarkEnvironment
  readonly clock: Clock
  /** A sixth of the time for each task, and no batch or minibatch that takes long on an old phone. */
  readonly quick: boolean
  /** Names from `selectableNames` to measure; everything unless given. */
  readonly only?: readonly string[]
  /** ms after which the generator yields; a single slow call may take longer. */
  readonly slice?: number
  /** Bytes of memory that the process uses now, where that is known. */
  readonly memory?: () => number
  /** Processor time of this thread so far, ms, where that is known. */
  readonly processor?: () => number
}

/** Warm-up and measurement of a task, ms; longest batch, ms; images of a minibatch. */
const FULL = { warmUp: 150, budget: 350, longest: 5000, images: 100 }
const QUICK = { warmUp: 30, budget: 60, longest: 500, images: 20 }

/** ms between two checks of the machine's speed, and warm-up and measurement of a check, ms. */
const CHECK_INTERVAL = 4000
const CHECK = { warmUp: 5, budget: 25 }

/**
 * Yields its progress at least once for each task, and returns the report.
 * @throws RangeError when the machine has not enough memory for a task
 */
export function* benchmark(options: BenchmarkOptions): Generator<BenchmarkProgress, BenchmarkReport> {
  const { backends, models, environment, clock, quick, only, slice = 40, memory, processor } = options
  const { warmUp, budget, longest, images } = quick ? QUICK : FULL
  const at = new Date().toISOString()
  const started = clock()
  const hadBefore = processor?.() ?? 0
  const sample = Math.min(sampleLength(clock), slice)
  const watch: Stopwatch = (call) => measure(call, clock, { warmUp, budget, sample, slice, processor })
  const checks: BenchmarkDrift['checks'][number][] = []
  const reference = placePeak(backends[0].create(PEAK_MEMORY))
  const before = memory?.() ?? 0
  let [most, done, lastCheck] = [before, 0, 0]

  const selected = <Row>(group: Group, list: BenchmarkTask<Row>[]) =>
    list.filter(({ name }) => isSelected(only, group, name))
  const plan = {
    peak: peakTasks(backends), // always, and first: kernels are compared with it
    kernels: selected('kernels', selectsKernels(only) ? kernelTasks(backends) : []),
    models: selected('models', modelTasks(backends, models)),
    batches: selected('batches', batchTasks(backends, models, longest)),
    training: selected('training', trainingTasks(backends, images)),
  }
  const works = Object.values(plan).reduce((sum, list) => sum + list.length, 0)

  function* check(): Generator<void, void> {
    const { fastest } = yield* measure(reference, clock, { ...CHECK, sample, slice })
    lastCheck = clock()
    checks.push({ seconds: (lastCheck - started) / 1000, gflops: gflops(PEAK_WORK, fastest) })
  }

  function* run<Row>(list: readonly BenchmarkTask<Row>[]): Generator<BenchmarkProgress, Row[]> {
    const rows: Row[] = []
    for (const task of list) {
      const progress = () => ({ done, works, work: task.title })
      yield progress()
      rows.push(yield* withProgress(task.measure(watch), progress))
      done++
      most = Math.max(most, memory?.() ?? 0)
      if (clock() - lastCheck >= CHECK_INTERVAL) yield* withProgress(check(), progress)
    }
    return rows
  }

  const peak = Object.fromEntries(yield* run(plan.peak)) as Partial<Record<BenchmarkColumn, number>>
  yield* withProgress(check(), () => ({ done, works, work: 'peak' }))
  const kernels = yield* run(plan.kernels)
  const rows = {
    models: yield* run(plan.models),
    batches: yield* run(plan.batches),
    training: yield* run(plan.training),
  }
  // twice, because a single slow check does not count as drift
  for (let i = 0; i < 2; i++) yield* withProgress(check(), () => ({ done, works, work: 'drift' }))
  const took = clock() - started
  return {
    format: 1,
    at,
    seconds: took / 1000,
    quick,
    environment,
    backends: backends.map(({ name }) => name),
    peak,
    kernels: kernels.map((row) => withSpeed(row, backends[0].name, Math.max(...Object.values(peak)))),
    models: rows.models,
    batches: rows.batches.filter((row) => row !== undefined),
    training: rows.training,
    drift: measureDrift(checks),
    ...(most > 0 && { memory: { before, most } }), // 0 on an emulated machine
    ...(processor && { processor: Math.min(1, (processor() - hadBefore) / took) }),
  }
}

// Runs the steps of a task, and yields the progress wherever they yield nothing but a pause.
function* withProgress<Row>(
  steps: Generator<void, Row>,
  progress: () => BenchmarkProgress,
): Generator<BenchmarkProgress, Row> {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    yield progress()
  }
}

function peakTasks(backends: readonly BenchmarkFactory[]): BenchmarkTask<[BenchmarkColumn, number]>[] {
  return backends.map((factory) => ({
    name: 'peak',
    title: `peak, ${factory.name}`,
    *measure(watch) {
      const { fastest } = yield* watch(placePeak(factory.create(PEAK_MEMORY)))
      return [factory.name, gflops(PEAK_WORK, fastest)]
    },
  }))
}

function withSpeed(row: BenchmarkKernel, fastest: BenchmarkColumn, peak: number): BenchmarkKernel {
  const time = row.times[fastest]
  if (row.unit !== 'multiply-adds' || !time) return row
  const speed = gflops(row.work, time.median)
  return { ...row, gflops: speed, share: speed / peak }
}
