/**
 * The HTTP server under the application: sockets, timeouts and caps, and what is refused before a request reaches the
 * application at all. Its answers have the same form as the application's.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener, RequestError } from '@hono/node-server'
import { InputError } from '../../core/errors.ts'
import { answerFields, type Fields } from './answer.ts'
import type { Client } from './dependencies.ts'
import type { Gate } from './limits/admission.ts'
import { trackConnections } from './limits/connections.ts'
import type { ConnectionRoom } from './limits/open-files.ts'
import { answerInternalError, answerProblem, BusyError, PROBLEM_FIELDS, problem } from './problem.ts'
import { sharedFields } from './visitors/cross-origin.ts'
import { parseHost } from './visitors/host-names.ts'
import { OPEN_PATHS } from './visitors/origin.ts'
import type { Proxies } from './visitors/proxies.ts'

/** Node's own limits. A timeout may last longer than it says by the interval of the check. */
const SERVER_OPTIONS = {
  maxHeaderSize: 8192, // bytes
  headersTimeout: 10_000, // ms, from the first byte
  requestTimeout: 180_000, // ms, body included: 4 MiB at 25 kB a second. One that comes too slowly is refused earlier
  keepAliveTimeout: 5000, // ms
  connectionsCheckingInterval: 2000, // ms
  requireHostHeader: false, // a request without one is refused below, with a body that says why
}
const SOCKET_TIMEOUT = 20_000 // ms without a byte either way
const MAX_HEADERS = 64 // below Node's own limit, beyond which it drops headers silently
const MAX_URL = 2048 // characters
const SURPLUS_WAIT = 1500 // ms for a connection without a place to send the request that is refused
const PROXY_TIMEOUT = 130_000 // ms for which the connection of a trusted proxy may wait for its next request; nginx keeps it for 60 s, Caddy for 120 s
const BRIEF = 65_536 // bytes
const CROWDED = new BusyError(503, 'busy', 'more connections are open than this server takes')
const LINGER = 500 // ms for the client to read an answer, before the connection is closed

export interface ListenerOptions {
  readonly fetch: (request: Request, client: Client) => Response | Promise<Response>
  readonly origins: ReadonlySet<string> // of other pages that may use the API, and read why they are refused
  readonly gate: Gate
  readonly proxies: Proxies
  readonly connections: Omit<ConnectionRoom, 'warning'> // at once, from everywhere
  readonly quotas: boolean // whether one network's share of connections and requests is limited
  readonly warn: (message: string) => void
}

/** A Node HTTP server that does not listen yet, and the function that shuts it down. */
export function createListener({ fetch, origins, gate, proxies, connections, quotas, warn }: ListenerOptions) {
  const { isTrusted } = proxies
  const tracked = trackConnections({ ...connections, quotas, isTrusted, now: () => performance.now() })
  const clients = new WeakMap<IncomingMessage, Client>() // of requests: to read what proxies say of one takes time
  const refused = new WeakMap<Socket, number>() // ms, when the next request may come
  const shared = ({ headers: { origin = '' } }: IncomingMessage) => (origins.has(origin) ? sharedFields(origin) : {})

  const answer = getRequestListener(
    (request, { incoming }) => fetch(request, clients.get(incoming as IncomingMessage) as Client),
    {
      hostname: 'localhost', // completes the URL of a request without Host, which the application refuses
      errorHandler: (error) => {
        if (error instanceof RequestError) {
          return answerProblem(400, 'bad_request', 'the request target or its Host cannot be understood')
        }
        warn(`request failed: ${String(error)}`)
        return answerInternalError()
      },
    },
  )

  const server = createServer(SERVER_OPTIONS, (incoming, outgoing) => {
    respellHost(incoming)
    const client = proxies.clientOf(incoming)
    const { address } = client
    if (!tracked.begin(incoming, outgoing, address)) return
    const { socket } = incoming
    const proxy = isTrusted(socket.remoteAddress ?? '')
    if (proxy) keepForProxy(outgoing, socket)
    const wrong = envelopeError(incoming)
    if (wrong) return sendProblem(outgoing, wrong.status, wrong.code, wrong.message, shared(incoming))
    const busy = tracked.crowded(socket)
      ? CROWDED
      : isBrief(incoming) && gate.refuseEarly(address, performance.now() < (refused.get(socket) ?? 0))
    if (busy) {
      incoming.resume() // its body would be kept in memory until the answer leaves
      const hold = gate.refused(address, busy)
      if (hold > 0) setTimeout(sendBusy, hold, outgoing, busy, shared(incoming))
      else sendBusy(outgoing, busy, shared(incoming))
      if (!proxy) refused.set(socket, performance.now() + 1000 * busy.retryAfter)
    } else {
      clients.set(incoming, client)
      answer(incoming, outgoing)
    }
  })
  whileConnected(server, () => {
    for (const socket of tracked.late(gate.bodiesWait())) refuseInput(socket, 'ERR_HTTP_REQUEST_TIMEOUT')
  })
  server.timeout = SOCKET_TIMEOUT
  if (connections.most < Infinity) server.maxConnections = connections.most

  server.on('connection', (socket) => {
    tracked.open(socket)
    if (!tracked.crowded(socket)) return
    setTimeout(() => tracked.crowded(socket) && !tracked.busy(socket) && socket.destroy(), SURPLUS_WAIT).unref()
  })

  function refuseInput(socket: Socket, reason: string | undefined): void {
    if (!socket.writable || tracked.answering(socket) || reason === 'ECONNRESET') socket.destroy()
    else endWithProblem(socket, reason)
  }

  server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) =>
    sendProblem(outgoing, 417, 'bad_expectation', 'the only Expect is 100-continue', shared(incoming)),
  )
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Duplex) => refuseInput(socket as Socket, code))

  /**
   * Takes no new connections, closes the idle ones, and waits for the answers under way.
   * @param timeout ms until the connections that are left are closed
   */
  function drain(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), timeout)
      server.close(() => {
        clearTimeout(cut)
        resolve()
      })
      tracked.closeWhenIdle()
    })
  }

  return { server, drain }
}

// Node looks for slow connections every 2 s, also where there are none, and a phone that nobody uses wakes each time. Its check is
// run by another timer here, with this server's own, which stops with the last connection. Where Node keeps the check elsewhere,
// it goes on as it does.
function whileConnected(server: Server, check: () => void): void {
  let nodesCheck: (() => void) | undefined
  let open = 0
  let timer: NodeJS.Timeout | undefined
  server.once('listening', () => {
    const timers = Object.getOwnPropertySymbols(server)
      .filter(({ description }) => description === 'http.server.connectionsCheckingInterval')
      .map((key) => (server as unknown as Record<symbol, { _onTimeout?: () => void }>)[key])
    nodesCheck = timers[0]?._onTimeout
    if (typeof nodesCheck === 'function') clearInterval(timers[0] as NodeJS.Timeout)
  })
  const checkAll = () => {
    nodesCheck?.()
    check()
  }
  server.on('connection', (socket) => {
    if (open++ === 0) timer = setInterval(checkAll, SERVER_OPTIONS.connectionsCheckingInterval).unref()
    socket.once('close', () => {
      if (--open === 0) clearInterval(timer)
    })
  })
}

// A proxy sends its next request over a connection that it believes to be open: it has to be the one that closes it first.
function keepForProxy(outgoing: ServerResponse, socket: Socket): void {
  outgoing.once('finish', () => socket.setTimeout(PROXY_TIMEOUT))
}

// A request whose body is small enough to be thrown away. Of /list and /process every page may read why it is refused.
function isBrief({ method, url = '', headers, complete }: IncomingMessage): boolean {
  if (method !== 'POST' || OPEN_PATHS.has(url)) return false
  return complete || Number(headers['content-length']) <= BRIEF
}

function envelopeError({ rawHeaders, url = '', headers, httpVersion }: IncomingMessage): InputError | undefined {
  if (rawHeaders.length / 2 > MAX_HEADERS) {
    return new InputError(431, 'too_many_headers', `more than ${MAX_HEADERS} header fields`)
  }
  if (url.length > MAX_URL) return new InputError(414, 'uri_too_long', `the URL is longer than ${MAX_URL} characters`)
  if (headers.host === undefined && httpVersion === '1.1') {
    return new InputError(400, 'bad_host', 'HTTP/1.1 needs a Host header')
  }
  // no path here has a backslash, and URL parsers disagree about its meaning
  if (url.includes('\\')) return new InputError(404, 'not_found', 'there is nothing at this path')
  return undefined
}

// @hono/node-server refuses an IPv6 address in Host unless it is spelled as in a URL: in the shortest way, without a zone.
function respellHost({ headers }: IncomingMessage): void {
  if (!headers.host?.startsWith('[')) return
  const { name, port = 80 } = parseHost(headers.host) ?? {}
  if (name !== undefined) headers.host = new URL(`http://[${name}]:${port}`).host
}

function sendProblem(outgoing: ServerResponse, status: number, code: string, detail: string, more: Fields): void {
  const body = JSON.stringify(problem(status, code, detail))
  outgoing.writeHead(status, { ...problemFields(body), ...more }).end(body)
}

function sendBusy(outgoing: ServerResponse, busy: BusyError, shared: Fields): void {
  const keep = busy !== CROWDED && outgoing.shouldKeepAlive // not where the client or the limit of requests ends the connection
  const more = { 'Retry-After': String(busy.retryAfter), Connection: keep ? 'keep-alive' : 'close', ...shared }
  sendProblem(outgoing, busy.status, busy.code, busy.message, more)
}

// A request that could not be parsed has no response object: the answer is written to the socket.
function endWithProblem(socket: Duplex, reason: string | undefined): void {
  const { status, title, code, detail } = parserProblem(reason)
  const body = JSON.stringify(problem(status, code, detail))
  const head = Object.entries(problemFields(body)).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${head.join('')}\r\n${body}`)
  // input that is left unread makes the system reset the connection before the client has read the answer
  socket.resume()
  setTimeout(() => socket.destroy(), LINGER).unref()
}

function parserProblem(reason: string | undefined) {
  if (reason === 'HPE_HEADER_OVERFLOW') {
    return problem(431, 'headers_too_large', `the header is larger than ${SERVER_OPTIONS.maxHeaderSize} bytes`)
  }
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT') return problem(408, 'request_timeout', 'the request did not come in time')
  return problem(400, 'bad_request', 'this is not a well-formed HTTP/1.1 request')
}

// Of an answer that Hono does not write: the connection is closed after it.
function problemFields(body: string): Record<string, string> {
  return answerFields({ ...PROBLEM_FIELDS, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' })
}
