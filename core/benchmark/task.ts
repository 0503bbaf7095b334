/** The tasks that a benchmark consists of, and how they are timed. */

import type { Backend, BackendFactory } from '../backend/backend.ts'
import type { BenchmarkColumn, BenchmarkTime, BenchmarkTimes } from '../protocol.ts'

/** Times a call; yields when a slice is over. */
export type Stopwatch = (call: () => void) => Generator<void, BenchmarkTime>

/** One row of a report, not yet measured. */
export interface BenchmarkTask<Row> {
  readonly name: string // of the kernel or model, for selection
  readonly title: string
  measure(watch: Stopwatch): Generator<void, Row>
}

/** Makes the backends of a column. */
export interface BenchmarkFactory extends Pick<BackendFactory, 'create' | 'selfTest'> {
  readonly name: BenchmarkColumn
}

/** A column's backend. */
export interface BenchmarkBackend {
  readonly name: BenchmarkColumn
  readonly backend: Backend
}

/** Times the same call in every column, the most portable first. */
export function* timeColumns<Kind extends { readonly name: BenchmarkColumn }>(
  columns: readonly Kind[],
  place: (column: Kind) => () => void,
  watch: Stopwatch,
): Generator<void, BenchmarkTimes> {
  const times: Partial<Record<BenchmarkColumn, BenchmarkTime>> = {}
  for (const column of columns.toReversed()) {
    yield // placing takes time too
    times[column.name] = yield* watch(place(column))
  }
  return times
}
