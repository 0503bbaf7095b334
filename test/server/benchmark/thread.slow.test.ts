/** The phone's own benchmark in a server: what it leaves to other requests, and how fast it stops. */

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { BenchmarkProgress, BenchmarkResponse } from '../../../core/protocol.ts'
import { createBenchmarkRunner } from '../../../server/benchmark/runner.ts'
import { ONE } from '../http/application.ts'
import { testWeights } from '../models/test-model.ts'
import { newState, startServer } from '../running-server.ts'

const JOB = { weights: testWeights(), replaced: false, memory: 2 ** 24, version: '1.2.3', backend: undefined }

describe('the benchmark’s thread', () => {
  it('measures every model on every backend, and reports its progress', async () => {
    const reported: BenchmarkProgress[] = []
    const end = await createBenchmarkRunner(JOB).run((progress) => reported.push(progress)).ended
    if (end.type !== 'done') throw new Error(JSON.stringify(end))
    const { models, environment, backends, seconds } = end.result
    expect(models.map(({ model }) => model)).toEqual(['softmax'])
    for (const column of ['simd', 'scalar', 'ts', 'plain'] as const)
      expect(models[0].times[column]?.median).toBeGreaterThan(0)
    expect(backends).toEqual(['simd', 'scalar', 'ts', 'plain'])
    expect(environment).toMatchObject({
      program: '1.2.3',
      runtime: `Node ${process.versions.node}`,
      selfTest: 'passed',
    })
    expect(seconds).toBeGreaterThan(0)
    expect(reported.length).toBeGreaterThan(1)
    for (const { done, works } of reported) expect(done).toBeLessThanOrEqual(works) // all done: the peak is measured once more
  })

  it('ends within a second of being stopped', async () => {
    let stopped = 0
    const job = createBenchmarkRunner(JOB).run(() => {
      stopped ||= performance.now()
      job.stop()
    })
    expect(await job.ended).toEqual({ type: 'stopped' })
    expect(performance.now() - stopped).toBeLessThan(1000)
  })
})

describe('a server', () => {
  it('measures itself at the first request, answers predictions meanwhile, and does not measure again after a restart', async () => {
    const env = { INKLING_STATE: newState(), INKLING_WEIGHTS: testWeights(), INKLING_RATE_LIMIT: 'off' }
    let server = await startServer(env)
    const get = async () => {
      const response = await fetch(`${server.url}/api/v1/benchmark`)
      return [response.status, (await response.json()) as BenchmarkResponse] as const
    }
    let [status, body] = await get()
    expect([status, body.state]).toEqual([202, 'measuring'])
    let answers = 0
    for (; status === 202; [status, body] = await get()) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${server.url}/api/v1/predict`, { method: 'POST', headers, body: JSON.stringify(ONE) })
      expect(answer.status).toBe(200)
      await answer.json()
      answers++
      await sleep(20)
    }
    expect(answers).toBeGreaterThan(5)
    if (body.state !== 'measured') throw new Error(JSON.stringify(body))
    expect(await server.stop()).toBe(0)

    server = await startServer(env)
    expect(await get()).toEqual([200, body])
    expect(await server.stop()).toBe(0)
  })

  it('ends as fast as ever while it measures itself: within 2 s of SIGTERM', async () => {
    const server = await startServer({ INKLING_WEIGHTS: testWeights() })
    await (await fetch(`${server.url}/api/v1/benchmark`)).json()
    await sleep(300)
    const began = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - began).toBeLessThan(2000)
  })
})
