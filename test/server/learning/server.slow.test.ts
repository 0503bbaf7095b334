/** Servers that learn while they answer, are stopped and are killed. */

import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TrainingResponse, VersionsResponse } from '../../../core/protocol.ts'
import { copyOfTaught, run, serve, weights } from './learning-server.ts'

let whole: string // SHA-256 of the version that the corrections give
beforeAll(async () => {
  const state = copyOfTaught()
  await run(['learn', 'softmax', '--state', state, '--weights', weights])
  const listed = await run(['models', 'versions', 'softmax', '--state', state, '--weights', weights, '--json'])
  whole = (JSON.parse(listed.stdout) as VersionsResponse).versions[0].sha256
})

describe('a server', () => {
  it('learns from waiting corrections, answers meanwhile, and each version has one answer to one drawing', async () => {
    const server = await serve(copyOfTaught())
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

  it('ends within 2 s of SIGTERM while it learns and a client listens, and after a restart makes the same bytes', async () => {
    const state = copyOfTaught()
    const server = await serve(state)
    const stream = await fetch(`${server.url}/api/v1/training/events`)
    while ((await server.get<TrainingResponse>('/api/v1/training')).round?.step === undefined) await sleep(10)
    const signalled = performance.now()
    const [code] = await Promise.all([server.stop(), stream.text()])
    expect(code).toBe(0)
    expect(performance.now() - signalled).toBeLessThan(2000)
    const next = await serve(state)
    await next.until(2)
    expect((await next.versions()).versions[0].sha256).toBe(whole)
    await next.stop()
  })

  it('killed while it learns starts again, answers immediately and makes the same bytes', async () => {
    const state = copyOfTaught()
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
})
