/** POST /api/v1/predict: a drawing in, a digit out. */

import { Hono } from 'hono'
import { InputError } from '../../core/errors.ts'
import { preprocess } from '../../core/preprocess.ts'
import type { PredictResponse } from '../../core/protocol.ts'
import type { Client, Deps } from '../app.ts'
import { bodyForm, readDrawing } from '../drawing.ts'
import { isEmpty, readBody } from '../limits/body.ts'
import { createQueue, QUEUE } from '../limits/queue.ts'
import { createRateLimit } from '../limits/rate.ts'

/** @param answered is told of each prediction */
export function predictRoutes(deps: Deps, answered: () => void): Hono<{ Bindings: Client }> {
  const { recognizer, inflate, now } = deps
  const admit = createRateLimit(deps.ratePerMinute, now)
  const enqueue = createQueue(deps.ratePerMinute === Infinity ? Infinity : QUEUE, now, deps.defer)

  return new Hono<{ Bindings: Client }>().post('/api/v1/predict', async (c) => {
    admit(c.env.address)
    const form = bodyForm(c.req.header('content-type'))
    if (form === undefined) throw await unreadable(c.req.raw)
    const body = await readBody(c.req.raw, form.limit)
    const received = now()
    const response = await enqueue((): PredictResponse => {
      const started = now()
      const drawing = readDrawing(form, body, inflate)
      const decoded = now()
      const input = preprocess(drawing)
      const preprocessed = now()
      const recognition = recognizer.recognize(input, c.req.query('model'))
      const inferred = now()
      return {
        id: crypto.randomUUID(),
        ...recognition,
        ...(c.req.query('input') === '1' && { input: [...input] }),
        timing: {
          decode: milliseconds(decoded - started),
          preprocess: milliseconds(preprocessed - decoded),
          infer: milliseconds(inferred - preprocessed),
          total: milliseconds(inferred - received),
        },
      }
    })
    answered()
    return c.json(response)
  })
}

async function unreadable(request: Request): Promise<InputError> {
  return (await isEmpty(request))
    ? new InputError(400, 'empty_body', 'the body is empty, a PNG or JSON was expected')
    : new InputError(415, 'bad_content_type', 'the Content-Type must be image/png or application/json')
}

// to a microsecond: more digits than that are noise
function milliseconds(duration: number): number {
  return Math.round(duration * 1000) / 1000
}
