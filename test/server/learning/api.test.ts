/** The routes of learning: the current state, versions and their weights, and what only the owner may do. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelsResponse, PredictResponse, Problem, TrainingResponse } from '../../../core/protocol.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import { createOwnerCheck, newToken } from '../../../server/http/owner.ts'
import { ONE, testApp } from '../http/application.ts'
import { createScriptedRunner } from './runner.ts'
import { openFixture, teach } from './state.ts'

const TOKEN = newToken()
const OWNER = { authorization: `Bearer ${TOKEN}` }
const VERSIONS = '/api/v1/models/softmax/versions'
const ROLLBACK = '/api/v1/models/softmax/rollback'

let fixture: ReturnType<typeof openFixture>
let runner: ReturnType<typeof createScriptedRunner>
let app: ReturnType<typeof testApp>

beforeEach(() => {
  runner = createScriptedRunner()
  fixture = openFixture({ runner })
  const { recognizer, models, learning, store } = fixture
  const owner = createOwnerCheck(TOKEN, () => performance.now())
  app = testApp({ recognizer, models, learning, owner, corrections: store.corrections }, fixture.weights)
})
afterEach(() => fixture.close())

async function learn(labels: readonly number[], first = 0): Promise<void> {
  teach(fixture.store, labels, first)
  fixture.learning.notice()
  await fixture.learner?.idle()
}

/** A body of any kind as the owner, unless other headers are given. */
function send(method: string, path: string, body?: BodyInit | object, headers: Record<string, string> = OWNER) {
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  return app.request(path, { method, headers: { ...type, ...headers }, ...(text !== undefined && { body: text }) })
}
const json = async <Body>(path: string) => (await (await app.request(path)).json()) as Body
const code = async (response: Response) => {
  const { status, code } = (await response.json()) as Problem
  return `${status} ${code}`
}

describe('GET /api/v1/training', () => {
  it('reports which corrections wait, which models learn and how the last rounds ended', async () => {
    expect(await json('/api/v1/training')).toMatchObject({ state: 'idle', waiting: 0, corrections: 0, rounds: [] })
    await learn([1, 2])
    const { state, corrections, models, rounds } = await json<TrainingResponse>('/api/v1/training')
    expect({ state, corrections, models }).toEqual({ state: 'idle', corrections: 2, models: ['softmax'] })
    expect(rounds).toMatchObject([{ round: 1, model: 'softmax', verdict: 'promoted', version: 2 }])
  })

  it('reports the current round', async () => {
    runner.script.push(() => new Promise(() => {}))
    teach(fixture.store, [1])
    fixture.learning.notice()
    while (runner.jobs.length === 0) await sleep(5)
    const { state, round, waiting } = await json<TrainingResponse>('/api/v1/training')
    expect({ state, waiting }).toEqual({ state: 'training', waiting: 1 })
    expect(round).toMatchObject({ round: 1, model: 'softmax', lessons: 1 })
  })
})

describe('the owner’s routes', () => {
  it.each([
    ['POST', '/api/v1/training'],
    ['DELETE', '/api/v1/training'],
    ['POST', ROLLBACK],
  ])('%s %s refuse everybody else with 401, and 403 where there is no owner', async (method, path) => {
    await learn([1])
    const headers: Record<string, string>[] = [
      {},
      { authorization: 'Basic abc' },
      { authorization: `Bearer ${TOKEN}x` },
    ]
    for (const each of headers) expect(await code(await send(method, path, undefined, each))).toBe('401 unauthorized')
    expect(await code(await send(method, `${path}?token=${TOKEN}`, undefined, {}))).toBe('401 unauthorized')
    const nobody = testApp({ recognizer: fixture.recognizer, models: fixture.models, learning: fixture.learning })
    expect(await code(await nobody.request(path, { method, headers: OWNER }))).toBe('403 owner_off')
    expect(fixture.learning.versions('softmax').served).toBe(2)
  })

  it('start a round of all models or one, and stop it', async () => {
    expect(await code(await send('POST', '/api/v1/training'))).toBe('409 nothing_to_learn')
    await learn([1])
    expect((await send('POST', '/api/v1/training')).status).toBe(202)
    await fixture.learner?.idle()
    runner.script.push(() => new Promise(() => {}))
    expect((await send('POST', '/api/v1/training', { model: 'softmax' })).status).toBe(202)
    while (runner.jobs.length < 3) await sleep(5)
    expect((await send('DELETE', '/api/v1/training')).status).toBe(204)
    await fixture.learner?.idle()
    expect((await json<TrainingResponse>('/api/v1/training')).rounds[0].verdict).toBe('stopped')
  })

  it.each([
    ['400 bad_json', '/api/v1/training', '{'],
    ['422 bad_field', '/api/v1/training', '[]'],
    ['422 bad_field', '/api/v1/training', '{"modell":"softmax"}'],
    ['422 bad_model', '/api/v1/training', '{"model":7}'],
    ['404 unknown_model', '/api/v1/training', '{"model":"nobody"}'],
    ['413 body_too_large', '/api/v1/training', `"${'x'.repeat(5000)}"`],
    ['422 bad_version', ROLLBACK, '{"version":0}'],
    ['422 bad_version', ROLLBACK, '{"version":1.5}'],
    ['422 bad_version', ROLLBACK, '{"version":"2"}'],
    ['404 unknown_version', ROLLBACK, '{"version":77}'],
    ['404 unknown_model', '/api/v1/models/nobody/rollback', '{}'],
    ['404 unknown_model', '/api/v1/models/..%2f/rollback', '{}'],
  ])('answer %s at %s to a body that is wrong', async (expected, path, body) => {
    await learn([1])
    expect(await code(await send('POST', path, body))).toBe(expected)
  })

  it('take no body whose type is not JSON', async () => {
    const headers = { ...OWNER, 'content-type': 'text/plain' }
    expect(await code(await send('POST', ROLLBACK, '{}', headers))).toBe('415 bad_content_type')
  })

  it('go back to the version before, to any that is kept, and to the shipped one', async () => {
    for (let k = 0; k < 10; k++) await learn([k], k)
    const back = async (body?: object) => (await (await send('POST', ROLLBACK, body)).json()) as { served: number }
    expect((await back()).served).toBe(10)
    expect((await back({ version: 5 })).served).toBe(5)
    expect(await code(await send('POST', ROLLBACK, { version: 2 }))).toBe('409 gone')
    expect((await back({ version: 1 })).served).toBe(1)
    expect(await code(await send('POST', ROLLBACK))).toBe('409 nothing_before')
    expect((await back({ version: 11 })).served).toBe(11)
  })
})

describe('versions', () => {
  it('say that a rollback holds, which only the owner ends', async () => {
    await learn([1])
    await send('POST', ROLLBACK)
    await learn([2, 3], 1)
    const hold = { corrections: 3, message: expect.stringContaining('resume') }
    expect(await json(VERSIONS)).toMatchObject({ served: 1, hold })
    expect(await json('/api/v1/training')).toMatchObject({ waiting: 0, held: 3, holds: ['softmax'] })
    const resumed = await send('POST', '/api/v1/models/softmax/resume')
    expect(resumed.status).toBe(200)
    expect(await resumed.json()).not.toHaveProperty('hold')
    await fixture.learner?.idle()
    expect(await json(VERSIONS)).toMatchObject({ served: 3 })
    expect(await code(await send('POST', '/api/v1/models/nobody/resume'))).toBe('404 unknown_model')
  })

  it('are listed newest first with the report of each', async () => {
    await learn([1])
    await learn([2], 1)
    const { served, versions } = await json<ReturnType<typeof fixture.learning.versions>>(VERSIONS)
    expect(served).toBe(3)
    expect(versions.map(({ version, served, parent }) => [version, served, parent])).toEqual([
      [3, true, 2],
      [2, false, 1],
      [1, false, undefined],
    ])
    expect(versions[0].round).toMatchObject({ verdict: 'promoted', gate: { passed: true } })
    expect(await code(await app.request('/api/v1/models/nobody/versions'))).toBe('404 unknown_model')
  })

  it('are named by every answer, by the list of models and by the card', async () => {
    await learn([1])
    const answer = (await (await app.predict(JSON.stringify(ONE))).json()) as PredictResponse
    expect(answer).toMatchObject({ model: 'softmax', version: 2 })
    const all = (await (await app.predict(JSON.stringify(ONE), undefined, '?model=all')).json()) as {
      answers: PredictResponse[]
    }
    expect(all.answers[0].version).toBe(2)
    const { models } = await json<ModelsResponse>('/api/v1/models')
    const digest = fixture.learning.versions('softmax').versions[0].sha256
    expect(models[0]).toMatchObject({ version: 2, sha256: digest, learned: { before: 0.9, after: 0.9 }, accuracy: 0.1 })
    expect(await json('/api/v1/models/softmax')).toMatchObject({ version: 2, learned: { parent: 1, round: 1 } })
  })

  it('can be downloaded by number or digest, as long as they are kept, in every format', async () => {
    await learn([1])
    await learn([2], 1)
    const { versions } = fixture.learning.versions('softmax')
    const weights = async (query: string) =>
      new Uint8Array(await (await app.request(`/api/v1/models/softmax/weights${query}`)).arrayBuffer())
    for (const { version, sha256: digest } of versions) {
      expect(sha256(await weights(`?version=${version}`))).toBe(digest)
      expect(sha256(await weights(`?sha256=${digest}`))).toBe(digest)
    }
    expect(sha256(await weights(''))).toBe(versions[0].sha256)
    const csv = await Promise.all([1, 2, 3].map((version) => weights(`?version=${version}&format=csv`)))
    expect(new Set(csv.map((bytes) => sha256(bytes))).size).toBe(3)
    const refused = async (query: string) => code(await app.request(`/api/v1/models/softmax/weights${query}`))
    expect(await refused('?version=9')).toBe('404 unknown_version')
    expect(await refused('?version=x')).toBe('422 bad_version')
    expect(await refused(`?sha256=${'0'.repeat(64)}`)).toBe('404 unknown_weights')
    expect(await refused(`?version=2&sha256=${versions[0].sha256}`)).toBe('404 unknown_version')
  })
})
