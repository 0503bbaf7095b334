/**
 * A server in use for long: predictions of all models and kinds, lists, downloads, exports, corrections and the rounds that follow
 * from them, from several visitors at once; and how much memory it takes meanwhile.
 */

import { memory } from '../server/process-usage.ts'
import { correctionOf, sleep, trainingOf } from './connection.ts'
import { largeDrawing, STROKES, smallDrawing } from './drawings.ts'
import { newFolder, startSubject } from './server-under-test.ts'

/** Memory at one moment. */
export interface SoakSample {
  readonly requests: number // answered by then
  readonly rounds: number // of learning that ended by then
  readonly resident: number // bytes
}

export interface SoakFigures {
  readonly requests: number
  readonly rounds: number
  readonly failed: number // answers that are neither of success nor 503 with Retry-After
  readonly samples: readonly SoakSample[]
}

export interface SoakOptions {
  readonly requests: number
  /** Requests between two corrections. */
  readonly corrections: number
  /** Requests between two samples. */
  readonly sample: number
  /** Models that are corrected, the first most; all unless given. */
  readonly teach?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly onSample?: (sample: SoakSample) => void
}

/** Models that are asked. */
const MODELS = ['cnn', 'cnn-small', 'knn', 'mlp-300-100', 'softmax', 'boosted']

const VISITORS = 8
const PICTURES = 40

/** A visit: what is sent, by the number of the request. */
interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Uint8Array | object
  readonly fromOwner?: boolean
}

export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const { requests, corrections, sample, teach = MODELS, env = {}, onSample } = options
  const subject = startSubject(newFolder('soak'), env)
  await subject.ready
  const pictures = Array.from({ length: PICTURES }, (_, k) => largeDrawing(k).png)
  const taught: string[] = [] // ids
  const samples: SoakSample[] = []
  const counts = { begun: 0, corrected: 0, failed: 0 }
  const watcher = subject.connect()
  const owner = subject.owner()

  const measure = async (): Promise<void> => {
    const { rounds } = await again(() => trainingOf(watcher))
    const one = { requests: counts.begun, rounds: rounds[0]?.round ?? 0, resident: memory(subject.pid).now }
    samples.push(one)
    onSample?.(one)
  }

  function request(i: number): Sent {
    if (i % corrections === corrections - 1) {
      const { png, label } = smallDrawing(i)
      const model = teach[counts.corrected++ % 4 === 0 ? counts.corrected % teach.length : 0]
      return { method: 'POST', path: '/api/v1/corrections', body: correctionOf(png, label, model) }
    }
    const strokes = STROKES[i % STROKES.length]
    const picture = pictures[i % PICTURES]
    if (i % 50 === 7) return { method: 'GET', path: '/api/v1/models' }
    if (i % 50 === 9) return { method: 'GET', path: '/api/v1/training' }
    if (i % 200 === 11) return { method: 'POST', path: '/api/v1/predict?model=all', body: strokes }
    if (i % 200 === 13) return { method: 'GET', path: '/api/v1/models/cnn/weights' }
    if (i % 1000 === 21) return { method: 'GET', path: '/api/v1/models/cnn/weights?format=csv' }
    if (i % 2000 === 25) return { method: 'GET', path: '/api/v1/corrections/export?format=png', fromOwner: true }
    if (i % 500 === 29) return { method: 'POST', path: '/api/v1/read', body: picture }
    if (i % 1500 === 35 && taught.length > 3) {
      return { method: 'DELETE', path: `/api/v1/corrections/${taught.shift()}`, fromOwner: true }
    }
    if (i % 10 === 3) {
      const model = MODELS[Math.floor(i / 10) % MODELS.length]
      return { method: 'POST', path: `/api/v1/predict?model=${model}`, body: strokes }
    }
    return { method: 'POST', path: '/api/v1/predict', body: i % 3 === 0 ? picture : strokes }
  }

  async function visit(k: number): Promise<void> {
    const on = subject.connect(`127.0.5.${k + 1}`)
    while (counts.begun < requests) {
      const i = counts.begun++
      if (i % sample === 0) await measure()
      const { method, path, body, fromOwner = false } = request(i)
      const answer = await again(() => (fromOwner ? owner : on).send(method, path, body))
      const refused = answer.status === 503 && Number(answer.headers['retry-after']) > 0
      if (answer.status >= 300 && !refused) counts.failed++
      if (path === '/api/v1/corrections' && answer.status < 300) taught.push(JSON.parse(String(answer.body)).id)
    }
  }

  await Promise.all(Array.from({ length: VISITORS }, (_, k) => visit(k)))
  await sleep(500)
  await measure()
  const code = await subject.end('SIGTERM')
  if (code !== 0) throw new Error(`the server left with ${code}: ${subject.output()}`)
  return { requests, rounds: samples[samples.length - 1].rounds, failed: counts.failed, samples }
}

// A connection that waits for 5 s is closed, perhaps just as the next request is sent.
function again<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return ask().catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') return ask()
    throw error
  })
}

/** Median of what is resident over a third of the requests, bytes. */
export function residentIn(samples: readonly SoakSample[], third: 0 | 1 | 2): number {
  const { requests } = samples[samples.length - 1]
  const [from, to] = [(third * requests) / 3, ((third + 1) * requests) / 3]
  const within = samples.filter((one) => one.requests >= from && one.requests <= to).map((one) => one.resident)
  return within.sort((a, b) => a - b)[within.length >> 1]
}

/** How memory grew after the warm-up, the first third: the last third as a share of the second, 0 for not at all. */
export function growthOf(samples: readonly SoakSample[]): number {
  return residentIn(samples, 2) / residentIn(samples, 1) - 1
}
