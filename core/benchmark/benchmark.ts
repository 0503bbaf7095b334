/**
 * The benchmark: every kernel and every model on every backend, batches and training on the fastest, beside the most that this
 * machine can do. A generator, so that whoever runs it decides when it goes on: a terminal at once, a page after a frame.
 *
 *     const run = benchmark({ backends, models, environment, clock: () => performance.now(), quick: true })
 *     for (;;) {
 *       const { done, value } = run.next()
 *       if (done) return value // a BenchmarkReport
 *       show(value) // BenchmarkProgress
 *       await nextFrame() // who wants to stop calls next no more
 *     }
 *
 * `backends` come from `measurableBackends` (backends.ts), the names of `only` from `selectableNames` (selection.ts).
 */

import type { BackendFactory, BackendName } from '../backend/backend.ts'
import type { ModelFiles } from '../models/source.ts'
import type {
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
import type { BenchmarkTask, Stopwatch } from './task.ts'
import { trainingTasks } from './training.ts'

export interface BenchmarkOptions {
  /** To measure, the fastest first, as `measurableBackends` makes them. */
  readonly backends: readonly BackendFactory[]
  readonly models: readonly ModelFiles[]
  readonly environment: BenchmarkEnvironment
  readonly clock: Clock
  /** A sixth of the time for each work, and no batch or minibatch that takes an old phone long. */
  readonly quick: boolean
  /** What to measure, as `selectableNames` names it; everything unless given. */
  readonly only?: readonly string[]
  /** ms between two chances to do something else; a single slow call may take longer. */
  readonly slice?: number
  /** Bytes that the process takes now, where that can be told. */
  readonly memory?: () => number
  /** ms of a core that this thread has had so far, where that can be told. */
  readonly processor?: () => number
}

/** How long a work is warmed up and measured, ms; what a batch may take, ms; images of a minibatch. */
const FULL = { warmUp: 150, budget: 350, longest: 5000, images: 100 }
const QUICK = { warmUp: 30, budget: 60, longest: 500, images: 20 }

/** ms between two checks of the machine's speed, and what one takes. */
const BETWEEN = 4000
const CHECK = { warmUp: 5, budget: 25 }

/**
 * Measures; yields at least once for each work, and returns the report.
 * @throws RangeError when the machine has no memory for a work
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
  let [most, done, checked] = [before, 0, 0]

  const chosen = <Row>(group: Group, list: BenchmarkTask<Row>[]) =>
    list.filter(({ name }) => isSelected(only, group, name))
  const plan = {
    peak: peakTasks(backends), // first, and always: the others are compared with it
    kernels: chosen('kernels', selectsKernels(only) ? kernelTasks(backends) : []),
    models: chosen('models', modelTasks(backends, models)),
    batches: chosen('batches', batchTasks(backends, models, longest)),
    training: chosen('training', trainingTasks(backends, images)),
  }
  const works = Object.values(plan).reduce((sum, list) => sum + list.length, 0)

  function* check(): Generator<void, void> {
    const { fastest } = yield* measure(reference, clock, { ...CHECK, sample, slice })
    checked = clock()
    checks.push({ seconds: (checked - started) / 1000, gflops: gflops(PEAK_WORK, fastest) })
  }

  function* all<Row>(list: readonly BenchmarkTask<Row>[]): Generator<BenchmarkProgress, Row[]> {
    const rows: Row[] = []
    for (const work of list) {
      const progress = () => ({ done, works, work: work.title })
      yield progress()
      rows.push(yield* telling(work.measure(watch), progress))
      done++
      most = Math.max(most, memory?.() ?? 0)
      if (clock() - checked >= BETWEEN) yield* telling(check(), progress)
    }
    return rows
  }

  const peak = Object.fromEntries(yield* all(plan.peak)) as Partial<Record<BackendName, number>>
  yield* telling(check(), () => ({ done, works, work: 'peak' }))
  const kernels = yield* all(plan.kernels)
  const rows = {
    models: yield* all(plan.models),
    batches: yield* all(plan.batches),
    training: yield* all(plan.training),
  }
  // twice, for a single slow one does not count
  for (let i = 0; i < 2; i++) yield* telling(check(), () => ({ done, works, work: 'drift' }))
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
    ...(most > 0 && { memory: { before, most } }), // an emulated machine tells 0
    ...(processor && { processor: Math.min(1, (processor() - hadBefore) / took) }),
  }
}

// What the steps yield says nothing: a pause is due. Outside it is known what is going on.
function* telling<Row>(
  steps: Generator<void, Row>,
  progress: () => BenchmarkProgress,
): Generator<BenchmarkProgress, Row> {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    yield progress()
  }
}

function peakTasks(backends: readonly BackendFactory[]): BenchmarkTask<[BackendName, number]>[] {
  return backends.map((factory) => ({
    name: 'peak',
    title: `peak, ${factory.name}`,
    *measure(watch) {
      const { fastest } = yield* watch(placePeak(factory.create(PEAK_MEMORY)))
      return [factory.name, gflops(PEAK_WORK, fastest)]
    },
  }))
}

function withSpeed(row: BenchmarkKernel, fastest: BackendName, peak: number): BenchmarkKernel {
  const time = row.times[fastest]
  if (row.unit !== 'multiply-adds' || !time) return row
  const speed = gflops(row.work, time.median)
  return { ...row, gflops: speed, share: speed / peak }
}
