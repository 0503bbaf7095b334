/** Waits until a server that was started as a service answers, and says where it is. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { reachableUrls } from '../../http/addresses.ts'
import { hostOf } from '../../http/visitors/hosts.ts'

/** An old phone starts the server in some 5 s, and in far more when it is busy, ms. */
const PATIENCE = 60_000

/** For one answer, ms: what has the port may be another program, which never answers. */
const ANSWER_PATIENCE = 5000

type Address = Pick<Config, 'port' | 'host' | 'basePath'>

/** Whether a server answers there. */
export async function isAnswered(address: Address): Promise<boolean> {
  if (address.port === 0) return false
  return fetch(`${urlOf(address)}/livez`, { signal: AbortSignal.timeout(ANSWER_PATIENCE) }).then(
    ({ status }) => status === 200,
    () => false,
  )
}

/**
 * A sentence: where the server answers, or that it does not.
 * @param runs whether its process is there still
 */
export async function awaitAnswer(address: Address, runs: () => Promise<boolean>): Promise<string> {
  const { port, host, basePath } = address
  if (port === 0) return 'The log tells its port.'
  const end = performance.now() + PATIENCE
  do {
    if (await isAnswered(address)) {
      const urls = isNamed(host)
        ? [urlOf(address) + basePath]
        : await reachableUrls({ port, family: 'IPv6', address: '::' }, basePath)
      return `It answers: ${urls.join(' ')}`
    }
    await sleep(500)
  } while (performance.now() < end && (await runs()))
  return `It does not answer at ${urlOf(address)}: the log says why.`
}

function urlOf({ port, host }: Address): string {
  return `http://${isNamed(host) ? hostOf(host) : '127.0.0.1'}:${port}`
}

// Otherwise all addresses of this machine reach the server.
function isNamed(host: string): boolean {
  return !['', '::', '0.0.0.0'].includes(host)
}
