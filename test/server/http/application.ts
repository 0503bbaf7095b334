/** The application without sockets: requests in, responses out. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import { Recognizer, type RecognizerOptions } from '../../../core/recognizer.ts'
import { createOwnBenchmark } from '../../../server/benchmark/own-benchmark.ts'
import { openStore } from '../../../server/corrections/store.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { createApp } from '../../../server/http/app.ts'
import type { Client, Deps } from '../../../server/http/dependencies.ts'
import { createOwnerCheck } from '../../../server/http/owner.ts'
import { createHostCheck } from '../../../server/http/visitors/hosts.ts'
import { createEvents } from '../../../server/learning/events.ts'
import { learningOff } from '../../../server/learning/learning.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import { createPool } from '../../../server/pool/pool.ts'
import { testWeights } from '../models/test-model.ts'

export const HOST = 'localhost:8000'

/** The TypeScript kernels: the same bits as the others, and nothing to compile. */
export const TYPESCRIPT: BackendFactory = { name: 'ts', selfTest: 'passed', create: typescriptBackend }

/** An application around a folder of models, the test model's unless given; `changes` replace parts of it. */
export function testApp(
  changes: Partial<Deps> = {},
  folder = testWeights(),
  { workers = 0, ...options }: RecognizerOptions & { readonly workers?: number } = {},
) {
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const now = changes.now ?? (() => performance.now())
  const zoo = new ModelFolder(folder, now, warn)
  const pool = workers > 0 ? createPool({ workers, backend: TYPESCRIPT, source: zoo, now, warn }) : undefined
  const app = createApp({
    pool,
    recognizer: new Recognizer(TYPESCRIPT, zoo, options),
    models: zoo,
    corrections: openStore(mkdtempSync(join(tmpdir(), 'inkling-state-')), { warn, leastFree: 0, quotas: false })
      .corrections,
    owner: createOwnerCheck(undefined, now),
    learning: learningOff(
      'learning is switched off',
      { shipped: (id) => zoo.list().find((card) => card.id === id), list: () => zoo.list() },
      createEvents(0),
    ),
    benchmark: createOwnBenchmark({
      read: () => undefined,
      write() {},
      learning: () => false,
      warn,
      runner: { run: () => ({ ended: new Promise(() => {}), stop() {} }) }, // one that takes for ever
    }),
    page: [],
    basePath: '',
    origins: new Set(),
    inflate,
    ratePerMinute: Infinity,
    hosts: createHostCheck([], ['phone']),
    stopping: () => false,
    system: () => ({
      version: '0.0.0',
      node: '24.0.0',
      arch: 'arm',
      platform: 'android',
      memory: { rss: 1, heapUsed: 1, heapLimit: 1, external: 1 },
      uptime: 1,
    }),
    addresses: async () => ['http://192.168.1.7:8000'],
    now,
    defer: setImmediate,
    warn,
    ...changes,
  })
  /** Requests a path as someone at `address` would. */
  const request = (
    path: string,
    init: RequestInit & { headers?: Record<string, string> } = {},
    address = '192.168.1.20',
  ) => {
    const headers = { host: HOST, ...init.headers }
    const client: Client = {
      address,
      localAddress: '192.168.1.7',
      host: headers.host,
      secure: false,
      forwarded: false,
    }
    return app.request(`http://${HOST}${path}`, { ...init, headers }, client)
  }
  /** Posts a prediction, as JSON unless a type is given. */
  const predict = (body: BodyInit, type = 'application/json', query = '') =>
    request(`/api/v1/predict${query}`, { method: 'POST', body, headers: { 'content-type': type } })
  return { request, predict, warnings, routes: app.routes, pool }
}

/** A one: a vertical stroke. */
export const ONE = {
  strokes: [
    [
      [0, 0],
      [2, 50],
      [0, 100],
    ],
  ],
}
