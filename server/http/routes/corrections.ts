/** /api/v1/corrections: stores, deletes, lists and exports corrections. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import type { CorrectionsResponse, CorrectionUse } from '../../../core/protocol.ts'
import { EXPORTS, type ExportName } from '../../corrections/export.ts'
import type { PendingPredictions } from '../../corrections/pending.ts'
import { CORRECTION_LIMIT, type DecodedCorrection, readCorrection, UUID } from '../../corrections/request.ts'
import type { GivenCorrection, Repeat } from '../../corrections/store.ts'
import { USES } from '../../store/corrections.ts'
import { answer, answerJson, answerNothing } from '../answer.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { attachment } from '../downloads.ts'
import { dataUrlBytes, readDataUrl } from '../drawing.ts'
import { demandJson, readBody } from '../limits/body.ts'
import { networkShares } from '../limits/network.ts'

const PATH = '/api/v1/corrections'
const [LISTED, MOST_LISTED] = [100, 500]

type PictureMaker = typeof import('../../corrections/picture.ts')

export function correctionRoutes(
  { corrections, owner, learning, recognizer, inflate, defer }: Deps,
  admission: Admission,
  pending: PendingPredictions,
): Hono<{ Bindings: Client }> {
  // The drawing and its answer: those of the pending prediction that is named, or of a prediction that is made now.
  function correctionFrom(
    fields: DecodedCorrection,
    address: string,
    { pictureOf }: PictureMaker,
  ): Omit<GivenCorrection, 'address' | 'fromOwner'> {
    const { label } = fields
    if ('predictionId' in fields) {
      corrections.checkUnused(fields.predictionId)
      const { form, body, ...prediction } = pending.find(fields.predictionId, networkShares(address)[0].key)
      const { input, model, version, answer, confidence } = prediction
      const png = pictureOf(form, body, inflate)
      return { png, input, label, model, version, answer, confidence, prediction: fields.predictionId }
    }
    const read = () => readDataUrl(fields.image, inflate)
    const { input, sampling } = recognizer.recognizeDrawing(read, { model: fields.model })
    const { model, version, digit, confidence } = sampling.result()
    return { png: dataUrlBytes(fields.image), input, label, model, version, answer: digit, confidence }
  }

  return new Hono<{ Bindings: Client }>()
    .post(PATH, async (c) => {
      const { address } = c.env
      admission.admit(address)
      const fromOwner = owner.owns(c.req.raw.headers, address)
      const key = readKey(c.req.header('idempotency-key'))
      demandJson(c.req.raw)
      const body = await readBody(c.req.raw, CORRECTION_LIMIT)
      const maker = await import('../../corrections/picture.ts') // its encoder is large, and not every start needs it
      const repeat: Repeat | undefined = key === undefined ? undefined : { key, body }
      // one piece of work, so that no other request can use the prediction between the check and its use
      const { created, response } = await admission.enqueue(address, () => {
        const fields = readCorrection(body)
        const earlier = repeat && corrections.repeated(address, repeat)
        if (earlier) return { created: false, response: earlier }
        const result = corrections.keep({ ...correctionFrom(fields, address, maker), address, fromOwner }, repeat)
        if ('predictionId' in fields) pending.use(fields.predictionId)
        if (result.created) learning.notice()
        return result
      })
      return answerJson(response, created ? 201 : 200)
    })
    .delete(`${PATH}/:id`, async (c) => {
      const { address } = c.env
      admission.admit(address)
      const fromOwner = owner.owns(c.req.raw.headers, address)
      const id = c.req.param('id')
      if (!UUID.test(id)) throw new InputError(404, 'unknown_correction', 'that is no id of a correction')
      const forgotten = await admission.enqueue(address, () => corrections.forget(id, address, fromOwner))
      if (forgotten) learning.notice()
      return answerNothing()
    })
    .get(PATH, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      const limit = readLimit(c.req.query('limit'))
      const [before, use] = [c.req.query('before'), readUse(c.req.query('use'))]
      const items = await admission.enqueue(c.env.address, () => corrections.list({ limit, before, use }))
      return answerJson({ corrections: items } satisfies CorrectionsResponse)
    })
    .get(`${PATH}/export`, async (c) => {
      owner.demand(c.req.raw.headers, c.env.address)
      const format = readFormat(c.req.query('format'))
      const { type, filename } = EXPORTS[format]
      const pieces = corrections.export(format, () => new Promise(defer))
      const first = await pieces.next() // where this fails, the answer is the failure
      return answer(streamOf(first, pieces), { 'Content-Type': type, ...attachment(filename) })
    })
}

// Pieces are made when the reader is ready for them, so that a slow reader delays nothing else.
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
