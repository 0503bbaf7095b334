/** /api/v1/benchmark: how fast this machine is, by its own measurement. Asking begins it where it was never done. */

import { Hono } from 'hono'
import type { BenchmarkResponse } from '../../../core/protocol.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'

const PATH = '/api/v1/benchmark'

export function benchmarkRoutes({ benchmark, owner }: Deps, work: Admission): Hono<{ Bindings: Client }> {
  // 202 as long as there is more to come for who asks again
  const status = ({ state }: BenchmarkResponse) => (state === 'measuring' || state === 'waiting' ? 202 : 200)

  return new Hono<{ Bindings: Client }>()
    .get(PATH, (c) => {
      const response = benchmark.state()
      return c.json(response, status(response))
    })
    .post(PATH, (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      work.admit(c.env.address)
      const response = benchmark.start()
      return c.json(response, status(response))
    })
}
