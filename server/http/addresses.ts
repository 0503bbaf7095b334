/** The addresses of this machine, as one types them into a browser on another device. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostOf, isLoopback } from './visitors/hosts.ts'

/** How long the system may take to choose an address to send from, ms. */
const PATIENCE = 1000

/** Whether a server with this setting of --host listens on all addresses of the machine. */
export function listensEverywhere(host: string): boolean {
  return ['', '::', '0.0.0.0'].includes(host)
}

/**
 * URLs of a server that listens on all addresses of a family: localhost, then those that other machines can reach.
 * @param basePath as in the setting, with slashes; '' for none
 */
export async function reachableUrls(address: AddressInfo, basePath = ''): Promise<string[]> {
  return [`http://localhost:${address.port}${basePath}`, ...(await networkUrls('', address, basePath))]
}

/**
 * URLs by which other machines reach a server, the most likely first. None where it listens for this machine alone, where there
 * is no network, or where the system tells nothing of it.
 * @param host the setting of --host
 * @param basePath the setting of --base-path
 */
export async function networkUrls(
  host: string,
  { port, family }: Pick<AddressInfo, 'port' | 'family'>,
  basePath = '',
): Promise<string[]> {
  const url = (address: string) => `http://${hostOf(address)}:${port}${basePath}`
  if (!listensEverywhere(host)) return isLoopback(host) ? [] : [url(host)]
  const listed = interfaceAddresses()
  // The one that the system would send from, for a machine has further ones, of tunnels and containers. Then IPv4, which is short.
  const addresses = [
    ...(await routedAddress()),
    ...listed.filter((address) => !address.includes(':')),
    ...listed.filter((address) => address.includes(':')),
  ]
  // an IPv6 socket accepts IPv4 connections too, but not the other way round
  const reachable = addresses.filter((address) => family === 'IPv6' || !address.includes(':'))
  return [...new Set(reachable)].map(url)
}

/** What to do where `reachableUrls` gives localhost alone. */
export function unknownAddress(port: number, basePath = ''): string {
  return `the system does not tell this machine's address: ifconfig in Termux or Android's Wi-Fi settings show it; other devices then reach http://ADDRESS:${port}${basePath}`
}

// Without link-local IPv6 addresses, for browsers do not accept the zone that those need. None where the system forbids the list,
// as Android 11 and later do.
function interfaceAddresses(): string[] {
  try {
    return Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .map(({ address }) => address)
  } catch {
    return []
  }
}

// The address that the system would send from, if there is one. Connecting a datagram socket chooses it and sends nothing.
async function routedAddress(): Promise<string[]> {
  let socket: Socket | undefined
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), PATIENCE)
  try {
    socket = createSocket('udp4')
    socket.connect(9, '192.0.2.1') // it may throw, and then nothing waits for the event
    await once(socket, 'connect', { signal: patience.signal })
    const { address } = socket.address()
    return address === '0.0.0.0' ? [] : [address]
  } catch {
    return []
  } finally {
    clearTimeout(timer)
    socket?.close()
  }
}
