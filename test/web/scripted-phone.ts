/**
 * A phone whose learning is scripted by the test: HTTP and events around the real application, whose model takes every digit
 * for the next one until it has learned. The test decides on corrections, rounds and versions.
 */

import { readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NetworkCard } from '../../core/models/card.ts'
import type {
  CorrectionRequest,
  CorrectionResponse,
  GateReport,
  RoundProgress,
  RoundReport,
  TrainingEvent,
  TrainingResponse,
  VersionSummary,
  VersionsResponse,
} from '../../core/protocol.ts'
import { SHIPPED_MODELS } from '../../server/files/program.ts'
import { readPage } from '../../server/http/page-files.ts'
import { saveModel } from '../../server/models/save.ts'
import { testApp } from '../server/http/application.ts'
import { testModels } from './models.ts'

export const TOKEN = 'the-owners-token-of-these-tests-43-characters'
export const MODEL = 'pupil'

const PAGE = fileURLToPath(new URL('../../build/web', import.meta.url))

/** A request the page made about learning. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string // with the query
  readonly key: string | undefined // Idempotency-Key
  readonly authorization: string | undefined
  readonly body: unknown
}

type Script = (
  request: RecordedRequest,
) => { status: number; code?: string; retryAfter?: number; cut?: boolean } | undefined

export interface ScriptedPhone {
  readonly url: string
  readonly requests: RecordedRequest[]
  /** Called before every request about learning: what to refuse, or with `cut` to do without answering. */
  script: Script
  /** Whether streams of events are accepted, refused with 503, or held back on the way until they end. */
  streams: boolean | 'held back'
  training: TrainingResponse
  /** How many streams are open. */
  listening(): number
  send(event: TrainingEvent): void
  /** Cuts all streams. */
  cut(): void
  /** Plays a round: start, steps, gate and end. A promoted round also serves the right weights. */
  round(verdict: RoundReport['verdict'], reason?: string, lessons?: RoundReport['lessons']): Promise<void>
  close(): Promise<void>
}

/** @param first id of the shipped model that answers first; one that is always wrong unless given */
export async function startScriptedPhone(port = 0, first = ''): Promise<ScriptedPhone> {
  const folder = testModels()
  let skipped = 0 // ms; the application looks for changed models once a second
  const wrong = modelIn(first ? join(SHIPPED_MODELS, first) : join(folder, 'contrary'))
  const right = modelIn(join(SHIPPED_MODELS, 'softmax'))
  put(1)
  for (const id of ['softmax', 'dropout', 'large', 'contrary', 'broken']) rmSync(join(folder, id), { recursive: true })
  const now = () => performance.now() + skipped
  const app = testApp({ page: readPage(PAGE), now }, folder)
  const listeners = new Set<ServerResponse>()
  const kept: CorrectionResponse[] = []
  const versions: VersionSummary[] = [{ version: 1, served: true, available: true, sha256: '', bytes: 31_000 }]
  let served = 1
  let events = 100
  let hold: VersionsResponse['hold']

  const phone: ScriptedPhone = {
    url: '',
    requests: [],
    script: () => undefined,
    streams: true,
    training: { state: 'idle', waiting: 0, corrections: 0, models: [MODEL], rounds: [] },
    listening: () => listeners.size,
    send({ type, ...data }) {
      const frame = `id: ${++events}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
      for (const response of listeners) response.write(frame)
    },
    cut() {
      for (const response of listeners) response.destroy()
    },
    async round(verdict, reason = 'as the test says', given = undefined) {
      const round = (phone.training.rounds[0]?.round ?? 0) + 1
      const lessons = kept.length
      const progress: RoundProgress = { round, model: MODEL, phase: 'training', step: 0, steps: 20, lessons }
      phone.training = { ...phone.training, state: 'training', round: progress, waiting: 0 }
      phone.send({ type: 'started', ...progress, phase: 'preparing' })
      for (let step = 1; step <= 20; step++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        const loss = 2.3 * 0.85 ** step
        phone.send({ type: 'step', ...progress, step, loss, accuracy: step / 20 })
      }
      const gate = gateReport(verdict === 'promoted', reason)
      phone.send({ type: 'gate', round, model: MODEL, share: 1, gate })
      const parent = served
      const version = Math.max(...versions.map((one) => one.version)) + 1
      const report: RoundReport = {
        round,
        model: MODEL,
        parent,
        verdict,
        ...(verdict === 'promoted' && { version, share: 0.75 }),
        lessons: given ?? { learned: lessons, implausible: 1 },
        right: { before: 0, after: lessons },
        gate,
        tries: [
          { share: 1, gate: gateReport(false, reason) },
          { share: 0.75, gate },
        ],
        reason,
        seconds: 1.25,
        at: '2026-01-02T03:04:05.000Z',
      }
      if (verdict === 'promoted') {
        versions.unshift({
          ...versions[0],
          version,
          parent,
          served: false,
          at: report.at,
          round: report,
        } as VersionSummary)
        serve(version)
      }
      const { round: _, ...idle } = phone.training
      phone.training = { ...idle, state: 'idle', rounds: [report, ...idle.rounds] }
      phone.send({ type: 'finished', ...report })
      if (verdict === 'promoted') {
        phone.send({ type: 'served', model: MODEL, version, before: parent, why: 'promoted', reason })
      }
    },
    async close() {
      phone.cut()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }

  /** Writes a version of the model. The first version takes every digit for the next one. */
  function put(version: number): void {
    const { card, file } = version === 1 ? wrong : right
    const made = { ...card, id: MODEL, name: 'The pupil', version }
    saveModel(join(folder, MODEL), { 'card.json': JSON.stringify(made), [card.weights.file]: file })
  }

  function serve(version: number): void {
    served = version
    for (const [i, one] of versions.entries()) versions[i] = { ...one, served: one.version === version }
    put(version)
    skipped += 2000
    void app.request('/api/v1/models')
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request)
    const path = request.url ?? ''
    const { method = '', headers } = request
    const learning = /^\/api\/v1\/(corrections|training|models\/[^/]+\/(versions|rollback|resume))|senders/.test(path)
    if (!learning) {
      // With the application's own host: other tests cover its checks of Host and Origin.
      const passed = Object.entries(headers).filter(([name]) => !/^(host|origin|sec-.*|connection)$/.test(name))
      const init = {
        method,
        headers: Object.fromEntries(passed) as Record<string, string>,
        ...(body.length && { body }),
      }
      const answered = await app.request(path, init)
      response.writeHead(answered.status, Object.fromEntries(answered.headers))
      response.end(Buffer.from(await answered.arrayBuffer()))
      return
    }
    const recorded: RecordedRequest = {
      method,
      path,
      key: headers['idempotency-key'] as string | undefined,
      authorization: headers.authorization,
      body: body.length > 0 ? JSON.parse(body.toString()) : undefined,
    }
    phone.requests.push(recorded)
    const refused = phone.script(recorded)
    if (refused && !refused.cut) return problem(response, refused.status, refused.code ?? 'refused', refused.retryAfter)
    const value = handle(recorded, response)
    if (refused?.cut) response.destroy()
    else if (value) json(response, value)
  }

  /** Handles a request about learning. Returns the body to send, or undefined where the response has been sent. */
  function handle(
    { method, path, authorization, body, key }: RecordedRequest,
    response: ServerResponse,
  ): object | undefined {
    if (path.startsWith('/api/v1/training/events')) {
      if (!phone.streams) return problem(response, 503, 'too_many_streams')
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      if (phone.streams === 'held back') response.flushHeaders()
      else {
        response.write('event: ready\ndata: {}\n\n')
        listeners.add(response)
      }
      response.on('close', () => listeners.delete(response))
      return undefined
    }
    if (method === 'POST' && path === '/api/v1/corrections') {
      return keep(body as CorrectionRequest, key ?? '')
    }
    if (method === 'DELETE' && path.startsWith('/api/v1/corrections/')) {
      response.writeHead(204).end()
      return undefined
    }
    if (method === 'GET' && path === '/api/v1/training') return phone.training
    if (method === 'GET' && path.endsWith('/versions')) return { model: MODEL, served, versions, ...(hold && { hold }) }
    if (authorization !== `Bearer ${TOKEN}`) return problem(response, 401, 'unauthorized')
    if (path.endsWith('/rollback')) {
      const { version } = body as { version: number }
      const before = served
      serve(version)
      hold = { corrections: 2, message: 'as the test says' }
      phone.send({ type: 'served', model: MODEL, version, before, why: 'rolled-back', reason: 'by the owner' })
    }
    if (path.endsWith('/resume')) hold = undefined
    if (path.startsWith('/api/v1/senders')) return { senders: [] }
    if (path.startsWith('/api/v1/corrections')) return { corrections: [] }
    return {}
  }

  const byKey = new Map<string, CorrectionResponse>()

  function keep({ label, ...about }: CorrectionRequest, key: string): CorrectionResponse {
    const answer = 8
    const known = byKey.get(key)
    if (known) return known
    const id = `correction-${kept.length + 1}`
    const made = { id, label, model: MODEL, version: served, answer, confirmed: label === answer, learning: [MODEL] }
    if ('image' in about && !about.image.startsWith('data:image/png;base64,')) throw new Error('not a PNG')
    kept.push(made)
    byKey.set(key, made)
    phone.training = { ...phone.training, waiting: phone.training.waiting + 1, corrections: kept.length }
    phone.send({ type: 'correction', id, waiting: phone.training.waiting })
    return made
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return Object.assign(phone, { url: `http://localhost:${(server.address() as AddressInfo).port}` })
}

function modelIn(folder: string): { card: NetworkCard; file: Buffer } {
  const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')) as NetworkCard
  return { card, file: readFileSync(join(folder, card.weights.file)) }
}

function gateReport(passed: boolean, reason: string): GateReport {
  const recalls = (lost: number) => Array.from({ length: 10 }, (_, digit) => 0.98 - (digit === 4 ? lost : 0))
  return {
    set: 'replay',
    images: 5000,
    shipped: { accuracy: 0.981, perClass: recalls(0) },
    candidate: { accuracy: passed ? 0.9815 : 0.97, perClass: recalls(passed ? 0.002 : 0.11) },
    limits: { overall: 0.001, worstClass: 0.025 },
    passed,
    reason,
  }
}

async function read(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

function problem(response: ServerResponse, status: number, code: string, retryAfter?: number): undefined {
  const headers = { 'Content-Type': 'application/problem+json', ...(retryAfter && { 'Retry-After': retryAfter }) }
  const body = { type: 'about:blank', title: code, status, code, detail: `refused as ${code}` }
  response.writeHead(status, headers).end(JSON.stringify(body))
}
