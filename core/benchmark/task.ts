/** What a benchmark consists of, and what each piece is handed to measure itself. */

import type { BackendName } from '../backend/backend.ts'
import type { BenchmarkTime, BenchmarkTimes } from '../protocol.ts'

/** Times a call; yields where a pause is due. */
export type Stopwatch = (call: () => void) => Generator<void, BenchmarkTime>

/** One row of a report, not yet measured. */
export interface BenchmarkTask<Row> {
  readonly name: string // of the kernel or model, by which it can be chosen
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
    yield // placing takes time of its own
    times[backend.name] = yield* watch(place(backend))
  }
  return times
}
