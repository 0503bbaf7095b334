/** The web application: routes and rules. It knows no platform; everything that touches one is handed in. */

import { type Context, Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { InputError } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { Inflate } from '../../core/png.ts'
import type { SystemResponse } from '../../core/protocol.ts'
import type { Recognizer } from '../../core/recognizer.ts'
import type { OwnBenchmark } from '../benchmark/own-benchmark.ts'
import { createAsked } from '../corrections/pending.ts'
import type { Corrections } from '../corrections/store.ts'
import type { Learning } from '../learning/learning.ts'
import { API_HEADERS } from './headers.ts'
import { createLane, type Enqueue, LANE } from './limits/lane.ts'
import { refuseCrossSite } from './limits/origin.ts'
import { createQueue, QUEUE } from './limits/queue.ts'
import { createRateLimit } from './limits/rate.ts'
import type { OwnerCheck } from './owner.ts'
import { BusyError, fail, refuse } from './problem.ts'
import { benchmarkRoutes } from './routes/benchmark.ts'
import { correctionRoutes } from './routes/corrections.ts'
import { legacyRoutes } from './routes/legacy.ts'
import { modelRoutes } from './routes/models.ts'
import { type PageFile, pageRoutes } from './routes/page.ts'
import { predictRoutes } from './routes/predict.ts'
import { systemRoutes } from './routes/system.ts'
import { trainingRoutes } from './routes/training.ts'
import { trainingEventRoutes } from './routes/training-events.ts'
import { versionRoutes } from './routes/versions.ts'

/** Both ends of the connection a request came on. */
export interface Client {
  readonly address: string // IP address of the client
  readonly localAddress: string // IP address of this machine that it reached
}

/** The models behind the recogniser, wherever they are kept. */
export interface ModelStore {
  /** Looks for models that have come, changed or gone, at most once a second. */
  refresh(): void
  /** Reads those that nobody has asked yet, so that the broken ones are known; `breathe` is awaited after each. */
  verify(breathe: () => Promise<void>): Promise<void>
  /** The bytes of a model's tensors, those served unless a version is named. Throws Error when they cannot be had. */
  load(id: string, version?: number): ModelFiles
  /** A model's weights file likewise; downloads at the same time share it. Throws Error when it cannot be had. */
  file(id: string, version?: number): Uint8Array
  /** Card of a version that is kept, by its number, the SHA-256 of its weights, or both; where models have versions. */
  find?(id: string, wanted: { readonly version?: number; readonly sha256?: string }): Card | undefined
}

/** How work is taken on: who asks too often or too much at once is refused. */
export interface Work {
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

const API_HEADER_LIST = Object.entries(API_HEADERS)

/** The application; call its `fetch(request, client)`. */
export function createApp(deps: Deps): Hono<{ Bindings: Client }> {
  const app = new Hono<{ Bindings: Client }>()
  let predictions = 0
  const { ratePerMinute, now, defer } = deps
  const quotas = ratePerMinute !== Infinity
  const enqueue = createQueue(quotas ? QUEUE : Infinity, now, defer)
  const work: Work = {
    admit: createRateLimit(ratePerMinute, now),
    room: enqueue.room,
    enqueue,
    slowly: createLane(enqueue, quotas ? LANE : Infinity),
    answered: () => predictions++,
  }

  app.onError((error, c) => {
    secure(c)
    return error instanceof InputError ? refuse(c, error) : fail(c, error, deps.warn)
  })
  app.notFound((c) => refuse(c, new InputError(404, 'not_found', 'there is nothing at this path')))

  app.use(async (c, next) => {
    if (deps.stopping() && c.req.path !== '/livez') {
      throw new BusyError(503, 'shutting_down', 'the server is shutting down')
    }
    const host = c.req.header('host')
    deps.checkHost(host, c.env.localAddress)
    // a request line with a whole URL overrides Host
    const named = authority(c.req.url)
    if (named !== host) deps.checkHost(named, c.env.localAddress)
    refuseTransformed(c.req.raw.headers)
    refuseCrossSite(c.req.raw, c.req.path)
    await next()
  })

  const asked = createAsked(now)
  app.route('/', predictRoutes(deps, work, asked)) // first: what follows is for the others, and costs time

  app.use((c, next) => {
    secure(c)
    return next()
  })

  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = methods.join(', ')
        return refuse(c, new InputError(405, 'method_not_allowed', `this path takes ${allow}`), { Allow: allow })
      },
    }),
  )

  app.route('/', correctionRoutes(deps, work, asked))
  app.route('/', modelRoutes(deps, work))
  app.route('/', versionRoutes(deps, work))
  app.route('/', trainingRoutes(deps, work))
  app.route('/', trainingEventRoutes(deps))
  app.route('/', benchmarkRoutes(deps, work))
  app.route('/', legacyRoutes(deps, work))
  app.route(
    '/',
    systemRoutes(deps, () => predictions),
  )
  app.route('/', pageRoutes(deps))
  return app
}

function secure(c: Context): void {
  for (const [name, value] of API_HEADER_LIST) c.header(name, value)
}

function authority(url: string): string {
  return url.slice(url.indexOf('//') + 2).split('/', 1)[0]
}

// A body is taken as it is or not at all: what would have to be unpacked first could be any size.
function refuseTransformed(headers: Headers): void {
  const transfer = headers.get('transfer-encoding')
  if (transfer !== null && transfer.trim().toLowerCase() !== 'chunked') {
    throw new InputError(400, 'bad_transfer_encoding', 'the only Transfer-Encoding is chunked')
  }
  const content = headers.get('content-encoding')
  if (content !== null && content.trim().toLowerCase() !== 'identity') {
    throw new InputError(415, 'bad_content_encoding', 'a body must come without Content-Encoding')
  }
}
