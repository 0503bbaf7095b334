/**
 * Variables that other programs set under the names of settings: HOST by shells and conda, PORT by Kubernetes and Docker. They
 * are not meant for this server, and must not keep it from starting.
 */

import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { quoted } from '../../core/errors.ts'
import { SETTINGS } from '../config.ts'
import { bareValue } from '../files/variables.ts'
import { isLoopback } from '../http/visitors/hosts.ts'

/** How long a name may take to resolve, ms: without a network that can last for many seconds. */
const PATIENCE = 500

/** Of Kubernetes for each service, `INKLING_PORT=tcp://10.0.0.1:8000` where one is called inkling; of Docker for linked containers. */
const SERVICE_PORT = /^(tcp|udp|sctp):\/\//

const ALONE =
  'HOST="localhost" is the name of this machine, and has it answer nobody else; INKLING_HOST=0.0.0.0 has it answer all'

/** Values by name, as text. */
export type Variables = Readonly<Record<string, string | undefined>>

/**
 * The environment without what other programs mean by the names of settings, and a sentence about each of these. Where a flag
 * or a variable that comes first decides, nothing is said.
 * @param flags as they are given to readConfig
 */
export async function ownVariables(
  flags: Variables,
  env: Variables,
): Promise<{ variables: Record<string, string | undefined>; notes: string[] }> {
  const variables = { ...env }
  const notes: string[] = []
  const value = (name: string): string => bareValue(variables[name] ?? '')

  for (const name of flags.port ? [] : SETTINGS.port.variables) {
    const port = value(name)
    if (SERVICE_PORT.test(port)) {
      notes.push(
        `${name}=${quoted(port)} is ignored: Kubernetes and Docker set it for a service of that name; --port sets the port to listen on`,
      )
      delete variables[name]
    } else if (port !== '') break
  }

  const host = flags.host || value('INKLING_HOST') ? '' : value('HOST')
  const reason = host && (await unusable(host))
  if (reason) {
    notes.push(`HOST=${quoted(host)} is ignored: ${reason}; INKLING_HOST or --host sets the address to listen on`)
    delete variables.HOST
  } else if (host.toLowerCase() === 'localhost' && hostname() === 'localhost') {
    notes.push(ALONE) // every Android has this name
  }
  return { variables, notes }
}

// Why nothing can listen at this HOST; undefined where it can. A name of this machine often resolves to 127.0.1.1, which no other
// machine reaches, and the shells that set it do not mean that.
async function unusable(host: string): Promise<string | undefined> {
  const address = SETTINGS.host.parse(host)
  if (address === undefined) return 'it is no address'
  if (isLoopback(address)) return undefined // whoever wants this machine alone is not to be open to all
  const own = hostname().toLowerCase()
  if ([own, own.split('.')[0]].includes(address.toLowerCase()))
    return "it is this machine's name, as shells set it, and no address"
  return canListen(address)
}

// Tries it: the system may not list its addresses, and a name must be resolved.
function canListen(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    const end = (reason?: string): void => {
      clearTimeout(timer)
      resolve(reason)
    }
    const timer = setTimeout(() => end(`it did not resolve to an address within ${PATIENCE / 1000} s`), PATIENCE)
    server.on('error', () => end('it is no address of this machine'))
    server.listen({ host, port: 0 }, () => server.close(() => end()))
  })
}
