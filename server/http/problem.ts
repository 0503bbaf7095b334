/** Every refusal and failure as application/problem+json (RFC 9457): one shape, whoever answers. */

import type { Context } from 'hono'
import { InputError } from '../../core/errors.ts'
import type { Problem } from '../../core/protocol.ts'
import { answer, type Fields } from './answer.ts'

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

/** A refusal for now: the client's share (429) or the server's (503) is used up. `retryAfter` says when to ask again. */
export class BusyError extends InputError {
  readonly retryAfter: number // s, whole, at least 1

  constructor(status: 429 | 503, code: string, detail: string, retryAfter = 1) {
    super(status, code, detail)
    this.name = 'BusyError'
    this.retryAfter = Math.max(1, Math.ceil(retryAfter))
  }
}

/** The header fields of a problem answer. */
export const PROBLEM_FIELDS: Fields = { 'Content-Type': 'application/problem+json' }

/** The body of a problem answer. */
export function problem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail }
}

/** A problem as an answer; `own` are further header fields. */
export function answerProblem(status: number, code: string, detail: string, own: Fields = {}): Response {
  return answer(JSON.stringify(problem(status, code, detail)), { ...PROBLEM_FIELDS, ...own }, status)
}

/** The answer to an input that is not accepted. */
export function refuse(error: InputError, own: Fields = {}): Response {
  return answerProblem(error.status, error.code, error.message, {
    ...(error instanceof BusyError && { 'Retry-After': String(error.retryAfter) }),
    ...(error.status === 401 && { 'WWW-Authenticate': 'Bearer realm="inkling"' }),
    ...own,
  })
}

/** The answer when the server itself failed: the error goes to `warn`, never to the client. */
export function fail(c: Context, error: unknown, warn: (message: string) => void): Response {
  warn(`${c.req.method} ${c.req.routePath}: ${describe(error)}`)
  return answerInternalError()
}

/** The answer when the server itself failed. */
export function answerInternalError(): Response {
  return answerProblem(500, 'internal_error', 'the server failed; its log says why')
}

// The error and where it was thrown, in one line.
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const thrown = error.stack?.split('\n').find((line) => line.startsWith('    at '))
  return `${error.name}: ${error.message}${thrown ? ` ${thrown.trim()}` : ''}`
}
