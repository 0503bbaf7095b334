/** Where this machine can be reached: what to type into the phone or computer next to it. */

import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostOf } from './limits/hosts.ts'

/** URLs of a server that listens on all addresses of a family: this machine's first, then those the network knows it by. */
export async function reachableUrls({ port, family }: AddressInfo): Promise<string[]> {
  const addresses = interfaceAddresses() ?? [await routedAddress()]
  // a socket of IPv6 takes IPv4 as well, not the other way round
  const reachable = addresses.filter((address) => address && (family === 'IPv6' || !address.includes(':')))
  const hosts = ['localhost', ...reachable.map((address) => hostOf(address as string))]
  return hosts.map((host) => `http://${host}:${port}`)
}

// Link-local IPv6 addresses need a zone that browsers do not take. Undefined where the list is forbidden, as on Android 11
// and later.
function interfaceAddresses(): string[] | undefined {
  try {
    return Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .map(({ address }) => address)
  } catch {
    return undefined
  }
}

// The address the system would send from: a datagram socket that is connected has one, and sends nothing.
function routedAddress(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(undefined))
    socket.connect(9, '192.0.2.1', () => {
      resolve(socket.address().address)
      socket.close()
    })
  })
}
