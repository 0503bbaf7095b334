/** Benchmark reports as the page shows them: for each model and kernel, the median time of one call on every machine. */

import { BENCHMARK_COLUMNS } from '../../core/benchmark/columns.ts'
import { type ComparedWork, kernelsSideBySide, modelsSideBySide } from '../../core/benchmark/side-by-side.ts'
import type { BenchmarkColumn, BenchmarkReport } from '../../core/protocol.ts'

/** The times of one column for one model or kernel, µs per call, of each machine; undefined where it has not measured it. */
export interface ComparedTimes {
  readonly column: BenchmarkColumn
  readonly times: readonly (number | undefined)[]
}

/** One model or kernel in all columns that any machine measured, plain JavaScript first, the fastest last. */
export interface Comparison {
  readonly id: string
  readonly title: string
  readonly lanes: readonly ComparedTimes[]
}

/** Of this browser, of the phone, and of machines whose files were loaded. */
type Reports = readonly (BenchmarkReport | undefined)[]

/** The models, the slowest first. */
export function compareModels(reports: Reports): Comparison[] {
  return modelsSideBySide(reports)
    .map(compared)
    .sort((a, b) => slowest(b) - slowest(a))
}

/** The kernels, in the order of the case table. */
export function compareKernels(reports: Reports): Comparison[] {
  return kernelsSideBySide(reports).map(compared)
}

function compared({ id, title, times }: ComparedWork): Comparison {
  const lanes = BENCHMARK_COLUMNS.map((column) => ({ column, times: times.map((one) => one?.[column]?.median) }))
  return { id, title, lanes: lanes.filter((lane) => lane.times.some((time) => time !== undefined)) }
}

function slowest({ lanes }: Comparison): number {
  return Math.max(0, ...lanes.map(({ times }) => times.find((time) => time !== undefined) ?? 0))
}
