/** A disk that fails to read for a while, under a learned version that is not in memory and at a start: both come back without help. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PredictResponse } from '../../core/protocol.ts'
import { testModel, testWeights } from '../server/models/test-model.ts'
import { correct, correctionOf, listCorrections, sleep, untilIdle, versionsOf } from './connection.ts'
import { buildShim } from './disk.ts'
import { STROKES, smallDrawing } from './drawings.ts'
import { newFolder, startSubject } from './server-under-test.ts'

const MODEL = 'softmax'

test('a learned version on a disk that cannot be read for a while is served again when it can', async ({ skip }) => {
  const shim = buildShim()
  if (!shim) return skip('there is no C compiler')
  const folder = newFolder('unreadable')
  const [state, say] = [join(folder, 'state'), join(folder, 'fault')]
  const settings = {
    LD_PRELOAD: shim,
    INKLING_SHIM_ROOT: state,
    INKLING_SHIM_FAULT: say,
    INKLING_MODEL: MODEL,
    INKLING_MODEL_MEMORY: '1', // so that one model makes room for another
    INKLING_WEIGHTS: testWeights(testModel(MODEL, LARGE), testModel('other', LARGE)),
    INKLING_TEACHERS: 'anyone',
  }
  const subject = startSubject(state, settings)
  await subject.ready
  const owner = subject.owner()
  for (let k = 0; k < 8; k++) {
    const { png, label } = smallDrawing(k)
    await correct(owner, png, label, MODEL)
  }
  await untilIdle(owner)
  const { served } = await versionsOf(owner, MODEL)
  expect(served).toBeGreaterThan(1)
  const ask = async (model: string) =>
    (await owner.json<PredictResponse>('POST', `/api/v1/predict?model=${model}`, STROKES[2])).version
  expect(await ask(MODEL)).toBe(served)

  await ask('other')
  writeFileSync(say, 'unreadable')
  expect(await ask(MODEL)).toBe(1)
  expect(subject.output()).toContain(`version ${served} of model ${MODEL} cannot be used`)
  rmSync(say)
  await sleep(5500)
  expect(await ask(MODEL)).toBe(served)
  expect(subject.output()).toContain(`version ${served} of model ${MODEL} can be read again: it is served`)
  expect(await subject.end('SIGTERM')).toBe(0)

  writeFileSync(say, 'unreadable')
  const again = startSubject(state, { ...settings, INKLING_SHIM_ROOT: join(state, 'store.db') })
  await again.ready
  const { png, label } = smallDrawing(9)
  const teach = async () =>
    (await again.owner().send('POST', '/api/v1/corrections', correctionOf(png, label, MODEL))).status
  expect(await teach()).toBe(503)
  const answer = await again.owner().json<PredictResponse>('POST', '/api/v1/predict', STROKES[2])
  expect([answer.model, answer.version]).toEqual([MODEL, 1])
  expect(again.output()).toContain('storage_failed')
  rmSync(say)
  expect(await teach()).toBe(503) // from here on it is known that the store is there
  expect(await teach()).toBe(201)
  expect((await versionsOf(again.owner(), MODEL)).served).toBeGreaterThanOrEqual(served)
  expect(again.output()).toContain('the store is there again')
  expect((await listCorrections(again.owner())).length).toBe(9)
  expect(await again.end('SIGTERM')).toBe(0)
}, 120_000)

/** Layers that take most of a MiB. */
const LARGE = [
  { type: 'dense', inputs: 784, outputs: 200 },
  { type: 'relu' },
  { type: 'dense', inputs: 200, outputs: 10 },
] as const
