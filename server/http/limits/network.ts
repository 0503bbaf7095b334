/** Which network an address belongs to: the unit that shares one quota. */

import { expandIPv6 } from 'hono/utils/ipaddr'

/** A quota an address draws on, and how many times the ordinary one it is. */
export interface Share {
  readonly key: string
  readonly scale: number
}

/**
 * An IPv4 address by itself; of IPv6 the /64, which one household can fill with addresses at will, and the /48 with four
 * times the quota, which one provider's customer can fill with /64s.
 * @param address as the socket gives it: IPv4-mapped addresses count as IPv4, a zone (%wlan0) does not count
 */
export function networkShares(address: string): readonly Share[] {
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
