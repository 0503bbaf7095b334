/** The addresses of this machine, as one types them into a browser on another device. */

import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostOf } from './limits/hosts.ts'

/** URLs of a server that listens on all addresses of a family: localhost, then those that other machines can reach. */
export async function reachableUrls({ port, family }: AddressInfo): Promise<string[]> {
  const addresses = interfaceAddresses() ?? [await routedAddress()]
  // an IPv6 socket accepts IPv4 connections too, but not the other way round
  const reachable = addresses.filter((address) => address && (family === 'IPv6' || !address.includes(':')))
  const hosts = ['localhost', ...reachable.map((address) => hostOf(address as string))]
  return hosts.map((host) => `http://${host}:${port}`)
}

// Without link-local IPv6 addresses, for browsers do not accept the zone that those need. Undefined where the system forbids
// the list, as Android 11 and later do.
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

// The address that the system would send from. Connecting a datagram socket chooses it and sends nothing.
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
