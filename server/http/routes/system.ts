/** What the server runs on, whether it is alive, and whether it is ready to answer. */

import { Hono } from 'hono'
import type { SystemResponse } from '../../../core/protocol.ts'
import { answerJson } from '../answer.ts'
import type { Client, Deps } from '../dependencies.ts'
import { isLoopback } from '../visitors/hosts.ts'

/** @param predictions gives the number of predictions answered since the start */
export function systemRoutes(
  { recognizer, system, addresses }: Deps,
  predictions: () => number,
): Hono<{ Bindings: Client }> {
  return new Hono<{ Bindings: Client }>()
    .get('/api/v1/system', async (c) => {
      const { name: backend, selfTest } = recognizer.backend
      const response: SystemResponse = {
        name: 'inkling',
        backend,
        selfTest,
        ...system(),
        predictions: predictions(),
        // others have reached it already, and behind a proxy need not know this network
        addresses: isLocal(c.env, c.req.header('host')) ? await addresses() : [],
      }
      return answerJson(response)
    })
    .get('/livez', () => answerJson({ status: 'alive' }))
    .get('/readyz', () => {
      void recognizer.defaultModel // throws 503 no_model where there is none
      return answerJson({ status: 'ready' })
    })
}

// Whether this machine asks, by a name that no other device could use, and through no proxy.
function isLocal({ address, forwarded }: Client, host = ''): boolean {
  return !forwarded && isLoopback(address) && isLoopback(host.replace(/:\d+$/, ''))
}
