/** The phone's own benchmark on a real thread. */

import { describe, expect, it } from 'vitest'
import { createBenchmarkRunner } from '../../../server/benchmark/runner.ts'
import { testWeights } from '../models/test-model.ts'

const JOB = { weights: testWeights(), replaced: false, memory: 2 ** 24, version: '1.2.3', backend: undefined }

describe('the benchmark’s thread', () => {
  it('with the backend ts measures that, plain JavaScript and nothing else', async () => {
    const end = await createBenchmarkRunner({ ...JOB, backend: 'ts' }).run(() => {}).ended
    expect(end).toMatchObject({ type: 'done', result: { backends: ['ts', 'plain'] } })
  })

  it('gives a reason when there is no such folder', async () => {
    const end = await createBenchmarkRunner({ ...JOB, weights: '/no/such/folder' }).run(() => {}).ended
    expect(end).toMatchObject({ type: 'failed' })
  })
})
