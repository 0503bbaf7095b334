/** What the routes are given: the parts of the server behind interfaces, so that the application knows no platform. */

import type { Inflate } from '../../core/png.ts'
import type { SystemResponse } from '../../core/protocol.ts'
import type { Recognizer } from '../../core/recognizer.ts'
import type { OwnBenchmark } from '../benchmark/own-benchmark.ts'
import type { Corrections } from '../corrections/store.ts'
import type { Learning } from '../learning/learning.ts'
import type { ModelStore } from '../models/model-store.ts'
import type { Enqueue } from './limits/lane.ts'
import type { OwnerCheck } from './owner.ts'
import type { PageFile } from './page-files.ts'

/** Both ends of the connection a request came on. */
export interface Client {
  readonly address: string // IP address of the client
  readonly localAddress: string // IP address of this machine that it reached
}

/** How work is taken on: who asks too often or too much at once is refused. */
export interface Admission {
  /** Admits a request that is as much work as `cost` predictions, 1 unless given. Throws BusyError 429 or 503. */
  readonly admit: (address: string, cost?: number) => void
  /** Looks for room in the queue, before a body is read. Rejects with BusyError 503, after a while, where there is none. */
  readonly room: () => Promise<void>
  /** Does a synchronous piece of work when it is its turn. Rejects with BusyError 503 when too many wait. */
  readonly enqueue: Enqueue
  /** Runs a request of many pieces, each of which it does by the turn it is given. Rejects with BusyError 503 likewise. */
  readonly slowly: <Result>(request: (turn: Enqueue) => Promise<Result>) => Promise<Result>
  /** Counts a drawing that was answered. */
  readonly answered: () => void
}

export interface Deps {
  readonly recognizer: Recognizer
  readonly models: ModelStore
  readonly corrections: Corrections
  readonly owner: OwnerCheck
  readonly learning: Learning
  readonly benchmark: OwnBenchmark
  readonly page: readonly PageFile[]
  readonly inflate: Inflate
  /** Predictions per minute that one network may ask for; Infinity lifts this and every other quota. */
  readonly ratePerMinute: number
  /** @throws InputError unless Host names this server */
  readonly checkHost: (host: string | undefined, localAddress: string) => void
  /** True once the server is on its way down. */
  readonly stopping: () => boolean
  readonly system: () => Pick<SystemResponse, 'version' | 'node' | 'arch' | 'platform' | 'memory' | 'uptime'>
  /** Monotonic clock, ms. */
  readonly now: () => number
  /** Calls back once pending input and output has been dealt with. */
  readonly defer: (task: () => void) => void
  /** Takes one line for the log. */
  readonly warn: (message: string) => void
}
