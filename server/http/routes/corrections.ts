/** /api/v1/corrections: what a drawing really was is taken, forgotten, listed and handed out. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import { preprocess } from '../../../core/preprocess.ts'
import type { CorrectionsResponse, CorrectionUse } from '../../../core/protocol.ts'
import { EXPORTS, type ExportName } from '../../corrections/export.ts'
import type { PendingPredictions } from '../../corrections/pending.ts'
import { pictureOf } from '../../corrections/picture.ts'
import { CORRECTION_LIMIT, type DecodedCorrection, readCorrection } from '../../corrections/request.ts'
import type { GivenCorrection, Repeat } from '../../corrections/store.ts'
import { USES } from '../../store/corrections.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { dataUrlBytes, readDataUrl } from '../drawing.ts'
import { demandJson, readBody } from '../limits/body.ts'
import { networkShares } from '../limits/network.ts'

const PATH = '/api/v1/corrections'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const [LISTED, MOST_LISTED] = [100, 500]

export function correctionRoutes(deps: Deps, work: Admission, asked: PendingPredictions): Hono<{ Bindings: Client }> {
  const { corrections, owner, learning, recognizer, inflate, defer } = deps

  // What was judged, and how it had been answered: by the prediction named, or by the model now.
  function correctionFrom(said: DecodedCorrection, address: string): Omit<GivenCorrection, 'address' | 'fromOwner'> {
    const { label } = said
    if ('predictionId' in said) {
      corrections.checkUnused(said.predictionId)
      const { form, body, ...prediction } = asked.find(said.predictionId, networkShares(address)[0].key)
      const { input, model, version, answer, confidence } = prediction
      const png = pictureOf(form, body, inflate)
      return { png, input, label, model, version, answer, confidence, prediction: said.predictionId }
    }
    const input = preprocess(readDataUrl(said.image, inflate))
    const { model, version, digit, confidence } = recognizer.recognize(input, said.model)
    return { png: dataUrlBytes(said.image), input, label, model, version, answer: digit, confidence }
  }

  return new Hono<{ Bindings: Client }>()
    .post(PATH, async (c) => {
      const { address } = c.env
      work.admit(address)
      const trusted = owner.owns(c.req.raw.headers, address)
      const key = readKey(c.req.header('idempotency-key'))
      demandJson(c.req.raw)
      const body = await readBody(c.req.raw, CORRECTION_LIMIT)
      const repeat: Repeat | undefined = key === undefined ? undefined : { key, body }
      // one piece: between finding a prediction unused and using it up nobody else has a turn
      const { created, response } = await work.enqueue(() => {
        const said = readCorrection(body)
        const known = repeat && corrections.repeated(address, repeat)
        if (known) return { created: false, response: known }
        const kept = corrections.keep({ ...correctionFrom(said, address), address, fromOwner: trusted }, repeat)
        if ('predictionId' in said) asked.use(said.predictionId)
        if (kept.created) learning.notice()
        return kept
      })
      return c.json(response, created ? 201 : 200)
    })
    .delete(`${PATH}/:id`, async (c) => {
      const { address } = c.env
      work.admit(address)
      const trusted = owner.owns(c.req.raw.headers, address)
      const id = c.req.param('id')
      if (!UUID.test(id)) throw new InputError(404, 'unknown_correction', 'that is no id of a correction')
      const forgotten = await work.enqueue(() => corrections.forget(id, address, trusted))
      if (forgotten) learning.notice()
      return c.body(null, 204)
    })
    .get(PATH, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      const limit = readLimit(c.req.query('limit'))
      const [before, use] = [c.req.query('before'), readUse(c.req.query('use'))]
      const items = await work.enqueue(() => corrections.list({ limit, before, use }))
      return c.json({ corrections: items } satisfies CorrectionsResponse)
    })
    .get(`${PATH}/export`, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      const format = readFormat(c.req.query('format'))
      const { type, filename } = EXPORTS[format]
      const pieces = corrections.export(format, () => new Promise(defer))
      const first = await pieces.next() // what fails at once is answered as such
      c.header('Content-Disposition', `attachment; filename="${filename}"`)
      return c.body(streamOf(first, pieces), 200, { 'Content-Type': type })
    })
}

// Asked for piece by piece, so that a slow reader holds up nothing but itself.
function streamOf(first: IteratorResult<Uint8Array, void>, pieces: AsyncGenerator<Uint8Array, void>): ReadableStream {
  let next: IteratorResult<Uint8Array, void> | undefined = first
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = next ?? (await pieces.next())
      next = undefined
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await pieces.return()
    },
  })
}

function readKey(text: string | undefined): string | undefined {
  if (text === undefined || /^[\x21-\x7e]{1,255}$/.test(text)) return text
  throw new InputError(422, 'bad_idempotency_key', 'Idempotency-Key must be 1 to 255 visible ASCII characters')
}

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? LISTED : Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_LISTED && /^\d+$/.test(text ?? '1')) return limit
  throw new InputError(422, 'bad_limit', `limit must be a whole number from 1 to ${MOST_LISTED}`)
}

function readUse(text: string | undefined): CorrectionUse | undefined {
  const use = USES.find((one) => one === text)
  if (text === undefined || use) return use
  throw new InputError(422, 'bad_use', `use must be one of ${USES.join(', ')}`)
}

function readFormat(text: string | undefined): ExportName {
  const format = (Object.keys(EXPORTS) as ExportName[]).find((one) => one === (text ?? 'csv'))
  if (format) return format
  throw new InputError(422, 'bad_format', `format must be one of ${Object.keys(EXPORTS).join(', ')}`)
}
