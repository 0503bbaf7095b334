/** Keeps other sites' pages from making a visitor's browser send anything here. */

import { InputError } from '../../../core/errors.ts'

/** Paths that pages elsewhere may send to: those of a program whose page always lived on another server than its models. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/list', '/process'])

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * Browsers say where a request comes from: Sec-Fetch-Site the newer, Origin all of them. Programs say nothing and may pass.
 * Whatever the body's type: a page elsewhere cannot read the answer, but it could spend the visitor's quota, and teach.
 * @throws InputError 403 cross_site
 */
export function refuseCrossSite(request: Request, path: string): void {
  if (SAFE.has(request.method) || OPEN_PATHS.has(path)) return
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  const host = request.headers.get('host')?.toLowerCase()
  const foreignSite = site !== null && site !== 'same-origin' && site !== 'none'
  const foreignOrigin = origin !== null && origin.toLowerCase().replace(/^https?:\/\//, '') !== host
  if (foreignSite || foreignOrigin) throw new InputError(403, 'cross_site', "only this server's own page may send this")
}
