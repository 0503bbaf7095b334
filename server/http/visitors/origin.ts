/** Keeps pages of other sites from making a visitor's browser send requests here. */

import { InputError } from '../../../core/errors.ts'
import type { Client } from '../dependencies.ts'
import { shownName } from './foreign-host.ts'

/** Paths that pages of other sites may send to: those of an older program whose page is on another server than its models. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/list', '/process'])

/** The page marks its requests with this value of X-Requested-With. Another origin could send it only after a granted preflight. */
const OWN_PAGE = 'inkling'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export interface OriginRules {
  /** Whether a host is this server's. */
  readonly admits: (host: string) => boolean
  /** Tells the log of a host that is not, but from which what looks like this server's page sends. */
  readonly report: (host: string) => void
  /** Whether pages of an origin elsewhere may send requests. */
  readonly allows: (origin: string) => boolean
}

/**
 * Newer browsers say in Sec-Fetch-Site where a request comes from, over https and at localhost; that is believed. Without it Origin,
 * which all of them send, must be the host that the visitor used, or for the page's own requests any host of this server, because a
 * proxy may have replaced Host. Other programs send neither header and pass. The type of the body does not matter: a page of
 * another site cannot read the answer, but it could use up the visitor's quota, and send corrections.
 * @throws InputError 403 cross_site
 */
export function refuseCrossSite(request: Request, path: string, client: Client, rules: OriginRules): void {
  if (SAFE.has(request.method) || OPEN_PATHS.has(path)) return
  const { headers } = request
  const site = headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return
  const origin = headers.get('origin')
  if (site === null && origin === null) return
  if (origin !== null && origin !== 'null') {
    if (rules.allows(origin)) return
    if (site === null) {
      if (isSameOrigin(origin, client)) return
      const own = headers.get('x-requested-with')?.toLowerCase() === OWN_PAGE
      const { authority } = splitOrigin(origin)
      if (own && rules.admits(authority)) return
      if (own) rules.report(authority)
    }
  }
  throw new InputError(403, 'cross_site', refusal(site, origin, client))
}

// The scheme counts only where a trusted proxy tells it: one that is not trusted may add TLS, too.
function isSameOrigin(origin: string, { host, secure }: Client): boolean {
  const { scheme, authority } = splitOrigin(origin)
  if (!host || !authority || (secure && scheme !== 'https')) return false
  return withPort(authority, scheme) === withPort(host.toLowerCase(), scheme)
}

function splitOrigin(origin: string): { scheme: string; authority: string } {
  const [, scheme = '', authority = ''] = /^(https?):\/\/(.+)$/i.exec(origin) ?? []
  return { scheme: scheme.toLowerCase(), authority: authority.toLowerCase() }
}

function withPort(authority: string, scheme: string): string {
  return /:\d+$/.test(authority) ? authority : `${authority}:${scheme === 'https' ? 443 : 80}`
}

function refusal(site: string | null, origin: string | null, { host = '', secure }: Client): string {
  const got = [
    ...(origin === null ? [] : [`Origin is "${shownName(origin)}"`]),
    ...(site === null ? [] : [`Sec-Fetch-Site is "${shownName(site)}"`]),
  ]
  const expected =
    site === null ? `expected the origin "${secure ? 'https' : 'http'}://${shownName(host)}"` : 'expected "same-origin"'
  const remedy =
    origin === null || origin === 'null'
      ? 'INKLING_ORIGINS admits the origins of pages elsewhere'
      : `INKLING_ORIGINS=${shownName(origin)} admits a page elsewhere; a name of this server belongs into INKLING_HOSTS, and a reverse proxy must pass on Host, or X-Forwarded-Host and be named by INKLING_TRUST_PROXY`
  return `${got.join(' and ')}; ${expected}, this server's own page. ${remedy}`
}
