/** Lists of IP addresses and networks, as settings write them. */

import { BlockList, isIP, isIPv6 } from 'node:net'

/** Whether a text is `loopback`, an IP address, or a network such as 10.0.0.0/8. */
export function isNetwork(text: string): boolean {
  if (text === 'loopback') return true
  const [address, length, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || more.length > 0) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 6 ? 128 : 32))
}

/**
 * A test of whether an address, as a socket gives it, is in one of the networks. An IPv4-mapped address counts as IPv4.
 * @param networks texts for which `isNetwork` is true
 */
export function addressList(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks.flatMap((text) => (text === 'loopback' ? ['127.0.0.0/8', '::1'] : [text]))) {
    const [address, length] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
