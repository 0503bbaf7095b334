/** The web application: routes and rules. It knows no platform; everything that touches one is handed in. */

import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { InputError } from '../core/errors.ts'
import type { Card } from '../core/models/card.ts'
import type { Inflate } from '../core/png.ts'
import type { SystemResponse } from '../core/protocol.ts'
import type { Recognizer } from '../core/recognizer.ts'
import { API_HEADERS } from './headers.ts'
import { refuseCrossSite } from './limits/origin.ts'
import { BusyError, fail, refuse } from './problem.ts'
import { modelRoutes } from './routes/models.ts'
import { type PageFile, pageRoutes } from './routes/page.ts'
import { predictRoutes } from './routes/predict.ts'
import { systemRoutes } from './routes/system.ts'

/** Both ends of the connection a request came on. */
export interface Client {
  readonly address: string // IP address of the client
  readonly localAddress: string // IP address of this machine that it reached
}

/** A model as it is downloaded. */
export interface ServedModel {
  readonly card: Card
  readonly bytes: Uint8Array // the weights file
}

export interface Deps {
  readonly recognizer: Recognizer
  readonly models: readonly ServedModel[]
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

/** The application; call its `fetch(request, client)`. */
export function createApp(deps: Deps): Hono<{ Bindings: Client }> {
  const app = new Hono<{ Bindings: Client }>()
  let predictions = 0

  app.onError((error, c) => (error instanceof InputError ? refuse(c, error) : fail(c, error, deps.warn)))
  app.notFound((c) => refuse(c, new InputError(404, 'not_found', 'there is nothing at this path')))

  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(API_HEADERS)) c.header(name, value)
    if (deps.stopping() && c.req.path !== '/livez') {
      throw new BusyError(503, 'shutting_down', 'the server is shutting down')
    }
    deps.checkHost(c.req.header('host'), c.env.localAddress)
    // a request line with a whole URL overrides Host
    deps.checkHost(authority(c.req.url), c.env.localAddress)
    refuseTransformed(c.req.raw.headers)
    refuseCrossSite(c.req.raw)
    await next()
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

  app.route(
    '/',
    predictRoutes(deps, () => predictions++),
  )
  app.route('/', modelRoutes(deps))
  app.route(
    '/',
    systemRoutes(deps, () => predictions),
  )
  app.route('/', pageRoutes(deps))
  return app
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
