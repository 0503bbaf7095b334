/**
 * What models say of a drawing in a body, with the time it took: read and answered on the pool's threads where there are any, else in
 * pieces on this one.
 */

import { InputError } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import type { ModelAnswer, Timing } from '../../core/protocol.ts'
import { prepareDrawing, type Recognition, type Recognizer, type StartedRecognition } from '../../core/recognizer.ts'
import type { Keepsake } from '../corrections/keepsake.ts'
import type { DrawingReply, Pool } from '../pool/contract.ts'
import type { Said } from '../pool/messages.ts'
import { decodeDrawing, pictureReader } from './bodies/decoding.ts'
import { readDrawing } from './bodies/drawing.ts'
import type { Admission, Deps } from './dependencies.ts'
import { type Body, mediaType } from './limits/body.ts'
import type { Enqueue } from './limits/lane.ts'
import { eitherSteps, type Steps } from './limits/pieces.ts'
import { BusyError } from './problem.ts'
import { sampleAway, sampleInTurns } from './sampling.ts'
import { sentMilliseconds, timing } from './timing.ts'

/**
 * A JSON body of at most so many bytes is strokes or pixels, which take less than half a millisecond with the model: this thread takes
 * its share of them where all workers are busy, and does one that comes alone at once, sooner than another thread would have begun.
 */
const QUICK = 4096

/** A request whose body was read. */
export interface Received {
  readonly address: string
  readonly contentType: string | undefined
  readonly body: Body
  readonly at: number // ms
  readonly clientLeft: () => boolean
}

/** An answer, and what a correction of it needs. */
interface Answered<Answer> {
  readonly input: Uint8Array // [784]
  readonly keepsake: Keepsake
  readonly answer: Answer
  readonly timing: Timing
}

export interface Predictions {
  byOneModel(received: Received, model?: string, samples?: number): Promise<Answered<Recognition>>
  /** The models after one another, so that others get their turn in between. */
  byEveryModel(received: Received): Promise<Answered<{ readonly answers: ModelAnswer[] }>>
}

/** A drawing that was read. */
interface Read {
  readonly input: Uint8Array
  readonly keepsake: Keepsake
  readonly decode: number // ms
  readonly preprocess: number // ms
}

export function createPredictions(deps: Deps, admission: Admission): Predictions {
  const { recognizer, pool, now } = deps

  const decode = ({ address, contentType, body }: Received) =>
    decodeDrawing(readDrawing(contentType, body.bytes, pictureReader(deps, admission, address)), body.release, now)

  /** Reads a drawing on another thread, which asks those of the models that it has. */
  const readAway = (pool: Pool, { address, contentType, body }: Received, cards: () => readonly Card[]) =>
    pool.read({
      contentType,
      body: body.bytes,
      cards,
      charge: (tokens) => admission.admit(address, tokens),
    })

  // Which model is to answer is known when it begins to; why there is none is said after the drawing was found to be one.
  function chosen(model: string | undefined): Card[] {
    try {
      return [recognizer.choose(model)]
    } catch {
      return []
    }
  }

  async function oneHere(received: Received, model?: string, samples?: number): Promise<Read & StartedRecognition> {
    const { address, clientLeft } = received
    return admission.inPieces(address, workHere(received, model, samples), clientLeft)
  }

  function* workHere(received: Received, model?: string, samples?: number) {
    const { raster, keepsake, decode: took } = yield* decode(received)
    return { ...recognizer.recognizeDrawing(() => raster, { model, samples, now }), decode: took, keepsake }
  }

  async function oneAway(
    pool: Pool,
    received: Received,
    model?: string,
    samples?: number,
  ): Promise<Read & StartedRecognition> {
    const { address, body, contentType, clientLeft } = received
    const away = readAway(pool, received, () => (samples === undefined ? chosen(model) : []))
    const isQuick = samples === undefined && body.bytes.length <= QUICK && mediaType(contentType) === 'application/json'
    type Either = Steps<Awaited<ReturnType<typeof oneHere>> | DrawingReply>
    const steps: Either = isQuick ? eitherSteps(away, () => workHere(received, model)) : away
    const read = await admission.inPieces(address, steps, clientLeft)
    body.release()
    return 'sampling' in read ? read : finish(read)

    async function finish(read: DrawingReply): Promise<Read & StartedRecognition> {
      for (const [card, { scores, infer }] of read.said) {
        const answer = recognizer.answer(card, scores)
        return { ...read, infer, sampling: { left: () => 0, go() {}, result: () => answer } }
      }
      const { input } = read
      if (samples === undefined) {
        return { ...read, ...(await admission.enqueue(address, () => recognizer.start(input, { model, now }))) }
      }
      const card = recognizer.choose(model)
      const passes = recognizer.gather(card, samples)
      const more = (first: number, count: number) => pool.sample(card, input, first, count)
      const took = await sampleAway(passes, more, admission, address, clientLeft)
      if (took === undefined) {
        return {
          ...read,
          ...(await admission.enqueue(address, () => recognizer.start(input, { model, samples, now }))),
        }
      }
      return { ...read, infer: took, sampling: { left: () => 0, go() {}, result: passes.result } }
    }
  }

  async function readForAll(received: Received): Promise<Read & { readonly said?: ReadonlyMap<Card, Said> }> {
    const { address, body, clientLeft } = received
    if (pool?.ready(true)) {
      const read = await admission.inPieces(
        address,
        readAway(pool, received, () => recognizer.cards()),
        clientLeft,
      )
      body.release()
      return read
    }
    function* work() {
      const { raster, keepsake, decode: took } = yield* decode(received)
      return { ...prepareDrawing(() => raster, now), decode: took, keepsake }
    }
    return admission.inPieces(address, work(), clientLeft)
  }

  /** The answer of one of all models, or why it cannot be used. `said` is what it said on another thread. */
  async function answerOf(turn: Enqueue, card: Card, input: Uint8Array, said?: Said): Promise<ModelAnswer> {
    try {
      const { recognition, infer } = said
        ? { recognition: recognizer.answer(card, said.scores), infer: said.infer }
        : await turn(() => {
            const { sampling, infer } = recognizer.start(input, { model: card.id, now })
            return { recognition: sampling.result(), infer }
          })
      const { model, version, digit, confidence, verdict, other, probabilities } = recognition
      return { model, version, digit, confidence, verdict, other, probabilities, time: sentMilliseconds(infer) }
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof BusyError) throw error
      return { model: card.id, problem: problemOf(recognizer, card.id) ?? error.message }
    }
  }

  return {
    async byOneModel(received, model, samples) {
      const { address, at, clientLeft } = received
      const started = await (pool?.ready(samples !== undefined || admission.enqueue.isBusy())
        ? oneAway(pool, received, model, samples)
        : oneHere(received, model, samples))
      const { input, keepsake, infer } = started
      const { recognition, took } = await sampleInTurns(started.sampling, admission, address, clientLeft, now)
      return { input, keepsake, answer: recognition, timing: timing(started, infer + took, now() - at) }
    },

    async byEveryModel(received) {
      const { address, clientLeft, at } = received
      const prepared = await readForAll(received)
      const { input, keepsake, said } = prepared
      const broken = recognizer.broken().map(({ id, problem }): ModelAnswer => ({ model: id, problem }))
      const answers: ModelAnswer[] = []
      await admission.slowly(address, async (turn) => {
        for (const card of recognizer.cards()) {
          if (clientLeft()) return // nobody waits for the rest
          answers.push(await answerOf(turn, card, input, said?.get(card)))
        }
      })
      const infer = answers.reduce((sum, answer) => sum + ('time' in answer ? answer.time : 0), 0)
      const times = timing(prepared, infer, now() - at)
      return { input, keepsake, answer: { answers: [...answers, ...broken] }, timing: times }
    },
  }
}

function problemOf(recognizer: Recognizer, id: string): string | undefined {
  return recognizer.broken().find((one) => one.id === id)?.problem
}
