/** The tasks that a benchmark consists of, and how they are timed. */

import type { BackendName } from '../backend/backend.ts'
import type { BenchmarkTime, BenchmarkTimes } from '../protocol.ts'

/** Times a call; yields when a slice is over. */
export type Stopwatch = (call: () => void) => Generator<void, BenchmarkTime>

/** One row of a report, not yet measured. */
export interface BenchmarkTask<Row> {
  readonly name: string // of the kernel or model, for selection
  readonly title: string
  measure(watch: Stopwatch): Generator<void, Row>
}

/** Times the same call on every backend, the most portable first. */
export function* timeBackends<Kind extends { readonly name: BackendName }>(
  backends: readonly Kind[],
  place: (backend: Kind) => () => void,
  watch: Stopwatch,
): Generator<void, BenchmarkTimes> {
  const times: Partial<Record<BackendName, BenchmarkTime>> = {}
  for (const backend of backends.toReversed()) {
    yield // placing takes time too
    times[backend.name] = yield* watch(place(backend))
  }
  return times
}
