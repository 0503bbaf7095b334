/**
 * The reverse proxies in front of this server. Only what a trusted one says about a visitor is believed; everybody else could
 * choose his own address.
 */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Client } from '../dependencies.ts'
import { addressList } from './address-list.ts'
import { isForwarded, namesVisitor, parseAddress, readForwarding } from './forwarded.ts'
import { isLoopback } from './hosts.ts'

export interface Proxies {
  /** Whether a connection from this address, as the socket gives it, is one of a trusted proxy. */
  isTrusted(peer: string): boolean
  /** Who sent a request. */
  clientOf(incoming: IncomingMessage): Client
}

/** Networks where a proxy may be the owner's own. A stranger elsewhere must not get the log to recommend him. */
const NEARBY = ['loopback', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10']

/** Trusted proxies of which it is remembered which header they leave out. */
const KNOWN = 64

/** Proxies that are logged at most. */
const REPORTED = 8

/**
 * @param trusted `loopback`, addresses and networks, as `addressList` takes them
 * @param warn logs each proxy that may be the owner's and does not name its visitors, the first time, with the setting
 */
export function createProxies(trusted: readonly string[], warn: (message: string) => void = () => {}): Proxies {
  const inList = addressList(trusted)
  let last = { peer: '', trusted: false } // a proxy sends many requests, and a look into the list takes 1 to 2 us

  function isTrusted(peer: string): boolean {
    if (trusted.length === 0) return false
    if (peer !== last.peer) last = { peer, trusted: inList(peer) }
    return last.trusted
  }

  const omitted = new Map<string, Set<'forwarded' | 'x-forwarded-for'>>() // by trusted proxies, in any of their requests

  // A proxy that writes a header about its visitors writes it into every request. What was missing once, a visitor invented.
  function withoutInvented(peer: string, headers: IncomingHttpHeaders): IncomingHttpHeaders {
    if (!namesVisitor(headers)) return headers
    const left = omitted.get(peer) ?? new Set()
    for (const name of ['forwarded', 'x-forwarded-for'] as const) {
      if (headers[name] !== undefined) continue
      if (omitted.size < KNOWN) omitted.set(peer, left.add(name))
      return headers
    }
    return left.size === 1 ? { ...headers, [[...left][0]]: undefined } : headers
  }

  const isNearby = addressList(NEARBY)
  const seen = new Set<string>() // names of those that were logged

  function report(peer: string): void {
    if (seen.size >= REPORTED || !isNearby(peer)) return
    const name = isLoopback(peer) ? 'loopback' : parseAddress(peer)
    if (name === undefined || seen.has(name)) return
    seen.add(name)
    const remedy = `start the server with INKLING_TRUST_PROXY=${[...trusted, name].join(',')}`
    warn(
      `${name} seems to be a reverse proxy, and all its visitors share one quota; if it is yours, let it set X-Forwarded-For${isTrusted(peer) ? '' : ` and ${remedy}`}`,
    )
  }

  return {
    isTrusted,
    clientOf({ socket, headers, httpVersion }) {
      const { remoteAddress: peer = '', localAddress = '' } = socket
      const { host } = headers
      if (!isForwarded(headers)) {
        // nginx up to 1.29 asks so, and adds no other header, unless its configuration says otherwise
        const old = httpVersion === '1.0'
        if ((old && headers.connection === 'close') || hasOtherOrigin(headers)) report(peer)
        return { address: peer, localAddress, host, secure: false, forwarded: old }
      }
      const trusts = isTrusted(peer)
      if (!trusts || !namesVisitor(headers)) report(peer)
      if (!trusts) return { address: peer, localAddress, host, secure: false, forwarded: true }
      const told = readForwarding(withoutInvented(peer, headers), inList)
      return {
        address: told.address ?? peer,
        localAddress,
        host: told.host ?? host,
        secure: told.scheme === 'https',
        forwarded: true,
      }
    },
  }
}

// Whether a browser asks its own page's server, which has another name there: a proxy in between has replaced Host.
function hasOtherOrigin({ origin, host = '', 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return site === 'same-origin' && origin !== undefined && !origin.endsWith(`//${host}`)
}
