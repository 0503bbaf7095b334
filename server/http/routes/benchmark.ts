/** /api/v1/benchmark: how fast this machine is, by its own measurement, which the first request begins. */

import { Hono } from 'hono'
import type { BenchmarkResponse } from '../../../core/protocol.ts'
import { answerJson } from '../answer.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'

const PATH = '/api/v1/benchmark'

export function benchmarkRoutes({ benchmark, owner }: Deps, admission: Admission): Hono<{ Bindings: Client }> {
  // 202 as long as a later request will get more
  const status = ({ state }: BenchmarkResponse) => (state === 'measuring' || state === 'waiting' ? 202 : 200)

  return new Hono<{ Bindings: Client }>()
    .get(PATH, () => {
      const response = benchmark.state()
      return answerJson(response, status(response))
    })
    .post(PATH, (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      const response = benchmark.start()
      return answerJson(response, status(response))
    })
}
