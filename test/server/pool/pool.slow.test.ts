/** What the pool is for, measured: two workers do more than one, the main thread stays free, and a worker takes little memory. */

import { mkdtempSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Recognizer } from '../../../core/recognizer.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import type { Pool } from '../../../server/pool/contract.ts'
import { createPool } from '../../../server/pool/pool.ts'
import { runProcess } from '../../child-processes.ts'
import { testUnless } from '../../skip.ts'
import { drive, percentile, postRequest } from '../http/load-client.ts'
import { loadDrawings } from '../http/load-drawings.ts'
import { dial } from '../http/wire.ts'
import { noProc } from '../process-usage.ts'
import { type RunningServer, startServer } from '../running-server.ts'

const oneCore = availableParallelism() < 2 && 'this machine has one core'

const now = () => performance.now()

async function poolOf(workers: number) {
  const backend = await nodeBackends()
  const source = new ModelFolder(SHIPPED_MODELS, now, () => {})
  const recognizer = new Recognizer(backend, source, { preferred: ['cnn'] })
  const pool = createPool({ workers, backend, source, now, warn() {} })
  while (!pool.ready(true)) await setTimeout(10)
  return { pool, cards: () => [recognizer.choose()] }
}

/** PNGs that a pool reads and recognises in a second, all its workers being busy. */
async function rate({ pool, cards }: { pool: Pool; cards: () => ReturnType<Recognizer['cards']> }): Promise<number> {
  const bodies = loadDrawings().map(({ png }) => new Uint8Array(png))
  const end = now() + 1000
  let done = 0
  const ask = async () => {
    while (now() < end) {
      await pool
        .read({ contentType: 'image/png', body: bodies[done % bodies.length], cards, charge() {} })
        .piece()
        .away?.()
      done++
    }
  }
  await Promise.all(Array.from({ length: 2 * pool.workers }, ask))
  return done
}

testUnless(
  oneCore,
  'two workers read at least 1.6 times as many PNGs as one',
  async ({ annotate }) => {
    const [one, two] = [await poolOf(1), await poolOf(2)]
    for (const pool of [one, two, two]) await rate(pool) // compiled by then
    const ratios: number[] = []
    for (let round = 0; round < 5; round++) {
      const [single, both] = [await rate(one), await rate(two)]
      ratios.push(both / single)
      await annotate(`${single} and ${both} PNGs a second`)
    }
    expect(Math.max(...ratios)).toBeGreaterThan(1.6)
    await Promise.all([one.pool.close(), two.pool.close()])
  },
  { timeout: 60_000 },
)

describe('GET /livez of a server with one worker', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_WORKERS: '1', INKLING_DATA: '/nonexistent' })
  })
  afterAll(() => server.stop())

  for (const query of ['?model=all', '?samples=1000']) {
    testUnless(
      oneCore,
      `is answered within 20 ms, 99 % of the time, during ${query}`,
      async ({ annotate }) => {
        const requests = loadDrawings().map(({ digit, png }) => ({
          digit,
          bytes: postRequest(server.port, `/api/v1/predict${query}`, 'image/png', png),
        }))
        await drive(server.port, requests, 2, 1) // compiled by then
        const load = drive(server.port, requests, 2, 4)
        const wire = await dial(server.port)
        const times: number[] = []
        for (const end = now() + 3500; now() < end; await setTimeout(5)) {
          const began = now()
          wire.socket.write(`GET /livez HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`)
          await new Promise((resolve) => wire.socket.once('data', resolve))
          times.push(now() - began)
        }
        wire.socket.destroy()
        const { other, answered } = await load
        const slow = percentile(Float64Array.from(times).sort(), 0.99)
        await annotate(`p99 ${slow.toFixed(1)} ms of ${times.length}, beside ${answered} answers`)
        expect(other).toBe(0)
        expect(slow).toBeLessThan(20)
      },
      { timeout: 30_000 },
    )
  }
})

testUnless(
  noProc,
  'a worker takes at most 8 MiB more than an empty thread of Node',
  async ({ annotate }) => {
    const program = fileURLToPath(new URL('./thread-memory.ts', import.meta.url))
    const flags = ['--max-semi-space-size=4', '--max-old-space-size=96', '--wasm-lazy-compilation']
    const env = { ...process.env, NODE_COMPILE_CACHE: mkdtempSync(join(tmpdir(), 'inkling-cache-')) }
    const run = () => runProcess(process.execPath, [...flags, program], { env })
    await run() // what it compiled is in the cache by then, as a server's is
    const { stdout } = await run()
    const { empty, worker } = JSON.parse(String(stdout)) as { empty: number; worker: number }
    await annotate(`${empty.toFixed(1)} MiB and ${worker.toFixed(1)} MiB`)
    expect(worker - empty).toBeLessThan(8)
    expect(worker).toBeLessThan(24)
  },
  { timeout: 60_000 },
)
