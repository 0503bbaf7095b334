/** What the server runs on, whether it is alive, and whether it is ready to answer. */

import { Hono } from 'hono'
import type { SystemResponse } from '../../../core/protocol.ts'
import { answerJson } from '../answer.ts'
import type { Client, Deps } from '../dependencies.ts'

/** @param predictions gives the number of predictions answered since the start */
export function systemRoutes({ recognizer, system }: Deps, predictions: () => number): Hono<{ Bindings: Client }> {
  return new Hono<{ Bindings: Client }>()
    .get('/api/v1/system', () => {
      const { name: backend, selfTest } = recognizer.backend
      const response: SystemResponse = {
        name: 'inkling',
        backend,
        selfTest,
        ...system(),
        predictions: predictions(),
      }
      return answerJson(response)
    })
    .get('/livez', () => answerJson({ status: 'alive' }))
    .get('/readyz', () => {
      void recognizer.defaultModel // throws 503 no_model where there is none
      return answerJson({ status: 'ready' })
    })
}
