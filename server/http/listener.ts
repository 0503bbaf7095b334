/**
 * The HTTP server under the application: sockets, timeouts and caps, and what is refused before a request reaches the
 * application at all. It answers in the same form as the application does.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener, RequestError } from '@hono/node-server'
import { InputError } from '../../core/errors.ts'
import type { Client } from './dependencies.ts'
import { API_HEADERS } from './headers.ts'
import { trackConnections } from './limits/connections.ts'
import { PROBLEM_TYPE, problem } from './problem.ts'

/** Node's own limits. What a timeout means in practice: itself plus the interval of the check. */
const SERVER_OPTIONS = {
  maxHeaderSize: 8192, // bytes
  headersTimeout: 10_000, // ms, from the first byte
  requestTimeout: 15_000, // ms, body included
  keepAliveTimeout: 5000, // ms
  connectionsCheckingInterval: 2000, // ms
  requireHostHeader: false, // refused below, with a body that says why
}
const SOCKET_TIMEOUT = 20_000 // ms without a byte either way
const MAX_HEADERS = 64 // Node drops headers beyond its own limit without a word, so ours is below it
const MAX_URL = 2048 // characters
const SURPLUS = 192 // connections beyond those there is room for that are told so; further ones are closed without a word
const SURPLUS_WAIT = 500 // ms until they are: who connects again at once would otherwise keep the server busy with that
const LINGER = 500 // ms for the client to read an answer after which the connection is cut

export interface ListenerOptions {
  readonly fetch: (request: Request, client: Client) => Response | Promise<Response>
  readonly connections: number // at once, from everywhere
  readonly quotas: boolean // whether one network's share of connections and requests is limited
  readonly warn: (message: string) => void
}

/** A Node HTTP server, not listening yet, and the way to shut it down. */
export function createListener({ fetch, connections, quotas, warn }: ListenerOptions) {
  const tracked = trackConnections(quotas, connections)

  const answer = getRequestListener(
    (request, { incoming }) => {
      const { remoteAddress = '', localAddress = '' } = (incoming as IncomingMessage).socket
      return fetch(request, { address: remoteAddress, localAddress })
    },
    {
      hostname: 'localhost', // only completes the URL of a request without Host, which the application refuses
      errorHandler: (error) => {
        if (!(error instanceof RequestError)) warn(`request failed: ${String(error)}`)
        const [status, code, detail] =
          error instanceof RequestError
            ? ([400, 'bad_request', 'the request target or its Host cannot be understood'] as const)
            : ([500, 'internal_error', 'the server failed; its log says why'] as const)
        const headers = { ...API_HEADERS, 'Content-Type': PROBLEM_TYPE }
        return new Response(JSON.stringify(problem(status, code, detail)), { status, headers })
      },
    },
  )

  const server = createServer(SERVER_OPTIONS, (incoming, outgoing) => {
    if (!tracked.begin(incoming.socket, outgoing)) return
    const refused = envelopeError(incoming)
    if (refused) sendProblem(outgoing, refused.status, refused.code, refused.message)
    else if (tracked.crowded(incoming.socket)) setTimeout(sendCrowded, SURPLUS_WAIT, outgoing)
    else answer(incoming, outgoing)
  })
  server.timeout = SOCKET_TIMEOUT
  server.maxConnections = connections + SURPLUS

  server.on('connection', (socket) => {
    tracked.open(socket)
    if (!tracked.crowded(socket)) return
    // full: idle connections make room for the next visitor, and one of those that say nothing is this one
    server.closeIdleConnections()
    setTimeout(() => tracked.crowded(socket) && !tracked.busy(socket) && socket.destroy(), SURPLUS_WAIT).unref()
  })

  server.on('checkExpectation', (_incoming: IncomingMessage, outgoing: ServerResponse) =>
    sendProblem(outgoing, 417, 'bad_expectation', 'the only Expect is 100-continue'),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || tracked.answering(socket) || error.code === 'ECONNRESET') socket.destroy()
    else endWithProblem(socket, error.code)
  })

  /**
   * Takes no new connections, closes the idle ones, lets the answers under way finish.
   * @param patience ms until what is left is cut
   */
  function drain(patience: number): Promise<void> {
    return new Promise((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), patience)
      server.close(() => {
        clearTimeout(cut)
        resolve()
      })
      tracked.closeWhenIdle()
    })
  }

  return { server, drain }
}

function envelopeError({ rawHeaders, url = '', headers, httpVersion }: IncomingMessage): InputError | undefined {
  if (rawHeaders.length / 2 > MAX_HEADERS) {
    return new InputError(431, 'too_many_headers', `more than ${MAX_HEADERS} header fields`)
  }
  if (url.length > MAX_URL) return new InputError(414, 'uri_too_long', `the URL is longer than ${MAX_URL} characters`)
  if (headers.host === undefined && httpVersion === '1.1') {
    return new InputError(400, 'bad_host', 'HTTP/1.1 needs a Host header')
  }
  // no path here has one, and URL parsers disagree about what it means
  if (url.includes('\\')) return new InputError(404, 'not_found', 'there is nothing at this path')
  return undefined
}

function sendProblem(outgoing: ServerResponse, status: number, code: string, detail: string, more = {}): void {
  const body = JSON.stringify(problem(status, code, detail))
  outgoing.writeHead(status, { ...problemHeaders(body), Connection: 'close', ...more }).end(body)
}

function sendCrowded(outgoing: ServerResponse): void {
  sendProblem(outgoing, 503, 'busy', 'more connections are open than this server takes', { 'Retry-After': '1' })
}

// What could not be parsed has no response object: the answer is written by hand.
function endWithProblem(socket: Duplex, reason: string | undefined): void {
  const { status, title, code, detail } = parserProblem(reason)
  const body = JSON.stringify(problem(status, code, detail))
  const fields = { ...problemHeaders(body), Connection: 'close' }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${head.join('')}\r\n${body}`)
  // unread input would make the kernel reset the connection before the answer is read
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

function problemHeaders(body: string): Record<string, string | number> {
  return { ...API_HEADERS, 'Content-Type': PROBLEM_TYPE, 'Content-Length': Buffer.byteLength(body) }
}
