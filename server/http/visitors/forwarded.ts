/**
 * Reads what proxies write about the request that they pass on: X-Forwarded-For, -Host and -Proto, and Forwarded (RFC 7239). Whether
 * they may be believed is the caller's question.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { isIP, isIPv6, SocketAddress } from 'node:net'

/** Addresses of a header that are looked at, from its right end. */
const MAX_HOPS = 32

/** `name=value` or `name="value"` in an element of Forwarded, with the separator behind it. */
const PAIR = /\s*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))\s*(;|$)/y

/** What the proxies say. A value is undefined where they say nothing. */
export interface Forwarding {
  /** The last address that is not trusted; undefined also where it cannot be read, or where two headers disagree. */
  readonly address: string | undefined
  /** The host that the visitor used; two with a comma between them, which is no host, where two headers disagree. */
  readonly host: string | undefined
  /** http or https; undefined also where two headers disagree. */
  readonly scheme: string | undefined
}

/** Whether there is any header that a proxy adds. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return (
    namesVisitor(headers) ||
    headers['x-forwarded-host'] !== undefined ||
    headers['x-forwarded-proto'] !== undefined ||
    headers['x-real-ip'] !== undefined ||
    headers.via !== undefined
  )
}

/** Whether there is a header by which a proxy tells who the visitor is. */
export function namesVisitor(headers: IncomingHttpHeaders): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
}

/**
 * Reads the headers of a request that a trusted proxy sent. Each proxy adds what it knows at the right end; what is left of that
 * may be a visitor's invention. A proxy that writes X-Forwarded-For usually passes on a visitor's own Forwarded, or the other way
 * round: where the two disagree neither is believed.
 */
export function readForwarding(headers: IncomingHttpHeaders, isTrusted: (address: string) => boolean): Forwarding {
  const elements = listed(headers.forwarded).map(parseElement)
  const nearest = elements.at(-1)
  const named = elements.some((element) => element.has('for'))
  const addresses = [
    lastUntrusted(listed(headers['x-forwarded-for']), isTrusted),
    lastUntrusted(named ? elements.map((element) => element.get('for') ?? '') : [], isTrusted),
  ].filter((address) => address !== undefined)
  const hosts = [listed(headers['x-forwarded-host']).at(-1), nearest?.get('host')].filter(Boolean)
  const schemes = [listed(headers['x-forwarded-proto']).at(-1), nearest?.get('proto')].filter(Boolean)
  return {
    address: agreed(addresses) || undefined,
    host: agreed(hosts) ?? (hosts.length > 0 ? hosts.join(', ') : undefined),
    scheme: agreed(schemes)?.toLowerCase(),
  }
}

/**
 * An address as the socket of a connection would give it; undefined where the text is none. It may be in quotes or brackets and
 * have a port or a zone, which are left out. IPv4-mapped addresses become IPv4.
 */
export function parseAddress(text: string): string | undefined {
  const node = text.replace(/^"(.*)"$/, '$1')
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\]|([\d.]+))(?::[\w.-]+)?$/.exec(node) ?? []
  const address = bracketed ?? dotted ?? node
  if (isIP(address) === 0) return undefined
  if (!isIPv6(address)) return address
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '')
}

// Several header lines come here joined by commas.
function listed(header: string | string[] | undefined): string[] {
  if (!header) return []
  return String(header)
    .split(',')
    .map((item) => item.trim())
}

// Undefined where there is no list, '' where the address cannot be told.
function lastUntrusted(hops: readonly string[], isTrusted: (address: string) => boolean): string | undefined {
  if (hops.length === 0) return undefined
  let visitor = ''
  for (const hop of hops.slice(-MAX_HOPS).toReversed()) {
    const address = parseAddress(hop)
    if (address === undefined) return ''
    visitor = address
    if (!isTrusted(address)) return visitor
  }
  return hops.length > MAX_HOPS ? '' : visitor
}

// Without names where the element is malformed. A comma in quotes makes it so: no value that counts here has one.
function parseElement(element: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  PAIR.lastIndex = 0
  while (PAIR.lastIndex < element.length) {
    const [, name, quoted, plain] = PAIR.exec(element) ?? []
    if (name === undefined) return new Map()
    pairs.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain)
  }
  return pairs
}

function agreed(values: readonly (string | undefined)[]): string | undefined {
  return values.every((value) => value?.toLowerCase() === values[0]?.toLowerCase()) ? values[0] : undefined
}
