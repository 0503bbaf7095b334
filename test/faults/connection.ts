/** One connection that stays open, with one request at a time, and calls of the API over it. */

import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type {
  CorrectionResponse,
  CorrectionSummary,
  CorrectionsResponse,
  Label,
  TrainingResponse,
  VersionsResponse,
} from '../../core/protocol.ts'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Connection {
  /** Rejects when the connection breaks before the answer is complete. */
  send(method: string, path: string, body?: Uint8Array | object, headers?: Record<string, string>): Promise<Reply>
  /** The answer's JSON. Rejects unless the status is one of success. */
  json<Body>(method: string, path: string, body?: object): Promise<Body>
  close(): void
}

const PATIENCE = 30_000 // ms

/** @param address of this machine to connect from; on Linux any of 127.0.0.0/8 */
export function connectTo(port: number, address = '127.0.0.1', always: Record<string, string> = {}): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send: Connection['send'] = (method, path, body, headers = {}) => {
    const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
    const type = body instanceof Uint8Array ? 'image/png' : 'application/json'
    return new Promise((resolve, reject) => {
      const options = {
        agent,
        method,
        path,
        port,
        host: '127.0.0.1',
        localAddress: address,
        timeout: PATIENCE,
        headers: { ...always, ...(bytes && { 'content-type': type, 'content-length': bytes.length }), ...headers },
      }
      const asked = request(options, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          if (!answer.complete) reject(new Error('the answer was cut short'))
          else resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) })
        })
        answer.on('error', reject)
      })
      asked.on('timeout', () => asked.destroy(new Error('no answer')))
      asked.on('error', reject)
      asked.end(bytes)
    })
  }
  return {
    send,
    async json<Body>(method: string, path: string, body?: object) {
      const reply = await send(method, path, body)
      if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.body}`)
      return JSON.parse(reply.body.toString('utf8')) as Body
    },
    close: () => agent.destroy(),
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Body of a correction that contains its drawing. */
export function correctionOf(png: Uint8Array, label: Label, model?: string) {
  const image = `data:image/png;base64,${Buffer.from(png).toString('base64')}`
  return { image, label, ...(model !== undefined && { model }) }
}

/** Sends a correction; rejects unless it is acknowledged. */
export function correct(on: Connection, png: Uint8Array, label: Label, model?: string): Promise<CorrectionResponse> {
  return on.json('POST', '/api/v1/corrections', correctionOf(png, label, model))
}

export const trainingOf = (on: Connection) => on.json<TrainingResponse>('GET', '/api/v1/training')

export const versionsOf = (on: Connection, model: string) =>
  on.json<VersionsResponse>('GET', `/api/v1/models/${model}/versions`)

/** All corrections, the oldest first, as the owner sees them. */
export async function listCorrections(owner: Connection): Promise<CorrectionSummary[]> {
  const all: CorrectionSummary[] = []
  for (;;) {
    const last = all[all.length - 1]
    const path = `/api/v1/corrections?limit=500${last ? `&before=${last.id}` : ''}`
    const { corrections } = await owner.json<CorrectionsResponse>('GET', path)
    all.push(...corrections)
    if (corrections.length < 500) return all.reverse()
  }
}

/**
 * Waits until no round runs and no correction waits.
 * @throws Error after `patience` ms, or when corrections still wait after the rounds have ended
 */
export async function untilIdle(on: Connection, patience = 120_000): Promise<TrainingResponse> {
  let idle = 0 // s
  for (let since = performance.now(); performance.now() - since < patience; await sleep(50)) {
    const training = await trainingOf(on)
    if (training.state === 'idle' && training.waiting === 0) return training
    idle = training.state === 'idle' ? idle + 0.05 : 0
    if (idle > 5 && training.rounds.length > 0) throw new Error(`no more rounds: ${training.rounds[0].reason}`)
  }
  throw new Error(`it still learns after ${patience} ms`)
}
