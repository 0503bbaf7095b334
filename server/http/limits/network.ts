/** The client network that an address belongs to: all its addresses share one quota. */

import { expandIPv6 } from 'hono/utils/ipaddr'

/** A quota that an address draws on. */
export interface Share {
  readonly key: string
  readonly scale: number // its size, in ordinary quotas
}

/** The last address that was looked at: a request's is looked at several times. */
let last: { readonly address: string; readonly shares: readonly Share[] } = { address: '', shares: sharesOf('') }

/**
 * An IPv4 address is a network of its own. Of an IPv6 address it is the /64, of which one household can use any address, and
 * with four times the quota the /48, of which one customer can use any /64.
 * @param address as the socket gives it: an IPv4-mapped address counts as IPv4, a zone (%wlan0) is ignored
 */
export function networkShares(address: string): readonly Share[] {
  if (address !== last.address) last = { address, shares: sharesOf(address) }
  return last.shares
}

function sharesOf(address: string): readonly Share[] {
  const plain = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)
  if (mapped) return [{ key: mapped[1], scale: 1 }]
  if (!plain.includes(':')) return [{ key: plain, scale: 1 }]
  const groups = expandIPv6(plain.toLowerCase()).split(':')
  return [
    { key: `${groups.slice(0, 4).join(':')}/64`, scale: 1 },
    { key: `${groups.slice(0, 3).join(':')}/48`, scale: 4 },
  ]
}

/** The widest network that an address may stand for, which counts as one wherever the largest gives way: IPv4 address or /48. */
export function widestNetwork(address: string): string {
  return networkShares(address).at(-1)?.key ?? address
}
