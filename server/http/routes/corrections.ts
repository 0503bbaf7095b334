/** /api/v1/corrections: stores, deletes, lists and exports corrections. */

import { Hono } from 'hono'
import { InputError } from '../../../core/errors.ts'
import type { CorrectionsResponse, CorrectionUse } from '../../../core/protocol.ts'
import { EXPORTS, type ExportName } from '../../corrections/export.ts'
import type { PendingPrediction, PendingPredictions } from '../../corrections/pending.ts'
import { readCorrection, UUID, type WithImage } from '../../corrections/request.ts'
import type { KeepResult } from '../../corrections/store.ts'
import { USES } from '../../store/corrections.ts'
import { answer, answerJson, answerNothing } from '../answer.ts'
import { decodeDrawing, pictureReader } from '../bodies/decoding.ts'
import { BODY_LIMIT, readDataUrl } from '../bodies/drawing.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import { attachment } from '../downloads.ts'
import { demandJson } from '../limits/body.ts'
import { networkShares } from '../limits/network.ts'

const PATH = '/api/v1/corrections'
const [LISTED, MOST_LISTED] = [100, 500]

export function correctionRoutes(
  deps: Deps,
  admission: Admission,
  pending: PendingPredictions,
): Hono<{ Bindings: Client }> {
  const { corrections, owner, learning, recognizer, now } = deps
  type Prediction = Pick<PendingPrediction, 'keepsake' | 'input' | 'model' | 'version' | 'answer' | 'confidence'>

  /** The pending prediction that is named. */
  function findPending(id: string, address: string): Prediction {
    corrections.checkUnused(id)
    return pending.find(id, networkShares(address)[0].key)
  }

  /** A prediction for an image, made now. */
  function* predict({ image, model: named }: WithImage, address: string, release: () => void) {
    const read = readDataUrl(image, pictureReader(deps, admission, address))
    const { raster, keepsake } = yield* decodeDrawing(read, release, now)
    const { input, sampling } = recognizer.recognizeDrawing(() => raster, { model: named })
    const { model, version, digit, confidence } = sampling.result()
    return { keepsake, input, model, version, answer: digit, confidence }
  }

  return new Hono<{ Bindings: Client }>()
    .post(PATH, async (c) => {
      const { address } = c.env
      admission.admit(address)
      const fromOwner = owner.owns(c.req.raw.headers, address)
      const key = readKey(c.req.header('idempotency-key'))
      demandJson(c.req.raw)
      const { bytes, release } = await admission.read(address, c.req.raw, BODY_LIMIT)
      const { pictureOf } = await import('../../corrections/picture.ts') // its encoder is large, and not every start needs it
      function* work(): Generator<void, KeepResult> {
        const repeat = key === undefined ? undefined : corrections.repeatOf(key, bytes) // before the bytes are overwritten
        const fields = readCorrection(bytes)
        const made = 'image' in fields ? yield* predict(fields, address, release) : undefined
        // from here on in one piece, so that no other request can use the prediction between the check and its use
        const earlier = repeat && corrections.repeated(address, repeat)
        if (earlier) return { created: false, response: earlier }
        const prediction = 'predictionId' in fields ? fields.predictionId : undefined
        const found = made ?? findPending(prediction ?? '', address)
        const { input, model, version, answer, confidence } = found
        const png = pictureOf(found.keepsake)
        const { label } = fields
        const given = { address, fromOwner, png, input, label, model, version, answer, confidence }
        const result = corrections.keep({ ...given, ...(prediction && { prediction }) }, repeat)
        if (prediction) pending.use(prediction)
        if (result.created) learning.notice()
        return result
      }
      const clientLeft = () => c.req.raw.signal.aborted
      const { created, response } = await admission.inPieces(address, work(), clientLeft).finally(release)
      return answerJson(response, created ? 201 : 200)
    })
    .delete(`${PATH}/:id`, async (c) => {
      const { address } = c.env
      admission.admit(address)
      const fromOwner = owner.owns(c.req.raw.headers, address)
      const id = c.req.param('id')
      if (!UUID.test(id)) throw new InputError(404, 'unknown_correction', 'that is no id of a correction')
      await admission.enqueue(address, () => corrections.forget(id, address, fromOwner))
      await corrections.erased()
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
      const pieces = corrections.export(format, () => new Promise(deps.defer))
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
