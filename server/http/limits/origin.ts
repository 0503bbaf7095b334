/** Keeps pages of other sites from making a visitor's browser send requests here. */

import { InputError } from '../../../core/errors.ts'

/** Paths that pages of other sites may send to: those of an older program whose page is on another server than its models. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/list', '/process'])

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * Browsers say where a request comes from: newer ones in Sec-Fetch-Site, all in Origin. Other programs send neither header and
 * pass. The type of the body does not matter: a page of another site cannot read the answer, but it could use up the visitor's
 * quota, and send corrections.
 * @param allows whether the owner allows the pages of an origin to send
 * @throws InputError 403 cross_site
 */
export function refuseCrossSite(
  request: Request,
  path: string,
  allows: (origin: string) => boolean = () => false,
): void {
  if (SAFE.has(request.method) || OPEN_PATHS.has(path)) return
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  if (origin !== null && allows(origin)) return
  const host = request.headers.get('host')?.toLowerCase()
  const foreignSite = site !== null && site !== 'same-origin' && site !== 'none'
  const foreignOrigin = origin !== null && origin.toLowerCase().replace(/^https?:\/\//, '') !== host
  if (foreignSite || foreignOrigin) throw new InputError(403, 'cross_site', "only this server's own page may send this")
}
