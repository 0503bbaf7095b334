/** Learning in a server and from the command line: the whole way from a correction to what everyone is answered by. */

import { cpSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PredictResponse, TrainingResponse, VersionsResponse } from '../../../core/protocol.ts'
import { run as runCommand } from '../command.ts'
import { testWeights } from '../models/model.ts'
import { type RunningServer, startServer } from '../running.ts'
import { newFolder, openPlace, picture, teach } from './state.ts'

const LABELS = Array.from({ length: 20 }, (_, i) => i % 10)
const run = (words: readonly string[]) => runCommand(words, { INKLING_DATA: '/nonexistent' })
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let weights: string
let taught: string // a state directory with corrections that nobody has learned from
let whole: string // SHA-256 of what they come to
beforeAll(async () => {
  weights = testWeights()
  taught = newFolder('taught')
  const place = openPlace({ state: taught, weights })
  teach(place.store, LABELS)
  await place.close()
  const { stdout } = await run(['learn', '--state', copy(), '--weights', weights, '--json'])
  const { rounds } = JSON.parse(stdout) as TrainingResponse
  expect(rounds).toMatchObject([{ model: 'softmax', verdict: 'promoted', version: 2 }])
  const state = copy()
  await run(['learn', 'softmax', '--state', state, '--weights', weights])
  const listed = await run(['models', 'versions', 'softmax', '--state', state, '--weights', weights, '--json'])
  whole = (JSON.parse(listed.stdout) as VersionsResponse).versions[0].sha256
}, 180_000) // learning comes behind everything else that this machine does

function copy(): string {
  const state = newFolder('state')
  cpSync(taught, state, { recursive: true })
  return state
}

const servers: RunningServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop('SIGKILL').catch(() => {})
})
async function serve(state: string, env: Record<string, string> = {}) {
  const server = await startServer({
    ...{ INKLING_STATE: state, INKLING_WEIGHTS: weights, INKLING_DATA: '/nonexistent', INKLING_RATE_LIMIT: 'off' },
    ...env,
  })
  servers.push(server)
  const get = async <Body>(path: string) => (await (await fetch(`${server.url}${path}`)).json()) as Body
  const versions = () => get<VersionsResponse>('/api/v1/models/softmax/versions')
  const predict = async (label: number) => {
    const pixels = [...picture(label, 0)].map((byte) => byte / 255)
    const body = JSON.stringify({ pixels })
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${server.url}/api/v1/predict`, init)
    expect(response.status).toBe(200)
    return (await response.json()) as PredictResponse
  }
  const until = async (version: number) => {
    while ((await versions()).served !== version) await sleep(50)
  }
  return { ...server, get, versions, predict, until }
}

describe('a server', () => {
  it('learns what waits, answers all the while, and each version answers one drawing in one way', async () => {
    const server = await serve(copy())
    const answers = new Map<number, string>()
    let done = false
    const learning = server.until(2).then(() => {
      done = true
    })
    for (let count = 0; !done || count < 20; count++) {
      const { version, probabilities } = await server.predict(3)
      const text = probabilities.join()
      expect(answers.get(version) ?? text).toBe(text)
      answers.set(version, text)
    }
    await learning
    expect([...answers.keys()]).toEqual([1, 2])
    expect((await server.versions()).versions[0].sha256).toBe(whole)
  })

  it('learns from a correction over HTTP, and says so to who listens', async () => {
    const server = await serve(newFolder('state'))
    const stream = await fetch(`${server.url}/api/v1/training/events`)
    const { id } = await server.predict(3)
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const body = JSON.stringify({ predictionId: id, label: 3 })
    expect((await fetch(`${server.url}/api/v1/corrections`, { ...init, body })).status).toBe(201)
    let text = ''
    for await (const chunk of stream.body as ReadableStream<Uint8Array>) {
      text += new TextDecoder().decode(chunk)
      if (/event: finished/.test(text)) break
    }
    expect([...text.matchAll(/event: (correction|started|finished)/g)].map(([, type]) => type)).toEqual([
      'correction',
      'started',
      'finished',
    ])
  })

  it('ends within 2 s of SIGTERM while it learns and someone listens, and goes on after a start to the same bytes', async () => {
    const state = copy()
    const server = await serve(state)
    const stream = await fetch(`${server.url}/api/v1/training/events`)
    while ((await server.get<TrainingResponse>('/api/v1/training')).round?.step === undefined) await sleep(10)
    const asked = performance.now()
    const [code] = await Promise.all([server.stop(), stream.text()])
    expect(code).toBe(0)
    expect(performance.now() - asked).toBeLessThan(2000)
    const next = await serve(state)
    await next.until(2)
    expect((await next.versions()).versions[0].sha256).toBe(whole)
    await next.stop()
  })

  it('killed while it learns starts again, answers at once and comes to the same bytes', async () => {
    const state = copy()
    for (const delay of [0, 300, 700, 1200]) {
      const server = await serve(state)
      await sleep(delay)
      await server.stop('SIGKILL')
    }
    const server = await serve(state)
    await server.predict(3)
    await server.until(2)
    expect((await server.versions()).versions.map(({ sha256 }) => sha256)[0]).toBe(whole)
    await server.stop()
  })

  it('with --learning off keeps the shipped model, and what it was taught', async () => {
    const server = await serve(copy(), { INKLING_LEARNING: 'off' })
    const off = { state: 'off', reason: 'learning is switched off', corrections: LABELS.length, waiting: LABELS.length }
    expect(await server.get('/api/v1/training')).toMatchObject(off)
    await sleep(500)
    expect((await server.predict(3)).version).toBe(1)
    await server.stop()
  })
})

describe('the command line', () => {
  it('learns, lists and goes back, one process at a time', async () => {
    const state = copy()
    const where = ['--state', state, '--weights', weights]
    const learned = await run(['learn', ...where])
    expect(learned).toMatchObject({ code: 0 })
    expect(learned.stdout).toMatch(/^softmax: promoted as version 2: .*; \d+ drawings learned from, \d+ implausible/)
    expect((await run(['learn', ...where])).stdout).toMatch(/^softmax: unchanged: it comes to the version/)
    expect((await run(['models', ...where])).stdout).toMatch(
      /^softmax +version 2 .* gate \d+\.\d\d % -> \d+\.\d\d %\n$/,
    )
    expect((await run(['models', 'rollback', 'softmax', ...where])).stdout).toMatch(/^\* +1 .* served\n$/m)
    expect((await run(['models', 'rollback', 'softmax', '2', ...where])).stdout).toMatch(/^\* +2 .* served/m)
    expect(await run(['models', 'rollback', 'softmax', '9', ...where])).toMatchObject({ code: 1 })
    expect(await run(['models', 'rollback', 'softmax', 'x', ...where])).toMatchObject({ code: 2 })
    const server = await serve(state)
    for (const words of [['learn'], ['models', 'rollback', 'softmax']]) {
      const { code, stderr } = await run([...words, ...where])
      expect(code).toBe(1)
      expect(stderr).toContain('already_running')
    }
    expect((await run(['models', 'versions', 'softmax', ...where])).stdout).toMatch(/^\* +2 /)
    await server.stop()
  })

  it('learns nothing where nothing was taught', async () => {
    const { code, stderr } = await run(['learn', '--state', newFolder('empty'), '--weights', weights])
    expect(code).toBe(1)
    expect(stderr).toBe('inkling: there are no corrections yet\n')
  })
})
