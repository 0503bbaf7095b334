/** The web application: routes and rules. It knows no platform: everything that touches one is a parameter. */

import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { InputError } from '../../core/errors.ts'
import { createPendingPredictions } from '../corrections/pending.ts'
import { answer, answerNothing } from './answer.ts'
import type { Admission, Client, Deps } from './dependencies.ts'
import { createAdmission } from './limits/admission.ts'
import { createPathReader, withSlash } from './path.ts'
import { BusyError, fail, refuse } from './problem.ts'
import { RouteMemory } from './router.ts'
import { benchmarkRoutes } from './routes/benchmark.ts'
import { correctionRoutes } from './routes/corrections.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { legacyRoutes } from './routes/legacy.ts'
import { modelRoutes } from './routes/models.ts'
import { pageRoutes } from './routes/page.ts'
import { predictRoutes } from './routes/predict.ts'
import { readRoutes } from './routes/read.ts'
import { systemRoutes } from './routes/system.ts'
import { trainingRoutes } from './routes/training.ts'
import { trainingEventRoutes } from './routes/training-events.ts'
import { versionRoutes } from './routes/versions.ts'
import { isPreflight, isShared, preflightFields, sharedFields } from './visitors/cross-origin.ts'
import { ForeignHostError } from './visitors/foreign-host.ts'
import { foreignHostPage, isNavigation } from './visitors/foreign-host-page.ts'
import { refuseCrossSite } from './visitors/origin.ts'

/**
 * The application; call its `fetch(request, client)`.
 * @param gate takes or refuses work; the listener's, so that both know of the same refusals
 */
export function createApp(
  deps: Deps,
  gate = createAdmission({ ...deps, workers: deps.pool?.workers ?? 0 }),
): Hono<{ Bindings: Client }> {
  const { basePath, origins } = deps
  const app = new Hono<{ Bindings: Client }>({ getPath: createPathReader(basePath), router: new RouteMemory() })
  let predictions = 0
  const { now, hosts } = deps
  const rules = { admits: hosts.admits, report: hosts.report, allows: (origin: string) => origins.has(origin) }
  const { admit, room, enqueue, slowly, inPieces, read } = gate
  const admission: Admission = {
    admit,
    room,
    enqueue,
    slowly,
    inPieces,
    read,
    answered: () => predictions++,
  }

  app.onError(async (error, c) => {
    const hold = error instanceof BusyError ? gate.refused(c.env.address, error) : 0
    if (hold > 0) await new Promise((resolve) => setTimeout(resolve, hold))
    if (error instanceof ForeignHostError && isNavigation(c.req.raw)) return foreignHostPage(error)
    return error instanceof InputError ? refuse(error) : fail(c, error, deps.warn)
  })
  app.notFound(() => refuse(new InputError(404, 'not_found', 'there is nothing at this path')))

  if (origins.size > 0) {
    app.use(async (c, next) => {
      await next()
      if (!isShared(c.req.path)) return
      const origin = c.req.header('origin') ?? ''
      const fields = origins.has(origin) ? sharedFields(origin) : { Vary: 'Origin' }
      for (const [name, value] of Object.entries(fields)) c.res.headers.set(name, value)
    })
  }

  app.use(async (c, next) => {
    if (deps.stopping() && c.req.path !== '/livez') {
      throw new BusyError(503, 'shutting_down', 'the server is shutting down')
    }
    const host = c.req.header('host')
    hosts.check(host)
    // a whole URL in the request line overrides Host
    const named = authority(c.req.url)
    if (named !== host) hosts.check(named)
    if (c.env.host !== host) hosts.check(c.env.host) // a trusted proxy names another one
    refuseTransformed(c.req.raw.headers)
    const { raw, path } = c.req
    refuseCrossSite(raw, path, c.env, rules)
    if (isShared(path) && isPreflight(raw.method, raw.headers) && origins.has(raw.headers.get('origin') ?? '')) {
      return answerNothing(preflightFields(raw.headers))
    }
    return next()
  })

  const pending = createPendingPredictions(now)
  app.route('/', predictRoutes(deps, admission, pending)) // before the next middleware, which takes time

  app.route('/', readRoutes(deps, admission, pending))

  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_, methods) => {
        const allow = methods.join(', ')
        return refuse(new InputError(405, 'method_not_allowed', `this path takes ${allow}`), { Allow: allow })
      },
    }),
  )

  app.route('/', correctionRoutes(deps, admission, pending))
  app.route('/', decisionRoutes(deps, admission))
  app.route('/', modelRoutes(deps, admission))
  app.route('/', versionRoutes(deps, admission))
  app.route('/', trainingRoutes(deps, admission))
  app.route('/', trainingEventRoutes(deps))
  app.route('/', benchmarkRoutes(deps, admission))
  app.route('/', legacyRoutes(deps, admission))
  app.route(
    '/',
    systemRoutes(deps, () => predictions),
  )
  app.route('/', pageRoutes(deps))
  if (basePath) {
    app.get(basePath.slice(0, -1), (c) => answer(null, { Location: withSlash(basePath, c.req.url) }, 308))
  }
  return app
}

function authority(url: string): string {
  return url.slice(url.indexOf('//') + 2).split('/', 1)[0]
}

// A body is taken only as it is: one that has to be unpacked could be of any size.
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
