/**
 * The names by which this server may be called. A page of another site whose name is made to point to this address (DNS
 * rebinding) still sends its own name as Host. It is refused, as is every name that is not known to be this server's.
 */

import { InputError } from '../../../core/errors.ts'

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/

/**
 * @param names public names, each `name` or `name:port`
 * @param machine this machine's own name, with or without a domain
 * @param port gives the port, which is known once the server listens
 * @returns checks Host against the names and the local address of the connection. A list of the machine's addresses is not
 *   needed: it changes with every lease, and Android does not give it.
 *   @throws InputError 400 bad_host, 421 foreign_host
 */
export function createHostCheck(names: readonly string[], machine: string, port: () => number) {
  const label = machine.toLowerCase().split('.')[0]
  const own = new Set(['localhost', '127.0.0.1', '[::1]', machine.toLowerCase(), label, `${label}.local`])
  const configured = new Set(names.map((name) => name.toLowerCase()))

  return (host: string | undefined, localAddress: string): void => {
    const authority = (host ?? '').toLowerCase()
    if (authority.includes(',')) throw new InputError(400, 'bad_host', 'more than one Host header')
    const [, name, given] = AUTHORITY.exec(authority) ?? []
    const ported = given === undefined ? port() === 80 : Number(given) === port()
    if (name !== undefined) {
      if (configured.has(authority)) return
      if (configured.has(name) && (given === undefined || ported)) return
      if (ported && (own.has(name) || name === hostOf(localAddress))) return
    }
    throw new InputError(421, 'foreign_host', 'the Host header names another server; INKLING_HOSTS adds names')
  }
}

/** An address as a Host header writes it: IPv6 in brackets, IPv4-mapped as IPv4, no zone. */
export function hostOf(address: string): string {
  const plain = address.toLowerCase().replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)
  if (mapped) return mapped[1]
  return plain.includes(':') ? `[${plain}]` : plain
}

/** Whether an address or name means this machine only to itself. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.[0-9.]+|::ffff:127\.[0-9.]+|\[?::1\]?)$/i.test(host)
}
