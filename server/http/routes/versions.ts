/** /api/v1/models/{m}/versions, /rollback and /resume: the versions of a model, the way back to an earlier one, and on from there. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import type { VersionsResponse } from '../../../core/protocol.ts'
import { answerJson } from '../answer.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { readFields } from './training.ts'

export function versionRoutes({ learning, owner }: Deps, admission: Admission): Hono<{ Bindings: Client }> {
  return new Hono<{ Bindings: Client }>()
    .get('/api/v1/models/:model/versions', (c) =>
      answerJson(learning.versions(c.req.param('model')) satisfies VersionsResponse),
    )
    .post('/api/v1/models/:model/rollback', async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      const { version } = await readFields(c.req.raw, ['version'])
      if (version !== undefined && !(Number.isSafeInteger(version) && Number(version) > 0)) {
        throw new InputError(422, 'bad_version', 'version must be a whole number from 1')
      }
      const model = c.req.param('model')
      const versions = await admission.enqueue(c.env.address, () =>
        learning.rollback(model, version as number | undefined),
      )
      return answerJson(versions satisfies VersionsResponse)
    })
    .post('/api/v1/models/:model/resume', async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      await readFields(c.req.raw, [])
      const model = c.req.param('model')
      const versions = await admission.enqueue(c.env.address, () => learning.resume(model))
      return answerJson(versions satisfies VersionsResponse)
    })
}
