/** The kernels on shapes that occur in the models: the rows of the case table that are marked for it. */

import type { Backend, BackendFactory } from '../backend.ts'
import { CASE_MEMORY, type Case, placeCase } from '../kernels/case.ts'
import { allCases } from '../kernels/cases.ts'
import type { Kernels } from '../kernels.ts'
import type { BenchmarkKernel } from '../protocol.ts'
import { timeBackends, type Work } from './work.ts'

/** Kernels whose work is multiplications of f32 and additions: those that the peak is a measure for. */
const MULTIPLYING: ReadonlySet<keyof Kernels> = new Set([
  'denseForward',
  'denseForwardSparse',
  'denseBackwardInput',
  'denseBackwardInputSparse',
  'denseBackwardWeight',
  'denseBackwardWeightSparse',
  'convForward',
  'convBackwardInput',
  'convBackwardWeight',
  'geometric',
] as const)

/** One work for each case; all share one memory for each backend. */
export function kernelWorks(factories: readonly BackendFactory[]): Work<BenchmarkKernel>[] {
  let backends: readonly Backend[] | undefined
  return allCases()
    .filter(({ benchmark }) => benchmark)
    .map((tested) => ({
      name: tested.kernel,
      title: tested.title,
      *measure(watch) {
        backends ??= factories.map((factory) => factory.create(CASE_MEMORY))
        let work = tested.work
        const place = (backend: Backend) => {
          const mark = backend.arena.mark()
          const placed = placeCase(backend, tested)
          work = listedWork(backend, tested, placed.arguments)
          // the next case takes its place
          backend.arena.release(mark)
          return placed.call
        }
        const times = yield* timeBackends(backends, place, watch)
        const unit = MULTIPLYING.has(tested.kernel) ? 'multiply-adds' : 'elements'
        return { kernel: tested.kernel, title: tested.title, work, unit, times }
      },
    }))
}

// A kernel that is given an index works on the inputs listed there only.
function listedWork({ arena }: Backend, { args, work }: Case, values: readonly number[]): number {
  for (const [i, arg] of args.entries()) {
    if (typeof arg === 'number' || arg.type !== 'index' || arg.output) continue
    const { N, I } = arg
    let listed = 0
    for (let n = 0; n < N; n++) listed += arena.i32(values[i] + n * (1 + I) * 4, 1)[0]
    return (work / (N * I)) * listed
  }
  return work
}
