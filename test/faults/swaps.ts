/**
 * Versions swapped back and forth while eight connections predict and download: every answer must have exactly the numbers of the
 * version that it names.
 */

import type { ModelAnswer, PredictAllResponse, PredictResponse } from '../../core/protocol.ts'
import { sha256 } from '../../server/files/sha256.ts'
import { type Connection, correct, sleep, untilIdle, versionsOf } from './connection.ts'
import { largeDrawing, STROKES, smallDrawing } from './drawings.ts'
import { newFolder, type Subject, startSubject } from './server-under-test.ts'

export interface SwapFigures {
  readonly swaps: number
  readonly seconds: number
  readonly failed: number // predictions, downloads and swaps with another status than 200
  readonly mixed: number // answers that differ from those of the version they name
  readonly answers: Readonly<Record<Kind, number>>
  readonly versions: readonly (readonly [version: number, answers: number])[] // of the model swapped
}

type Kind = 'PNG' | 'strokes' | 'samples' | 'all models' | 'weights'

interface Question {
  readonly kind: Kind
  readonly path: string
  readonly body?: Uint8Array | object
}

const CONNECTIONS = 8

/** Corrections after which there may be a second version. */
const LESSONS = 30

/** Passes of a prediction with samples: enough for several turns. */
const SAMPLES = 24

/**
 * @param model a model with dropout, for predictions with samples
 * @param weights folder of models, the shipped ones unless given
 */
export async function swapUnderLoad(swaps: number, model = 'cnn', weights = ''): Promise<SwapFigures> {
  const subject = startSubject(newFolder('swaps'), { INKLING_MODEL: model, INKLING_WEIGHTS: weights })
  await subject.ready
  const owner = subject.owner()
  await learnVersion(subject, owner, model)
  const asked = questions(model)
  const turn = (version: number) => owner.send('POST', `/api/v1/models/${model}/rollback`, { version })

  const expected = new Map<string, string>()
  for (const version of [1, 2]) {
    if ((await turn(version)).status !== 200) throw new Error(`version ${version} cannot be used`)
    for (const [number, question] of asked.entries()) {
      const reply = await owner.send(...requestOf(question))
      const [answered, values] = readAnswer(question.kind, reply.body, model, reply.headers.etag)
      if (question.kind !== 'weights' && answered !== version)
        throw new Error('another version answers than was chosen')
      expected.set(`${number} ${version}`, values)
    }
  }
  const alike = asked.findIndex((_, number) => expected.get(`${number} 1`) === expected.get(`${number} 2`))
  if (alike >= 0) throw new Error(`both versions answer question ${alike} alike: a mixture would not be seen`)

  const digests = (await versionsOf(owner, model)).versions.map((row) => [row.sha256, row.version] as const)
  const answers: Record<Kind, number> = { PNG: 0, strokes: 0, samples: 0, 'all models': 0, weights: 0 }
  const versions = new Map<number, number>()
  let [failed, mixed, done] = [0, 0, false]

  async function ask(on: Connection, first: number): Promise<void> {
    for (let k = first; !done; k++) {
      const number = k % asked.length
      const question = asked[number]
      try {
        const { status, body, headers } = await on.send(...requestOf(question))
        answers[question.kind]++
        if (status !== 200) {
          failed++
          continue
        }
        let [version, values] = readAnswer(question.kind, body, model, headers.etag)
        if (question.kind === 'weights') version = digests.find(([digest]) => digest === values)?.[1] ?? 0
        versions.set(version, (versions.get(version) ?? 0) + 1)
        if (expected.get(`${number} ${version}`) !== values) mixed++
      } catch {
        failed++
      }
    }
  }

  const began = performance.now()
  const load = Array.from({ length: CONNECTIONS }, (_, i) => ask(subject.connect(`127.0.2.${i + 1}`), 5 * i))
  for (let k = 0; k < swaps; k++) {
    if ((await turn(1 + (k % 2))).status !== 200) failed++
    await sleep(10 + ((k * 7) % 30))
  }
  done = true
  await Promise.all(load)
  const seconds = (performance.now() - began) / 1000
  await subject.end('SIGTERM')
  return { swaps, seconds, failed, mixed, answers, versions: [...versions].sort(([a], [b]) => a - b) }
}

/** Sends corrections until there is a second version: which round is passed depends on the model and the drawings. */
async function learnVersion(subject: Subject, owner: Connection, model: string): Promise<void> {
  const reasons: unknown[] = []
  for (let k = 0; k < 6 * LESSONS; k++) {
    const { png, label } = smallDrawing(k)
    const on = subject.connect(`127.0.3.${k}`)
    await correct(on, png, label, model)
    on.close()
    if (k % LESSONS < LESSONS - 1) continue
    const { rounds } = await untilIdle(owner)
    // these corrections may have led to several rounds: only versions 1 and 2 are swapped
    if ((await versionsOf(owner, model)).versions.length > 1) return
    reasons.push(rounds[0]?.reason)
  }
  throw new Error(`nothing was learned: ${reasons.join('; ')}`)
}

// Mostly single predictions; the numbers decide which connection asks what when.
function questions(model: string): Question[] {
  const predict = `/api/v1/predict?model=${model}`
  const all: Question[] = []
  for (let k = 0; k < 6; k++) {
    all.push({ kind: 'PNG', path: predict, body: largeDrawing(100 + k).png })
    all.push({ kind: 'strokes', path: '/api/v1/predict', body: STROKES[k] })
    if (k % 2 === 0)
      all.push({ kind: 'samples', path: `${predict}&samples=${SAMPLES}`, body: largeDrawing(200 + k).png })
    if (k % 3 === 0)
      all.push({ kind: 'all models', path: '/api/v1/predict?model=all', body: largeDrawing(300 + k).png })
    if (k % 3 === 1) all.push({ kind: 'weights', path: `/api/v1/models/${model}/weights` })
  }
  return all
}

const requestOf = ({ path, body }: Question) => [body ? 'POST' : 'GET', path, body] as const

/** Version and content of an answer, as one text; of weights the digest of the bytes, which must be that of the ETag. */
function readAnswer(kind: Kind, body: Buffer, model: string, etag = ''): [version: number, values: string] {
  if (kind === 'weights') {
    const digest = sha256(body)
    return [0, etag === `"${digest}"` ? digest : 'other bytes than ETag says']
  }
  const answer = JSON.parse(body.toString('utf8')) as PredictResponse | PredictAllResponse
  if (!('answers' in answer)) return [answer.version, JSON.stringify([answer.probabilities, answer.spread ?? []])]
  const said = (one: ModelAnswer) => ('problem' in one ? one.problem : one.probabilities)
  const mine = answer.answers.find((one) => one.model === model)
  if (!mine || 'problem' in mine) throw new Error(`${model} does not answer`)
  return [mine.version, JSON.stringify(answer.answers.map((one) => [one.model, said(one)]))]
}
