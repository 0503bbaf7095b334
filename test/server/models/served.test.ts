/** Versions as they are served: swapped, broken, outdated, left over. */

import { cpSync, existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../server/files/sha256.ts'
import { createScriptedRunner } from '../learning/runner.ts'
import { openFixture, picture, teach } from '../learning/state.ts'
import { DROPOUT, testModel, testWeights, writeModel } from './test-model.ts'

type Place = ReturnType<typeof openFixture>
const opened: Place[] = []
const open = (changes: Parameters<typeof openFixture>[0] = {}) => {
  const fixture = openFixture({ runner: createScriptedRunner(), ...changes })
  opened.push(fixture)
  return fixture
}
const again = async (fixture: Place) => {
  await fixture.close()
  return open({ state: fixture.state, weights: fixture.weights })
}
const learn = async (fixture: Place, count: number) => {
  for (let k = 0; k < count; k++) {
    teach(fixture.store, [k % 10], k)
    fixture.learning.notice()
    await fixture.learner?.idle()
  }
}
const answer = ({ recognizer }: Place) => recognizer.recognize(picture(1, 0), 'softmax').version
const weightsOf = (fixture: Place, version: number) =>
  join(fixture.state, 'models/softmax', String(version), 'weights.safetensors')

afterEach(async () => {
  for (const fixture of opened.splice(0)) await fixture.close()
})

describe('a version that is broken on disk', () => {
  let fixture: Place
  beforeEach(async () => {
    fixture = open()
    await learn(fixture, 3)
    expect(answer(fixture)).toBe(4)
  })

  it.each([
    ['cut short', (path: string) => truncateSync(path, 100)],
    ['gone', (path: string) => rmSync(path)],
    ['other bytes', (path: string) => writeFileSync(path, new Uint8Array(31_600))],
    ['without its card', (path: string) => rmSync(join(path, '../card.json'))],
    ['another version', (path: string) => cpSync(join(path, '../../3'), join(path, '..'), { recursive: true })],
  ])('at a start, %s: the newest whole one before it answers, and a warning says so', async (_, damage) => {
    damage(weightsOf(fixture, 4))
    const next = await again(fixture)
    expect(answer(next)).toBe(3)
    expect(next.warnings.join()).toContain('version 4 of model softmax cannot be used')
    expect(next.learning.versions('softmax').versions[0]).toMatchObject({ version: 4, available: false, served: false })
    expect(answer(await again(next))).toBe(3)
  })

  it('with all of them: the shipped one answers', async () => {
    for (const version of [2, 3, 4]) truncateSync(weightsOf(fixture, version), 5)
    expect(answer(await again(fixture))).toBe(1)
  })

  it('when it is loaded: the one before it answers the same request', async () => {
    fixture.rounds.setLearner('softmax', { version: 3 })
    fixture.models.serve('softmax', 3)
    truncateSync(weightsOf(fixture, 3), 5)
    const listener = fixture.learning.events.listen()
    expect(answer(fixture)).toBe(2)
    expect(listener.take().events[0].event).toMatchObject({ type: 'served', version: 2, before: 3 })
    await learn(fixture, 4)
    expect(answer(fixture)).toBe(5)
  })
})

describe('after a start', () => {
  it('nothing is left of what the store does not know', async () => {
    const fixture = open()
    await learn(fixture, 1)
    const models = join(fixture.state, 'models')
    cpSync(join(models, 'softmax/2'), join(models, 'softmax/3'), { recursive: true })
    mkdirSync(join(models, 'softmax/4.new'))
    mkdirSync(join(models, 'nobody/7'), { recursive: true })
    const next = await again(fixture)
    expect(
      ['softmax/2', 'softmax/3', 'softmax/4.new', 'nobody/7'].map((name) => existsSync(join(models, name))),
    ).toEqual([true, false, false, false])
    expect(answer(next)).toBe(2)
  })

  it('with another shipped model that one answers, and its next version has a new number', async () => {
    const fixture = open()
    await learn(fixture, 2)
    writeModel(fixture.weights, changed())
    const next = await again(fixture)
    expect(answer(next)).toBe(1)
    expect(() => next.learning.rollback('softmax', 3)).toThrow('not kept')
    teach(next.store, [5], 50)
    next.learning.notice()
    await next.learner?.idle()
    expect(answer(next)).toBe(4)
  })

  it('without a store the shipped models answer, and the state says why', async () => {
    const fixture = open()
    await learn(fixture, 1)
    await fixture.close()
    const off = open({ state: fixture.state, weights: fixture.weights, database: undefined })
    expect(answer(off)).toBe(1)
    expect(off.learning.state()).toMatchObject({ state: 'off', reason: 'learning is switched off', models: [] })
    expect(off.learning.versions('softmax').served).toBe(1)
    expect(() => off.learning.rollback('softmax')).toThrow('switched off')
  })
})

describe('a store that breaks', () => {
  it('while the server runs takes nothing from what is served: it answers, and its weights can be had', async () => {
    const fixture = open()
    await learn(fixture, 2)
    const { sha256: digest } = fixture.learning.versions('softmax').versions[0]
    fixture.store.close()
    rmSync(join(fixture.state, 'store.db'))
    mkdirSync(join(fixture.state, 'store.db')) // no file can be opened there
    expect(answer(fixture)).toBe(3)
    expect(sha256(fixture.models.file('softmax', 3))).toBe(digest)
    expect(fixture.models.find('softmax', { sha256: digest })?.version).toBe(3)
    fixture.learning.notice()
    await fixture.learner?.idle()
    expect(fixture.learning.state()).toMatchObject({
      state: 'off',
      // by what SQLite meets first: a log without its file, or no file at all
      reason: expect.stringMatching(/predictions go on|waits for repair/),
    })
    expect(fixture.warnings.join()).toContain('learning waits')
  })
})

describe('a swap', () => {
  it('500 times between answers: none fails, each is of one version from the first bit to the last', async () => {
    const fixture = open()
    await learn(fixture, 2)
    const input = picture(3, 7)
    const expected = new Map<number, string>()
    for (let k = 0; k < 500; k++) {
      fixture.models.serve('softmax', [0, 2, 3][k % 3])
      const { version, probabilities } = fixture.recognizer.recognize(input, 'softmax')
      expect(version).toBe([1, 2, 3][k % 3])
      const text = probabilities.join()
      expect(expected.get(version) ?? text).toBe(text)
      expected.set(version, text)
    }
    expect(new Set(expected.values()).size).toBe(3)
  })

  it('in the middle of samples changes nothing about them', async () => {
    const weights = testWeights(testModel('softmax', DROPOUT))
    const fixture = open({ weights })
    await learn(fixture, 1)
    const input = picture(3, 7)
    const whole = fixture.recognizer.recognize(input, 'softmax', 20)
    const sampling = fixture.recognizer.start(input, { model: 'softmax', samples: 20 }).sampling
    sampling.go(10)
    fixture.models.serve('softmax', 0)
    fixture.recognizer.recognize(input, 'softmax')
    sampling.go(10)
    expect(sampling.result()).toEqual(whole)
    expect(whole.version).toBe(2)
  })
})

/** The test model with a first weight that is another. */
function changed() {
  const model = testModel('softmax')
  const bytes = model.bytes.slice()
  new DataView(bytes.buffer).setFloat32(bytes.length - model.data.length, 0.5, true)
  return { ...model, bytes, card: { ...model.card, weights: { ...model.card.weights, sha256: sha256(bytes) } } }
}
