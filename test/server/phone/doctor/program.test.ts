import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createBackendFactory } from '../../../../core/backend/choose.ts'
import { nodeKernels } from '../../../../server/backend.ts'
import { checkBackend, checkFiles, checkSettings } from '../../../../server/phone/doctor/program.ts'
import { testWeights } from '../../models/test-model.ts'

describe('the check of the backend', () => {
  it('is ok with the fastest that passes its self-test, or the one that was chosen', async () => {
    expect(checkBackend(await createBackendFactory(nodeKernels()), '', true, true)).toEqual({
      name: 'backend',
      state: 'ok',
      found: 'simd, self-test passed',
    })
    const chosen = await createBackendFactory(nodeKernels(), 'ts')
    expect(checkBackend(chosen, 'ts', true, true)).toMatchObject({ state: 'ok', found: expect.stringMatching(/^ts, /) })
  })

  it('is a warning where the kernels are not built: TypeScript computes the same, but slower', async () => {
    const kernels = await createBackendFactory(nodeKernels(mkdtempSync(join(tmpdir(), 'inkling-unbuilt-'))))
    expect(checkBackend(kernels, '', true, true)).toMatchObject({
      state: 'warning',
      found: expect.stringMatching(/^ts, passed over simd: .*; scalar: /),
      remedy: 'npm run build',
    })
  })

  it('is ok without SIMD where the processor has none, and a warning where it has', async () => {
    const { scalar, typescript } = nodeKernels()
    const simd = () => Promise.reject(new Error('unsupported'))
    const kernels = await createBackendFactory({ simd, scalar, typescript })
    expect(checkBackend(kernels, '', false, false).state).toBe('ok')
    expect(checkBackend(kernels, '', true, false).state).toBe('warning')
  })
})

describe('the check of files and settings', () => {
  it('finds a problem without a model, or without the page', () => {
    const page = mkdtempSync(join(tmpdir(), 'inkling-page-'))
    const models = testWeights()
    expect(checkFiles(page, models, true)).toMatchObject({ state: 'problem', remedy: 'npm run build' })
    writeFileSync(join(page, 'index.html'), '')
    expect(checkFiles(page, models, true)).toMatchObject({ state: 'ok', found: '1 model, and the page' })
    const empty = join(page, 'models')
    expect(checkFiles(page, empty, true).state).toBe('problem')
    mkdirSync(join(empty, 'no-card'), { recursive: true })
    expect(checkFiles(page, empty, false)).toMatchObject({ state: 'problem', found: `no model in ${empty}` })
  })

  it('names every variable that is wrong', () => {
    expect(checkSettings([]).state).toBe('ok')
    expect(checkSettings(['PORT must be a number', 'INKLING_MODEL must be an id'])).toMatchObject({
      state: 'problem',
      remedy: 'unset PORT INKLING_MODEL',
    })
  })
})
