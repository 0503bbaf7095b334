/** POST /api/v1/read: a drawing in, a number out, digit by digit. */

import { Hono } from 'hono'
import { release } from '../../../core/data/release.ts'
import { InputError } from '../../../core/errors.ts'
import { sureOf } from '../../../core/models/verdict.ts'
import { linesOf, readLines } from '../../../core/numbers/read.ts'
import { type DigitResponse, type ReadResponse, textOf, verdictOn } from '../../../core/numbers/response.ts'
import type { Recognition } from '../../../core/recognizer.ts'
import { keepsakeOfDigit } from '../../corrections/keepsake.ts'
import type { PendingPredictions } from '../../corrections/pending.ts'
import { answerJson } from '../answer.ts'
import { decodeDrawing, pictureReader } from '../bodies/decoding.ts'
import { BODY_LIMIT, readDrawing } from '../bodies/drawing.ts'
import type { Admission, Client, Deps } from '../dependencies.ts'
import type { Body } from '../limits/body.ts'
import { networkShares } from '../limits/network.ts'
import { timing } from '../timing.ts'

/** Questions to a model that the rate limit counts as one prediction: the drawing of all of them was decoded once. */
const QUESTIONS_PER_TOKEN = 32

/** A request whose body was read. */
interface Received {
  readonly address: string
  readonly contentType: string | undefined
  readonly body: Body
  readonly model: string | undefined
  readonly clientLeft: () => boolean
}

export function readRoutes(deps: Deps, admission: Admission, pending: PendingPredictions): Hono<{ Bindings: Client }> {
  const { recognizer, now } = deps

  /** Decodes the drawing and divides it into pieces. */
  async function divide({ address, contentType, body, model, clientLeft }: Received) {
    function* work() {
      const read = readDrawing(contentType, body.bytes, pictureReader(deps, admission, address))
      const { raster, strokes, keepsake, decode } = yield* decodeDrawing(read, body.release, now)
      const sure = sureOf(recognizer.load(model)) // where there is none, that is said first
      const started = now()
      try {
        const lines = linesOf(strokes ? { strokes } : { raster })
        return { lines, sure, keepsake, decode, took: now() - started }
      } finally {
        release(raster.data)
      }
    }
    return await admission.inPieces(address, work(), clientLeft)
  }

  /** Asks the model about the pieces, a few at a time. */
  async function recognise(lines: ReturnType<typeof linesOf>, sure: number, { address, model, clientLeft }: Received) {
    let [questions, infer, took] = [0, 0, 0]
    const reading = readLines(
      lines,
      (input): Recognition => {
        if (++questions % QUESTIONS_PER_TOKEN === 0) admission.admit(address)
        const { sampling, infer: one } = recognizer.start(input, { model, now })
        infer += one
        return sampling.result()
      },
      sure,
    )
    const step = () => {
      const started = now()
      const result = reading.next()
      took += now() - started
      return result
    }
    const digits = await admission.slowly(address, async (turn) => {
      for (;;) {
        if (clientLeft()) throw new InputError(400, 'client_gone', 'the connection closed before the answer was there')
        const { done, value } = await turn(step)
        if (done) return value
      }
    })
    return { digits, infer, took }
  }

  return new Hono<{ Bindings: Client }>().post('/api/v1/read', async (c) => {
    const { address } = c.env
    admission.admit(address)
    admission.room(address)
    const body = await admission.read(address, c.req.raw, BODY_LIMIT)
    const at = now()
    const clientLeft = () => c.req.raw.signal.aborted
    const [contentType, model] = [c.req.header('content-type'), c.req.query('model')]
    const received = { address, contentType, body, model, clientLeft }
    const { lines, sure, keepsake, decode, took } = await divide(received).finally(body.release)
    const { digits, ...times } = await recognise(lines, sure, received)
    admission.answered()
    const [{ key: network }] = networkShares(address)
    const answers = digits.map((read): DigitResponse => {
      const { answer, input, line, box } = read
      const { model, version, samples: _, spread: __, ...rest } = answer
      const id = crypto.randomUUID()
      const own = digits.length === 1 ? keepsake : keepsakeOfDigit(read.drawing())
      pending.remember(id, {
        network,
        keepsake: own,
        input,
        model,
        version,
        answer: rest.digit,
        confidence: rest.confidence,
      })
      return { id, ...rest, line, box }
    })
    const [{ answer }] = digits
    const response: ReadResponse = {
      model: answer.model,
      version: answer.version,
      text: textOf(digits),
      verdict: verdictOn(digits),
      digits: answers,
      timing: timing({ decode, preprocess: took + times.took - times.infer }, times.infer, now() - at),
    }
    return answerJson(response)
  })
}
