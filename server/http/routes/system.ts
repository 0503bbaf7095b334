/** What the server runs on, whether it lives, and whether it is ready to answer. */

import { Hono } from 'hono'
import type { SystemResponse } from '../../../core/protocol.ts'
import type { Client, Deps } from '../dependencies.ts'

/** @param predictions how many were answered since the start */
export function systemRoutes({ recognizer, system }: Deps, predictions: () => number): Hono<{ Bindings: Client }> {
  return new Hono<{ Bindings: Client }>()
    .get('/api/v1/system', (c) => {
      const { name: backend, selfTest } = recognizer.backend
      const response: SystemResponse = {
        name: 'inkling',
        backend,
        selfTest,
        ...system(),
        predictions: predictions(),
      }
      return c.json(response)
    })
    .get('/livez', (c) => c.json({ status: 'alive' }))
    .get('/readyz', (c) => {
      void recognizer.defaultModel // throws 503 no_model when there is none
      return c.json({ status: 'ready' })
    })
}
