/** The phone's own benchmark on a real thread. */

import { describe, expect, it } from 'vitest'
import type { BenchmarkProgress } from '../../../core/protocol.ts'
import { createBenchmarkRunner } from '../../../server/benchmark/runner.ts'
import { testWeights } from '../models/test-model.ts'

const JOB = { weights: testWeights(), replaced: false, memory: 2 ** 24, version: '1.2.3', backend: undefined }

describe('the benchmark’s thread', () => {
  it('measures every model on every backend, and reports its progress', async () => {
    const reported: BenchmarkProgress[] = []
    const end = await createBenchmarkRunner(JOB).run((progress) => reported.push(progress)).ended
    if (end.type !== 'done') throw new Error(JSON.stringify(end))
    const { models, environment, backends, seconds } = end.result
    expect(models.map(({ model }) => model)).toEqual(['softmax'])
    for (const backend of ['simd', 'scalar', 'ts'] as const) expect(models[0].times[backend]?.median).toBeGreaterThan(0)
    expect(backends).toEqual(['simd', 'scalar', 'ts'])
    expect(environment).toMatchObject({
      program: '1.2.3',
      runtime: `Node ${process.versions.node}`,
      selfTest: 'passed',
    })
    expect(seconds).toBeGreaterThan(0)
    expect(reported.length).toBeGreaterThan(1)
    for (const { done, works } of reported) expect(done).toBeLessThanOrEqual(works) // all done: the peak is measured once more
  })

  it('with the backend ts measures nothing else', async () => {
    const end = await createBenchmarkRunner({ ...JOB, backend: 'ts' }).run(() => {}).ended
    expect(end).toMatchObject({ type: 'done', result: { backends: ['ts'] } })
  })

  it('gives a reason when there is no such folder', async () => {
    const end = await createBenchmarkRunner({ ...JOB, weights: '/no/such/folder' }).run(() => {}).ended
    expect(end).toMatchObject({ type: 'failed' })
  })
})
