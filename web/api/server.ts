/** Which server the page asks: the one it came from, unless its address (?api=) or its build names another. Not how it is asked. */

export type ServerAddress =
  | { readonly kind: 'own' } // the one this page came from
  | { readonly kind: 'other'; readonly url: string; readonly sameOrigin: boolean } // `url` is that of its page, with a slash at its end
  | { readonly kind: 'unusable'; readonly words: string }

const LONGEST = 80 // characters of a wrong address that are shown

let asked: ServerAddress = { kind: 'own' }

/** From now on requests go to this server; to none where it is unusable. */
export function askServer(server: ServerAddress): void {
  asked = server
}

/** Where a path of the server is, such as api/v1/models; a whole address stays as it is. Undefined where there is no server to ask. */
export function serverUrl(path: string): string | undefined {
  if (asked.kind === 'unusable') return undefined
  return asked.kind === 'own' ? path : new URL(path, asked.url).href
}

/**
 * The server that a page asks.
 * @param page address of the page
 * @param built the server that the page was built for, '' for the one it comes from; `?api=` counts more
 */
export function findServer(page: string, built: string): ServerAddress {
  const { searchParams, origin } = new URL(page)
  const named = searchParams.get('api') ?? built
  if (named === '' && !searchParams.has('api')) return { kind: 'own' }
  const url = parseServerAddress(named)
  if (url === undefined) {
    const shown = named.length > LONGEST ? `${named.slice(0, LONGEST)}…` : named
    return {
      kind: 'unusable',
      words: `This page asks no server: after ?api= its address has “${shown}”, and http://phone.lan:8000/ or the like was expected.`,
    }
  }
  if (url === new URL('./', page).href) return { kind: 'own' }
  return { kind: 'other', url, sameOrigin: new URL(url).origin === origin }
}

/** For a page whose browser does not let it ask another server: those that a phone itself serves are such. */
export function confinedTo(origin: string): ServerAddress {
  return {
    kind: 'unusable',
    words: `This page came from ${origin} and may ask that server alone: open it without ?api= in its address, or open the other server’s own page.`,
  }
}

/** The address of a server's page, from that of its page or its API; undefined where the text is none. */
export function parseServerAddress(text: string): string | undefined {
  if (!/^\s*https?:\/\//i.test(text)) return undefined
  try {
    const { origin, username, password, pathname, search, hash } = new URL(text)
    if (username || password || search || hash) return undefined
    return `${origin}${pathname.replace(/\/(api\/v1\/?)?$/, '')}/`
  } catch {
    return undefined
  }
}
