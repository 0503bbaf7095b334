/** The phone's own benchmark: how often it is measured, when, and what is answered meanwhile. */

import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BenchmarkReport, BenchmarkResponse, Problem } from '../../../core/protocol.ts'
import { nodeEnvironment } from '../../../server/benchmark/environment.ts'
import { createOwnBenchmark } from '../../../server/benchmark/own-benchmark.ts'
import { readReport, writeReport } from '../../../server/benchmark/report-file.ts'
import { createOwnerCheck, newToken } from '../../../server/http/owner.ts'
import { testApp } from '../http/application.ts'
import { createScriptedBenchmarks, madeUpReport } from './report.ts'

const PATH = '/api/v1/benchmark'
const TOKEN = newToken()
const OWNER = { authorization: `Bearer ${TOKEN}` }
const REPORT = madeUpReport()

let runner: ReturnType<typeof createScriptedBenchmarks>
let kept: BenchmarkReport | undefined
let learning: boolean
let app: ReturnType<typeof testApp>
let warnings: string[]

beforeEach(() => {
  runner = createScriptedBenchmarks()
  kept = undefined
  learning = false
  start()
})

/** Starts a server with the stored report. */
function start() {
  warnings = []
  const benchmark = createOwnBenchmark({
    read: () => kept,
    write: (report) => {
      kept = report
    },
    runner,
    learning: () => learning,
    warn: (message) => warnings.push(message),
  })
  app = testApp({ benchmark, owner: createOwnerCheck(TOKEN, () => performance.now()) })
  return benchmark
}

async function ask(method = 'GET', headers: Record<string, string> = {}): Promise<[number, BenchmarkResponse]> {
  const response = await app.request(PATH, { method, headers })
  return [response.status, (await response.json()) as BenchmarkResponse]
}

describe('GET /api/v1/benchmark', () => {
  it('begins one run, answers 202 with its progress, then 200 with the report, however many requests there are', async () => {
    for (let i = 0; i < 5; i++) expect(await ask()).toEqual([202, { state: 'measuring', done: 0, works: 0, work: '' }])
    runner.runs[0].onProgress({ done: 3, works: 9, work: 'cnn, one image' })
    expect(await ask()).toEqual([202, { state: 'measuring', done: 3, works: 9, work: 'cnn, one image' }])
    await runner.runs[0].end({ type: 'done', result: REPORT })
    for (let i = 0; i < 5; i++) expect(await ask()).toEqual([200, { state: 'measured', report: REPORT }])
    expect(runner.runs).toHaveLength(1)
    expect(kept).toEqual(REPORT)
  })

  it('measures nothing where a report of this program on this machine is kept', async () => {
    kept = REPORT
    start()
    expect(await ask()).toEqual([200, { state: 'measured', report: REPORT }])
    expect(runner.runs).toHaveLength(0)
  })

  it('waits while something is being learned, and begins at the first request afterwards', async () => {
    learning = true
    expect(await ask()).toMatchObject([202, { state: 'waiting' }])
    expect(runner.runs).toHaveLength(0)
    learning = false
    expect(await ask()).toMatchObject([202, { state: 'measuring' }])
  })

  it('stops when learning begins and begins again afterwards, three times at most', async () => {
    for (let run = 0; run < 3; run++) {
      expect(await ask()).toMatchObject([202, { state: 'measuring' }])
      learning = true
      runner.runs[run].onProgress({ done: 1, works: 9, work: 'cnn' })
      expect(runner.runs[run].stopped()).toBe(true)
      await Promise.resolve()
      expect(await ask()).toMatchObject([202, { state: 'waiting' }])
      learning = false
    }
    expect(await ask()).toMatchObject([200, { state: 'failed' }])
    expect(runner.runs).toHaveLength(3)
  })

  it('reports that it failed, the reason only in the log, and does not try again automatically', async () => {
    await ask()
    await runner.runs[0].end({ type: 'failed', reason: 'no /secret/path' })
    const failed = { state: 'failed', reason: 'the measurement failed; the log of the server says why' }
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual([200, failed])
    expect(runner.runs).toHaveLength(1)
    expect(warnings).toEqual(["this machine's benchmark failed: no /secret/path"])
  })

  it('answers with the report even if it cannot be stored', async () => {
    const write = () => {
      throw Object.assign(new Error('no space left on /secret/path'), { code: 'ENOSPC' })
    }
    const parts = { read: () => undefined, write, runner, learning: () => false }
    app = testApp({ benchmark: createOwnBenchmark({ ...parts, warn: (message) => warnings.push(message) }) })
    await ask()
    await runner.runs[0].end({ type: 'done', result: REPORT })
    expect(await ask()).toEqual([200, { state: 'measured', report: REPORT }])
    expect(warnings).toEqual(["this machine's benchmark cannot be kept: ENOSPC"])
  })

  it('ends with the server', async () => {
    const benchmark = start()
    await ask()
    await benchmark.close()
    expect(runner.runs[0].stopped()).toBe(true)
    await ask()
    expect(runner.runs).toHaveLength(1)
  })
})

describe('POST /api/v1/benchmark', () => {
  it('is the owner’s: 401 without the token, 403 where there is none, 405 with Allow for other methods', async () => {
    expect(await ask('POST')).toMatchObject([401, { code: 'unauthorized' }])
    expect(await ask('POST', { authorization: `Bearer ${newToken()}` })).toMatchObject([401, { code: 'unauthorized' }])
    const other = await app.request(PATH, { method: 'DELETE' })
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    expect(other.headers.get('content-type')).toBe('application/problem+json')
    const { status, code } = (await (await testApp().request(PATH, { method: 'POST' })).json()) as Problem
    expect([status, code]).toEqual([403, 'owner_off'])
    expect(runner.runs).toHaveLength(0)
  })

  it('measures again as often as the owner wants, one run at a time', async () => {
    kept = REPORT
    start()
    for (let run = 1; run <= 4; run++) {
      expect(await ask('POST', OWNER)).toMatchObject([202, { state: 'measuring' }])
      expect(await ask('POST', OWNER)).toMatchObject([202, { state: 'measuring' }])
      expect(runner.runs).toHaveLength(run)
      await runner.runs[run - 1].end({ type: 'done', result: { ...REPORT, seconds: run } })
      expect(await ask()).toMatchObject([200, { report: { seconds: run } }])
    }
  })

  it('is remembered while something is being learned, and done at the first request afterwards', async () => {
    kept = REPORT
    start()
    learning = true
    expect(await ask('POST', OWNER)).toMatchObject([202, { state: 'waiting' }])
    learning = false
    expect(await ask()).toMatchObject([202, { state: 'measuring' }])
    expect(runner.runs).toHaveLength(1)
  })

  it('tries again what has failed', async () => {
    await ask()
    await runner.runs[0].end({ type: 'failed', reason: 'out of memory' })
    expect(await ask('POST', OWNER)).toMatchObject([202, { state: 'measuring' }])
    await runner.runs[1].end({ type: 'done', result: REPORT })
    expect(await ask()).toMatchObject([200, { state: 'measured' }])
  })
})

describe('the report that is kept', () => {
  const state = () => mkdtempSync(join(tmpdir(), 'inkling-state-'))

  it('is found again by the same program on the same machine, and leaves no other file', () => {
    const folder = state()
    writeReport(folder, REPORT)
    expect(readReport(folder, nodeEnvironment('0.0.0', ''))).toEqual(REPORT)
    expect(readdirSync(folder)).toEqual(['benchmark.json'])
  })

  it.each([
    ['another version', { program: '0.0.1' }],
    ['other kernels', { kernels: 'b'.repeat(64) }],
    ['another Node', { runtime: 'Node 26.0.0' }],
    ['another processor', { cpu: 'ARMv7 Processor rev 3 (v7l)' }],
  ])('does not count for %s', (_, change) => {
    const folder = state()
    writeReport(folder, REPORT)
    expect(readReport(folder, { ...nodeEnvironment('0.0.0', ''), ...change })).toBeUndefined()
  })

  it('does not count where it has no models, lacks a backend this machine has, is damaged or is not there', () => {
    const folder = state()
    const read = (choice?: 'ts') => readReport(folder, nodeEnvironment('0.0.0', ''), choice)
    expect(read()).toBeUndefined()
    writeReport(folder, { ...REPORT, models: [] })
    expect(read()).toBeUndefined()
    writeReport(folder, madeUpReport('0.0.0', ['ts', 'plain']))
    expect(read()).toBeUndefined()
    expect(read('ts')).toBeDefined()
    writeReport(folder, madeUpReport('0.0.0', ['simd', 'scalar', 'ts'])) // of an earlier release
    expect([read(), read('ts')]).toEqual([undefined, undefined])
    for (const text of ['', '{"format":1', 'null', '[]', '{"format":1,"models":[{}]}']) {
      writeFileSync(join(folder, 'benchmark.json'), text)
      expect(read()).toBeUndefined()
    }
  })
})
