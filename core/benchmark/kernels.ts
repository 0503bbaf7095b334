/** Benchmark of the kernels on shapes that occur in models: the rows of the case table that are marked for it. */

import { CASE_MEMORY, placeCase } from '../kernels/case.ts'
import { allCases } from '../kernels/cases.ts'
import type { BenchmarkKernel } from '../protocol.ts'
import { isMultiplying, workOf } from './multiplications.ts'
import { type BenchmarkBackend, type BenchmarkFactory, type BenchmarkTask, timeColumns } from './task.ts'

/** One task for each case; all share one memory per column. */
export function kernelTasks(factories: readonly BenchmarkFactory[]): BenchmarkTask<BenchmarkKernel>[] {
  let columns: readonly BenchmarkBackend[] | undefined
  return allCases()
    .filter(({ benchmark }) => benchmark)
    .map((tested) => ({
      name: tested.kernel,
      title: tested.title,
      *measure(watch) {
        columns ??= factories.map(({ name, create }) => ({ name, backend: create(CASE_MEMORY) }))
        let work = 0
        const place = ({ backend }: BenchmarkBackend) => {
          const mark = backend.arena.mark()
          const placed = placeCase(backend, tested)
          work ||= workOf(tested, backend.arena, placed.arguments)
          backend.arena.release(mark) // for the next case
          return placed.call
        }
        const times = yield* timeColumns(columns, place, watch)
        const unit = isMultiplying(tested) ? 'multiply-adds' : 'elements'
        return { kernel: tested.kernel, title: tested.title, work, unit, times }
      },
    }))
}
