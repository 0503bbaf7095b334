/** Names of hosts: as Host writes them, as the setting --hosts does, and which of them nobody can register. */

import { isIP, isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'

/** An IPv6 address may have a zone, which is of the sender's machine. */
const HOST = /^(?:\[([0-9a-f:.]+)(?:%[\w.-]+)?\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::(\d{1,5}))?$/

/** A browser reads a name with such an end as an IPv4 address: 127.1, 0x7f.0.0.1. */
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/

/** Suffixes of local networks and of the machine itself (RFC 6761, RFC 6762, RFC 8375, ICANN 2024; .lan by wide use). */
const LOCAL_SUFFIXES = ['.local', '.lan', '.home.arpa', '.internal', '.localhost']

export interface HostName {
  readonly name: string // in lower case, without brackets, zone and a dot at its end
  readonly port: number | undefined
}

/** A setting of --hosts: a name, names below it, or both. */
export interface HostPattern extends HostName {
  readonly itself: boolean
  readonly below: boolean
}

/** The parts of a Host header; undefined where it is malformed. */
export function parseHost(text: string): HostName | undefined {
  const [, address, name = address, digits] = HOST.exec(text.toLowerCase()) ?? []
  if (name === undefined) return undefined
  if (address === undefined ? NUMERIC_END.test(name) && !isIPv4(name) : !isIPv6(address)) return undefined
  const port = digits === undefined ? undefined : Number(digits)
  return port === undefined || port <= 65_535 ? { name, port } : undefined
}

/** Whether no stranger can own a name in the DNS: an IP address, a name of one label, or one under a local suffix. */
export function isLocalName(name: string): boolean {
  return !name.includes('.') || isIP(name) !== 0 || LOCAL_SUFFIXES.some((suffix) => name.endsWith(suffix))
}

/** `name`, `*.name` (names below it) or `.name` (both), each with :port where only that is meant; undefined for another text. */
export function parsePattern(text: string): HostPattern | undefined {
  const [, wildcard, name, port = ''] = /^(\*?\.)?([^/\\?#@]+?)(:\d+)?$/.exec(text) ?? []
  if (name === undefined) return undefined
  const host = parseHost(`${name.startsWith('[') ? name : domainToASCII(name)}${port}`)
  if (!host || (wildcard && isIP(host.name))) return undefined
  return { name: host.name, port: host.port, itself: wildcard !== '*.', below: wildcard !== undefined }
}

/** Whether a host is one that a pattern means. Browsers leave out the ports 80 and 443. */
export function matches({ name, port }: HostName, pattern: HostPattern): boolean {
  const ported = pattern.port === undefined || port === pattern.port
  if (!ported && !(port === undefined && (pattern.port === 80 || pattern.port === 443))) return false
  return (pattern.itself && name === pattern.name) || (pattern.below && name.endsWith(`.${pattern.name}`))
}
