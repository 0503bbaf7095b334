/** Benchmark of the kernels on shapes that occur in models: the rows of the case table that are marked for it. */

import type { Backend, BackendFactory } from '../backend/backend.ts'
import { CASE_MEMORY, placeCase } from '../kernels/case.ts'
import { allCases } from '../kernels/cases.ts'
import type { BenchmarkKernel } from '../protocol.ts'
import { isMultiplying, workOf } from './multiplications.ts'
import { type BenchmarkTask, timeBackends } from './task.ts'

/** One task for each case; all share one memory per backend. */
export function kernelTasks(factories: readonly BackendFactory[]): BenchmarkTask<BenchmarkKernel>[] {
  let backends: readonly Backend[] | undefined
  return allCases()
    .filter(({ benchmark }) => benchmark)
    .map((tested) => ({
      name: tested.kernel,
      title: tested.title,
      *measure(watch) {
        backends ??= factories.map((factory) => factory.create(CASE_MEMORY))
        let work = 0
        const place = (backend: Backend) => {
          const mark = backend.arena.mark()
          const placed = placeCase(backend, tested)
          work ||= workOf(tested, backend.arena, placed.arguments)
          backend.arena.release(mark) // for the next case
          return placed.call
        }
        const times = yield* timeBackends(backends, place, watch)
        const unit = isMultiplying(tested) ? 'multiply-adds' : 'elements'
        return { kernel: tested.kernel, title: tested.title, work, unit, times }
      },
    }))
}
