/** Which server the page asks: the one it came from, unless its address (?api=) or its build names another. Not how it is asked. */

export type ServerAddress =
  | { readonly kind: 'own' } // the one this page came from
  | {
      readonly kind: 'other'
      readonly url: string // of its page, with a slash at its end
      readonly sameOrigin: boolean
      readonly mixed: boolean // this page came over https, and asks over http
    }
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
 * Options of fetch without which a page that came over https is not even allowed to ask whether it may use http. Chromium then asks the
 * visitor, for servers in the local network; other browsers do not know the option.
 */
export function networkOptions(): RequestInit {
  return (asked.kind === 'other' && asked.mixed ? { targetAddressSpace: 'local' } : {}) as RequestInit
}

/**
 * The server that a page asks.
 * @param page address of the page
 * @param built the server that the page was built for, '' for the one it comes from; `?api=` counts more
 */
export function findServer(page: string, built: string): ServerAddress {
  const { searchParams, origin, protocol } = new URL(page)
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
  const server = new URL(url)
  const mixed = protocol === 'https:' && server.protocol === 'http:' && !isOwnMachine(server)
  return { kind: 'other', url, sameOrigin: server.origin === origin, mixed }
}

/** Whether an address means a machine only to itself. */
export function isOwnMachine({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127\.[0-9.]+|\[::1\])$/.test(hostname)
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
