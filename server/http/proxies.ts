/**
 * The reverse proxies in front of this server. Only what a trusted one says about a visitor is believed; everybody else could
 * choose his own address.
 */

import type { IncomingMessage } from 'node:http'
import { addressList } from './address-list.ts'
import type { Client } from './dependencies.ts'
import { isForwarded, readForwarding } from './forwarded.ts'

export interface Proxies {
  /** Whether a connection from this address, as the socket gives it, is one of a trusted proxy. */
  isTrusted(peer: string): boolean
  /** Who sent a request. */
  clientOf(incoming: IncomingMessage): Client
}

/** @param trusted `loopback`, addresses and networks, as `addressList` takes them */
export function createProxies(trusted: readonly string[]): Proxies {
  const inList = addressList(trusted)
  let last = { peer: '', trusted: false } // a proxy sends many requests, and a look into the list takes 1 to 2 us

  function isTrusted(peer: string): boolean {
    if (trusted.length === 0) return false
    if (peer !== last.peer) last = { peer, trusted: inList(peer) }
    return last.trusted
  }

  return {
    isTrusted,
    clientOf({ socket, headers }) {
      const { remoteAddress: peer = '', localAddress = '' } = socket
      const forwarded = isForwarded(headers)
      const { host } = headers
      if (!forwarded || !isTrusted(peer)) return { address: peer, localAddress, host, secure: false, forwarded }
      const told = readForwarding(headers, inList)
      return {
        address: told.address ?? peer,
        localAddress,
        host: told.host ?? host,
        secure: told.scheme === 'https',
        forwarded,
      }
    },
  }
}
