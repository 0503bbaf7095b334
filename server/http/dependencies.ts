/** The parameters of the application: the parts of the server behind interfaces, so that it knows no platform. */

import type { Inflate } from '../../core/png/inflate.ts'
import type { SystemResponse } from '../../core/protocol.ts'
import type { Recognizer } from '../../core/recognizer.ts'
import type { OwnBenchmark } from '../benchmark/own-benchmark.ts'
import type { Corrections } from '../corrections/store.ts'
import type { Learning } from '../learning/learning.ts'
import type { ModelStore } from '../models/model-store.ts'
import type { Pool } from '../pool/contract.ts'
import type { ReadBody } from './limits/body.ts'
import type { Lane } from './limits/lane.ts'
import type { InPieces } from './limits/pieces.ts'
import type { Queue } from './limits/queue.ts'
import type { OwnerCheck } from './owner.ts'
import type { PageFile } from './page-files.ts'
import type { HostCheck } from './visitors/hosts.ts'

/** Who sent a request, and to which host: what the connection says, or a trusted proxy, see `proxies.ts`. */
export interface Client {
  readonly address: string // IP address of the visitor
  readonly localAddress: string // IP address of this machine that the connection came to
  readonly host: string | undefined // name or address that the visitor used, with the port where it was given
  readonly secure: boolean // a trusted proxy says that the visitor's side is https
  readonly forwarded: boolean // the request shows signs of a proxy, trusted or not
}

/** Decides which work is accepted: too many requests of one client, or too many at once, are refused. */
export interface Admission {
  /** Charges a request to its client's quota, as `cost` predictions, 1 unless given. Throws BusyError 429 or 503. */
  readonly admit: (address: string, cost?: number) => void
  /** Checks the queue before a body is read. Throws BusyError 503 where there is no room for this client. */
  readonly room: (address: string) => void
  /** Does a synchronous piece of work of a client when it is its turn. Rejects with BusyError 503 where too many wait. */
  readonly enqueue: Queue
  /** Runs a request of many pieces, each of which it does through `turn`. Rejects with BusyError 503 likewise. */
  readonly slowly: Lane
  /** Does the work of a request that may be many pieces, such as one with a large picture. */
  readonly inPieces: InPieces
  /** Reads a body that may be large. */
  readonly read: ReadBody
  /** Counts an answered prediction. */
  readonly answered: () => void
}

export interface Deps {
  readonly recognizer: Recognizer
  /** Threads that read drawings and ask models; without it this one does. */
  readonly pool?: Pool | undefined
  readonly models: ModelStore
  readonly corrections: Corrections
  readonly owner: OwnerCheck
  readonly learning: Learning
  readonly benchmark: OwnBenchmark
  readonly page: readonly PageFile[]
  /** Path below which a proxy serves this server, such as /digits/; '' for none. */
  readonly basePath: string
  readonly inflate: Inflate
  /** Other origins whose pages may use the API. */
  readonly origins: ReadonlySet<string>
  /** Predictions per minute that one network may ask for; Infinity: no quotas at all. */
  readonly ratePerMinute: number
  readonly hosts: HostCheck
  /** True while the server shuts down. */
  readonly stopping: () => boolean
  readonly system: () => Pick<SystemResponse, 'version' | 'node' | 'arch' | 'platform' | 'memory' | 'uptime'>
  /** URLs by which other devices reach this server, the most likely first. */
  readonly addresses: () => Promise<readonly string[]>
  /** Monotonic clock, ms. */
  readonly now: () => number
  /** Calls back after pending input and output has been handled. */
  readonly defer: (task: () => void) => void
  /** Writes one line to the log. */
  readonly warn: (message: string) => void
}
