/** Waits until a server that was started as a service answers, and says where it is. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { reachableUrls } from '../../http/addresses.ts'
import { hostOf } from '../../http/limits/hosts.ts'

/** An old phone starts the server in some 5 s, and in far more when it is busy, ms. */
const PATIENCE = 60_000

/** For one answer, ms: what has the port may be another program, which never answers. */
const ANSWER_PATIENCE = 5000

/**
 * A sentence: where the server answers, or that it does not.
 * @param runs whether its process is there still
 */
export async function awaitAnswer(
  { port, host }: Pick<Config, 'port' | 'host'>,
  runs: () => Promise<boolean>,
): Promise<string> {
  if (port === 0) return 'The log tells its port.'
  const named = !['', '::', '0.0.0.0'].includes(host)
  const url = `http://${named ? hostOf(host) : '127.0.0.1'}:${port}`
  const end = performance.now() + PATIENCE
  do {
    const answered = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(ANSWER_PATIENCE) }).then(
      ({ status }) => status === 200,
      () => false,
    )
    if (answered) {
      const urls = named ? [url] : await reachableUrls({ port, family: 'IPv6', address: '::' })
      return `It answers: ${urls.join(' ')}`
    }
    await sleep(500)
  } while (performance.now() < end && (await runs()))
  return `It does not answer at ${url}: the log says why.`
}
