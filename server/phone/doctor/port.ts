/** Who is at the server's port: nobody, Inkling itself, or another program. */

import { once } from 'node:events'
import { get } from 'node:http'
import { createServer } from 'node:net'
import type { SystemResponse, TrainingResponse } from '../../../core/protocol.ts'
import { listensEverywhere } from '../../http/addresses.ts'
import { type Finding, fault, ok } from './finding.ts'

/** For an answer of the server, ms: it answers while it learns, but an old phone needs a while. */
const PATIENCE = 2000

/** Longest answer that is read, characters. */
const MOST = 1_000_000

/** What answers at a port. */
export type Occupant =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'inkling'; readonly system: SystemResponse; readonly training?: TrainingResponse }
  | { readonly kind: 'other' }
  | { readonly kind: 'forbidden'; readonly code: string } // this user may not listen there

/** Asks the port; where nobody answers, listens there for a moment as the server would. @param host '' for all addresses */
export async function findOccupant(port: number, host: string): Promise<Occupant> {
  if (port === 0) return { kind: 'nobody' }
  const asked = listensEverywhere(host) ? '127.0.0.1' : host
  const system = await ask<SystemResponse>(asked, port, '/api/v1/system')
  if (system?.name === 'inkling') {
    const training = await ask<TrainingResponse>(asked, port, '/api/v1/training')
    return { kind: 'inkling', system, ...(training && { training }) }
  }
  const code = await tryListening(port, host)
  if (code === undefined) return { kind: 'nobody' }
  return code === 'EADDRINUSE' ? { kind: 'other' } : { kind: 'forbidden', code }
}

export function checkPort(port: number, host: string, occupant: Occupant): Finding {
  const name = 'port'
  const expected = 'a port that is free'
  switch (occupant.kind) {
    case 'nobody':
      return ok(name, port === 0 ? 'any free one' : `${port} is free`)
    case 'inkling':
      return ok(name, `${port} is served by Inkling ${occupant.system.version}, which has run for ${ago(occupant)}`)
    case 'other':
      return fault(
        'problem',
        name,
        `${port} is taken, and Inkling does not answer there`,
        expected,
        `inkling serve --port ${port + 1}`,
      )
    case 'forbidden': {
      const unknown = ['EADDRNOTAVAIL', 'ENOTFOUND'].includes(occupant.code)
      const found = unknown ? `${host} is no address of this machine` : `this user may not listen on port ${port}`
      const remedy = unknown ? 'inkling serve --host 0.0.0.0' : 'inkling serve --port 8000'
      return fault(
        'problem',
        name,
        `${found} (${occupant.code})`,
        unknown ? 'an address of this machine' : expected,
        remedy,
      )
    }
  }
}

/** Whether other devices can reach the server. @param addresses URLs for them */
export function checkNetwork(addresses: readonly string[], port: number, host: string): Finding {
  const name = 'network'
  if (port === 0) return ok(name, 'serve prints the addresses, with the port that it finds')
  if (addresses.length > 0) return ok(name, addresses.join(', '))
  if (!listensEverywhere(host)) return ok(name, `for this machine alone, by --host ${host}`)
  const expected = 'an address in the network; Android shows it in its settings of Wi-Fi'
  return fault('unknown', name, 'the system does not tell an address', expected, 'ifconfig')
}

function ago({ system }: { readonly system: SystemResponse }): string {
  const { uptime } = system // s
  if (uptime < 120) return `${Math.round(uptime)} s`
  return uptime < 7200 ? `${Math.round(uptime / 60)} min` : `${Math.round(uptime / 3600)} h`
}

/** The JSON that an address answers, of whatever shape; undefined where nothing or something else comes. Not `fetch`: it is slow to load. */
function ask<Answer>(host: string, port: number, path: string): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const nothing = () => resolve(undefined)
    const signal = AbortSignal.timeout(PATIENCE)
    get({ host, port, path, agent: false, signal }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        if (text.length > MOST) response.destroy()
      })
      response.on('error', nothing)
      response.on('close', nothing)
      response.on('end', () => {
        try {
          resolve(JSON.parse(text))
        } catch {
          nothing()
        }
      })
    }).on('error', nothing)
  })
}

// The code of the error; undefined where it worked.
async function tryListening(port: number, host: string): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen({ port, ...(host && { host }) })
    await once(server, 'listening')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  } finally {
    server.close(() => {})
  }
}
