/** Every refusal and failure as application/problem+json (RFC 9457): one shape, whoever answers. */

import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { InputError } from '../../core/errors.ts'
import type { Problem } from '../../core/protocol.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** A refusal for now only: the client's share (429) or the server's (503) is used up; `retryAfter` says when to return. */
export class BusyError extends InputError {
  readonly retryAfter: number // s, whole, at least 1

  constructor(status: 429 | 503, code: string, detail: string, retryAfter = 1) {
    super(status, code, detail)
    this.name = 'BusyError'
    this.retryAfter = Math.max(1, Math.ceil(retryAfter))
  }
}

export const PROBLEM_TYPE = 'application/problem+json'

/** The body of a problem answer. */
export function problem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail }
}

/** The answer to an input that is not accepted; the headers set on `c` so far go with it. */
export function refuse(c: Context, error: InputError, headers: Readonly<Record<string, string>> = {}): Response {
  return c.json(problem(error.status, error.code, error.message), error.status as ContentfulStatusCode, {
    ...(error instanceof BusyError && { 'Retry-After': String(error.retryAfter) }),
    ...(error.status === 401 && { 'WWW-Authenticate': 'Bearer realm="inkling"' }),
    ...headers,
    'Content-Type': PROBLEM_TYPE,
  })
}

/** The answer when the server itself is at fault: what went wrong is for `warn`, never for the client. */
export function fail(c: Context, error: unknown, warn: (message: string) => void): Response {
  warn(`${c.req.method} ${c.req.routePath}: ${describe(error)}`)
  return c.json(problem(500, 'internal_error', 'the server failed; its log says why'), 500, {
    'Content-Type': PROBLEM_TYPE,
  })
}

// the error and where it was thrown, in one line
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const thrown = error.stack?.split('\n').find((line) => line.startsWith('    at '))
  return `${error.name}: ${error.message}${thrown ? ` ${thrown.trim()}` : ''}`
}
