/** Taking back, over HTTP: of a drawing nothing is left in models, downloads and on disk, whatever happens to the server meanwhile. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listCorrections, sleep, trainingOf, untilIdle, versionsOf } from './connection.ts'
import { buildShim } from './disk.ts'
import { newFolder, startSubject } from './server-under-test.ts'
import { filesWith, type TaughtDrawing, teachAndLearn, weightsOf } from './taking-back.ts'

const PATIENCE = 600_000 // ms; alone on two cores knn takes a tenth of that, the others less

/** Waits until nothing of it is on disk; what is left after some seconds. */
async function leftOf(state: string, { traces }: TaughtDrawing): Promise<string[]> {
  for (let tries = 0; tries < 100 && filesWith(state, traces).length > 0; tries++) await sleep(100)
  return filesWith(state, traces)
}

describe('a drawing that is taken back', () => {
  it.each(['softmax', 'mlp-300-100', 'cnn-small', 'cnn', 'knn'])(
    'is in no version of %s, no download and no file from that moment, also after a restart',
    async (model) => {
      const state = newFolder('forget')
      const settings = { INKLING_MODEL: 'softmax' }
      const subject = startSubject(state, settings)
      await subject.ready
      const taught = await teachAndLearn(subject.owner(), model, 2)
      expect(filesWith(state, taught.traces).length).toBeGreaterThan(1)
      const owner = subject.owner() // the search takes longer than a silent connection may
      expect((await owner.send('DELETE', `/api/v1/corrections/${taught.id}`)).status).toBe(204)
      const check = async (on: typeof owner, at: string) => {
        expect(filesWith(state, taught.traces), at).toEqual([])
        const gone = [`?version=${taught.version}`, `?sha256=${taught.sha256}`]
        for (const query of gone) expect((await weightsOf(on, model, query)).status, at).toBe(404)
        expect((await versionsOf(on, model)).served, at).not.toBe(taught.version)
        const { body } = await weightsOf(on, model)
        expect(
          taught.traces.some((trace) => body.includes(trace)),
          at,
        ).toBe(false)
      }
      await check(owner, 'at once')
      await subject.end('SIGTERM')
      const again = startSubject(state, settings)
      await again.ready
      await check(again.owner(), 'after a restart')
      expect((await versionsOf(again.owner(), model)).served).toBe(1)
      await again.end('SIGTERM')
    },
    PATIENCE,
  )

  it(
    'leaves what was learned of others: the version before it answers at once, and the model learns anew without it',
    async () => {
      const state = newFolder('forget')
      const subject = startSubject(state, { INKLING_MODEL: 'softmax' })
      await subject.ready
      const owner = subject.owner()
      const kept = await teachAndLearn(owner, 'softmax', 1)
      const taught = await teachAndLearn(owner, 'softmax', 2)
      expect(kept.version).toBeLessThan(taught.version)
      expect((await owner.send('DELETE', `/api/v1/corrections/${taught.id}`)).status).toBe(204)
      expect((await versionsOf(owner, 'softmax')).served).toBe(kept.version)
      while ((await trainingOf(owner)).rounds[0].round < 3) await sleep(100)
      expect((await trainingOf(owner)).rounds[0].lessons).toMatchObject({ learned: 1 })
      expect(filesWith(state, taught.traces)).toEqual([])
      await subject.end('SIGTERM')
    },
    PATIENCE,
  )

  it(
    'by a request during which the server is killed is there as before, or is erased after the next start',
    async () => {
      const state = newFolder('forget')
      const settings = { INKLING_MODEL: 'softmax' }
      let [forgotten, kept] = [0, 0]
      for (let kill = 0; kill < 8; kill++) {
        const subject = startSubject(state, settings)
        await subject.ready
        const taught = await teachAndLearn(subject.owner(), 'softmax', 10 + kill)
        const answer = subject.owner().send('DELETE', `/api/v1/corrections/${taught.id}`)
        const acknowledged = answer.then(({ status }) => status === 204).catch(() => false)
        await sleep(4 * kill)
        await subject.end('SIGKILL')
        const again = startSubject(state, settings)
        await again.ready
        const owner = again.owner()
        const there = (await listCorrections(owner)).some(({ id }) => id === taught.id)
        const { served } = await versionsOf(owner, 'softmax')
        if (there) kept++
        else {
          forgotten++
          expect(served).not.toBe(taught.version)
          expect(await leftOf(state, taught)).toEqual([])
        }
        expect(there && (await acknowledged)).toBe(false)
        await untilIdle(owner)
        await again.end('SIGTERM')
      }
      expect(forgotten).toBeGreaterThan(0)
      expect(forgotten + kept).toBe(8)
    },
    PATIENCE,
  )

  it(
    'while the disk fails is 503 until nothing is left of it: a retry finishes, and so does a restart',
    async ({ skip }) => {
      const shim = buildShim()
      if (!shim) return skip('there is no C compiler')
      const state = newFolder('forget')
      const say = join(newFolder('shim'), 'fault')
      const env = { LD_PRELOAD: shim, INKLING_SHIM_ROOT: state, INKLING_SHIM_FAULT: say, INKLING_MODEL: 'softmax' }
      const subject = startSubject(state, env)
      await subject.ready
      const owner = subject.owner()
      const [first, second] = [await teachAndLearn(owner, 'softmax', 1), await teachAndLearn(owner, 'softmax', 2)]
      const take = ({ id }: TaughtDrawing) => owner.send('DELETE', `/api/v1/corrections/${id}`)
      writeFileSync(say, 'truncate')
      for (let tries = 0; tries < 2; tries++) {
        const { status, headers } = await take(second)
        expect([status, Number(headers['retry-after']) > 0]).toEqual([503, true])
      }
      expect((await versionsOf(owner, 'softmax')).served).toBe(first.version)
      rmSync(say)
      expect((await take(second)).status).toBe(204)
      expect(filesWith(state, second.traces)).toEqual([])
      await untilIdle(owner)
      writeFileSync(say, 'truncate')
      expect((await take(first)).status).toBe(503)
      rmSync(say)
      await subject.end('SIGKILL')
      const again = startSubject(state, env)
      await again.ready
      expect(await leftOf(state, first)).toEqual([])
      await again.end('SIGTERM')
    },
    PATIENCE,
  )
})
