/** Corrections for tests: a store in a temporary place, and an application around it. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CorrectionResponse, PredictResponse } from '../../../core/protocol.ts'
import { type GivenCorrection, openStore, type Store, type StoreOptions } from '../../../server/corrections/store.ts'
import type { Deps } from '../../../server/http/dependencies.ts'
import { createOwnerCheck } from '../../../server/http/owner.ts'
import { createEvents } from '../../../server/learning/events.ts'
import { learningOff } from '../../../server/learning/learning.ts'
import { ONE, testApp } from '../http/application.ts'

/** A token long enough. */
export const TOKEN = 'A'.repeat(43)

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'inkling-state-'))
}

/** The store of a folder, a new one unless given; nobody minds how full the disk is. */
export function testStore(options: Partial<StoreOptions> = {}, folder = newFolder()): Store & { warnings: string[] } {
  const warnings: string[] = []
  return { ...openStore(folder, { warn: (message) => warnings.push(message), leastFree: 0, ...options }), warnings }
}

/** A correction whose drawing differs with `seed`; its answer is 1. */
export function givenCorrection(seed: number, changes: Partial<GivenCorrection> = {}): GivenCorrection {
  const input = Uint8Array.from({ length: 784 }, (_, k) => (k * (seed + 7) * 31) & 255)
  new DataView(input.buffer).setUint32(0, seed)
  return {
    address: '10.0.0.1',
    fromOwner: false,
    png: Uint8Array.of(seed & 255, 2, 3),
    input,
    label: 7,
    model: 'softmax',
    version: 1,
    answer: 1,
    confidence: 0.5,
    ...changes,
  }
}

/** An application with a store, a clock that stands until it is moved, and an owner. */
export function correctingApp(options: Partial<StoreOptions> = {}, changes: Partial<Deps> = {}) {
  const time = { at: 1_800_000_000_000 } // ms since 1970
  const state = { notices: 0, takenBack: 0 }
  const off = learningOff('there is nothing that learns', { shipped: () => undefined, list: () => [] }, createEvents(0))
  const learning = { ...off, notice: () => void state.notices++, models: () => ['softmax'] }
  const clocks = { clock: () => time.at, learning: learning.models }
  const takenBack = async () => void state.takenBack++ as undefined
  const store = testStore({ ...clocks, takenBack, ...options })
  const now = () => time.at
  const app = testApp({
    corrections: store.corrections,
    owner: createOwnerCheck(TOKEN, now),
    learning,
    now,
    ...changes,
  })
  type Headers = Record<string, string>
  const post = (body: unknown, headers: Headers = {}, address?: string) =>
    app.request(
      '/api/v1/corrections',
      {
        method: 'POST',
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      },
      address,
    )
  /** Asks about a drawing; its prediction. */
  const ask = async (body: BodyInit = JSON.stringify(ONE), type?: string, query?: string) =>
    (await (await app.predict(body, type, query)).json()) as PredictResponse
  /** Teaches what a fresh prediction should have been. */
  const teach = async (label: unknown, headers: Headers = {}) =>
    post({ predictionId: (await ask()).id, label }, headers)
  return { ...app, post, ask, teach, store, time, state }
}

/** The answer, which must be of that status. */
export async function correctionOf(
  response: Response | Promise<Response>,
  status: number,
): Promise<CorrectionResponse> {
  const answer = await response
  if (answer.status !== status) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as CorrectionResponse
}

/** Status and code of a refusal. */
export async function refusal(response: Response | Promise<Response>): Promise<string> {
  const answer = await response
  const { code, detail } = (await answer.json()) as { code?: string; detail?: string }
  const longest = code === 'cross_site' ? 400 : 120 // that one shows two values and two settings
  if ((detail?.length ?? 0) > longest) throw new Error(`too long: ${detail}`)
  return `${answer.status} ${code}`
}

/** The owner's headers. */
export const OWNER = { authorization: `Bearer ${TOKEN}` }
