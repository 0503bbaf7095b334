/** /api/v1/training: the state of learning, and the owner's start and stop. Its events are in `training-events.ts`. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import type { TrainingResponse } from '../../../core/protocol.ts'
import { answerJson, answerNothing } from '../answer.ts'
import { decodeText, parseObject } from '../bodies/json.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { demandJson, readBody } from '../limits/body.ts'

const PATH = '/api/v1/training'

/** Largest body of a request of the owner, bytes. */
const LIMIT = 4096

export function trainingRoutes({ learning, owner }: Deps, admission: Admission): Hono<{ Bindings: Client }> {
  return new Hono<{ Bindings: Client }>()
    .get(PATH, () => answerJson(learning.state() satisfies TrainingResponse))
    .post(PATH, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      const { model } = await readFields(c.req.raw, ['model'])
      if (model !== undefined && typeof model !== 'string') {
        throw new InputError(422, 'bad_model', 'model must be the id of a model')
      }
      await learning.start(model)
      return answerJson(learning.state() satisfies TrainingResponse, 202)
    })
    .delete(PATH, (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      admission.admit(c.env.address)
      learning.stop()
      return answerNothing()
    })
}

/**
 * The fields of a JSON object, none where the body is empty.
 * @throws InputError 400 bad_json, 413 body_too_large, 415 bad_content_type, 422 bad_field
 */
export async function readFields(request: Request, allowed: readonly string[]): Promise<Record<string, unknown>> {
  const body = await readBody(request, LIMIT)
  if (body.length === 0) return {}
  demandJson(request)
  const noObject = () => new InputError(422, 'bad_field', 'the body must be an object')
  const fields = parseObject(decodeText(body), noObject)
  if (Object.keys(fields).some((name) => !allowed.includes(name))) {
    const fields = allowed.length > 0 ? `the only fields are ${allowed.join(', ')}` : 'there are no fields'
    throw new InputError(422, 'bad_field', fields)
  }
  return fields
}
