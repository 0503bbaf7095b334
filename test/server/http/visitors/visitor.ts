/** Visitors of a reverse proxy with TLS: each at a loopback address of its own, as a visitor on the internet is at one. */

import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type Agent, request } from 'node:https'

/** The name by which they visit. */
export const NAME = 'digits.example.org'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Question {
  readonly path: string
  readonly method?: string // POST with a body, GET without, unless given
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** A 7, as strokes. */
export const DRAWING: Question = {
  path: '/api/v1/predict',
  headers: { 'Content-Type': 'application/json' },
  body: '{"strokes":[[[10,10],[60,10],[30,90]]]}',
}

/** Asks at a port of 127.0.0.1, from an address of 127.0.0.0/8, on a connection of its own unless `agent` has one. */
export function ask(port: number, from: string, question = DRAWING, agent: Agent | false = false): Promise<Reply> {
  const { body = '', path, method = body.length > 0 ? 'POST' : 'GET', headers } = question
  const where = { host: '127.0.0.1', port, localAddress: from, servername: NAME, rejectUnauthorized: false }
  const length = body.length > 0 ? { 'Content-Length': Buffer.byteLength(body) } : {}
  return new Promise((resolve, reject) => {
    const options = { ...where, path, method, agent, headers: { Host: NAME, ...length, ...headers } }
    const sent = request(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Asks until the quota of an address is used up; returns how many drawings were answered. */
export async function useUp(port: number, from: string): Promise<number> {
  for (let answered = 0; ; answered++) {
    const { status, text } = await ask(port, from)
    if (status === 429) return answered
    if (status !== 200) throw new Error(`${status} after ${answered} drawings: ${text}`)
  }
}

/** The stream of training events, as it comes. */
export interface Listener {
  /** Resolves once something matching has come; rejects where nothing does within a minute. */
  until(pattern: RegExp): Promise<void>
  close(): void
}

/** Listens to the events of training through a proxy. */
export async function listen(port: number): Promise<Listener> {
  const where = { host: '127.0.0.1', port, servername: NAME, rejectUnauthorized: false, agent: false }
  const sent = request({ ...where, path: '/api/v1/training/events', headers: { Host: NAME } }).end()
  const [stream] = (await once(sent, 'response')) as [IncomingMessage]
  let text = ''
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  return {
    async until(pattern) {
      const signal = AbortSignal.timeout(60_000)
      while (!pattern.test(text)) await once(stream, 'data', { signal })
    },
    close: () => sent.destroy(),
  }
}
