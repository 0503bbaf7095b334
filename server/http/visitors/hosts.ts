/**
 * The names by which this server may be called. A page of another site whose name is made to point to this address (DNS
 * rebinding) still sends its own name as Host. That takes a name that somebody registered: such names are refused unless set.
 */

import { InputError } from '../../../core/errors.ts'
import { ForeignHostError } from './foreign-host.ts'
import { isLocalName, matches, parseHost, parsePattern } from './host-names.ts'

/** The setting that admits every name. */
export const ANY_HOST = 'any'

/** What `any` costs, for the log. */
export const ANY_HOST_COST =
  'INKLING_HOSTS=any: this server answers to every name. Any web page that somebody in its network opens can then use it as its own (DNS rebinding). Where the names are known, name them instead'

const EXPECTED =
  'an IP address, a name without dots or under .local, .lan, .home.arpa or .internal, or one of INKLING_HOSTS'

/** Refused names that are logged at most. Strangers can make up any number of them. */
const REPORTED = 32

const LONGEST = 253 // characters of a name in the DNS

export interface HostCheck {
  /** Whether a host, with or without a port, names this server. */
  readonly admits: (host: string) => boolean
  /** Tells the log of a host that is not admitted but may be this server's, and of the setting that admits it. */
  readonly report: (host: string) => void
  /** @throws InputError 400 bad_host; ForeignHostError 421 foreign_host */
  readonly check: (host: string | undefined) => void
}

/**
 * @param names those of the setting --hosts, as `parsePattern` takes them, or `any`
 * @param machine this machine's own names
 * @param warn logs each refused name, the first time, with the setting that admits it
 * @returns checks a host. A list of the machine's addresses is not needed: nobody can register an address
 */
export function createHostCheck(
  names: readonly string[],
  machine: readonly string[],
  warn: (message: string) => void = () => {},
): HostCheck {
  const any = names.includes(ANY_HOST)
  const patterns = [...names, ...machine].map(parsePattern).filter((pattern) => pattern !== undefined)
  const reported = new Set<string>()
  let last: string | undefined // admitted; most requests name the same host as the one before

  function admits(text: string): boolean {
    const host = parseHost(text)
    return host !== undefined && (any || isLocalName(host.name) || patterns.some((pattern) => matches(host, pattern)))
  }

  function report(host: string): void {
    const name = addableName(host)
    if (name === undefined || reported.has(name) || reported.size >= REPORTED) return
    reported.add(name)
    const setting = [...names, name].join(',')
    warn(`refused the host name ${name}; if it is a name of this server, start it with INKLING_HOSTS=${setting}`)
  }

  return {
    admits,
    report,
    check(host = '') {
      if (host === last) return
      if (host.includes(',')) {
        throw new InputError(400, 'bad_host', 'more than one host is named, in Host or by the headers of a proxy')
      }
      if (!admits(host)) {
        report(host)
        throw new ForeignHostError(host, addableName(host), EXPECTED)
      }
      last = host
    },
  }
}

// The name that the setting would take; undefined where the text is malformed.
function addableName(host: string): string | undefined {
  const name = parseHost(host)?.name
  return name !== undefined && name.length <= LONGEST ? name : undefined
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
