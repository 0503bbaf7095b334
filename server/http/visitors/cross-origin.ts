/**
 * What pages on other origins may do that the owner allows (CORS): ask the API and the older programs' routes, and read the answers.
 * Credentials never: the owner's token is for this server's own page. What all other pages may not do is refused in origin.ts.
 */

import type { Fields } from '../answer.ts'

const OLDER_PATHS: ReadonlySet<string> = new Set(['/list', '/process', '/predict', '/predict/'])

/** Whether other origins can be allowed to ask for a path. The page itself, and whether the server is well, are not for them. */
export function isShared(path: string): boolean {
  return path.startsWith('/api/v1/') || OLDER_PATHS.has(path)
}

/**
 * An origin as browsers send it: lower case, in ASCII, without the port that its scheme has anyway. Undefined where the text has a
 * path or is no origin; also for `null`, which every page without an origin sends, and for files, which send that.
 */
export function parseOrigin(text: string): string | undefined {
  if (!/^(?!file:)[a-z][a-z0-9+.-]*:\/\/[^\s/\\?#@*]+$/i.test(text)) return undefined
  if (!/^https?:/i.test(text)) return text.toLowerCase() // of apps and extensions, such as capacitor://localhost
  try {
    return new URL(text).origin
  } catch {
    return undefined
  }
}

/** The fields of every answer to an origin that is allowed, refusals included. */
export function sharedFields(origin: string): Fields {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'Allow, Content-Disposition, ETag, Retry-After',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    Vary: 'Origin', // a cache must not give this answer to another origin, nor the answer to another one to this
  }
}

/** Whether a browser asks by this request if a page may send another one. */
export function isPreflight(method: string, headers: Headers): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method')
}

/** The fields of the answer to a preflight of an allowed origin, besides those of every answer. */
export function preflightFields(headers: Headers): Fields {
  return {
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, DELETE',
    // Authorization is missing on purpose
    'Access-Control-Allow-Headers':
      'content-type, idempotency-key, if-none-match, last-event-id, x-csrftoken, x-requested-with',
    'Access-Control-Max-Age': '7200', // s; Chromium remembers for no longer
    // Chromium asks before a page of the internet may reach a private network
    ...(headers.get('access-control-request-private-network') === 'true' && {
      'Access-Control-Allow-Private-Network': 'true',
    }),
  }
}
