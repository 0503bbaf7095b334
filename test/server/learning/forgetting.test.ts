/** Taking back: what happens at once to the versions and rounds that know a drawing, and what is learned anew. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../server/corrections/store.ts'
import { testModel, testWeights } from '../models/test-model.ts'
import { createScriptedRunner, promote, refuse } from './runner.ts'
import { openFixture, picture, teach } from './state.ts'

let close = async () => {}
afterEach(() => close())

/** Learning with a scripted runner, and two models that learn: softmax answers by default. */
function open(changes: { state?: string; weights?: string } = {}) {
  const runner = createScriptedRunner()
  const weights = changes.weights ?? testWeights(testModel(), testModel('other'))
  const fixture = openFixture({ runner, ...changes, weights })
  close = fixture.close
  const learn = async (labels: readonly number[], first: number) => {
    const ids = teach(fixture.store, labels, first)
    fixture.learning.notice()
    await fixture.learner?.idle()
    return ids
  }
  /** Corrections of the model that is not the default one. */
  const teachOther = (label: number, number: number, answer = (label + 1) % 10) => {
    const given = { address: '10.1.0.1', fromOwner: false, png: Uint8Array.of(1), input: picture(label, number), label }
    const { response } = fixture.store.corrections.keep({
      ...given,
      answer,
      model: 'other',
      version: 1,
      confidence: 0.5,
    })
    fixture.learning.notice()
    return response
  }
  const served = (model = 'softmax') => fixture.learning.versions(model).served
  const available = (model = 'softmax') =>
    fixture.learning
      .versions(model)
      .versions.filter((one) => one.available)
      .map(({ version }) => version)
  const onDisk = (model = 'softmax') => readdirSync(join(fixture.state, 'models', model)).sort()
  const labels = () => runner.jobs.map(({ corrections }) => corrections.map(({ label }) => label))
  return { ...fixture, runner, learn, teachOther, served, available, onDisk, labels }
}

/** A round that does not end by itself. */
const forever = () => new Promise<never>(() => {})

describe('a drawing that is taken back', () => {
  it('is in no version that is served, listed as available, found or on disk, from that moment', async () => {
    const fixture = open()
    await fixture.learn([1], 0)
    const [second] = await fixture.learn([2], 1)
    await fixture.learn([3], 2)
    expect([fixture.served(), fixture.available()]).toEqual([4, [4, 3, 2, 1]])
    const weights = fixture.learning.versions('softmax').versions.map(({ sha256 }) => sha256)
    fixture.store.corrections.forget(second, '', true)
    expect([fixture.served(), fixture.available()]).toEqual([2, [2, 1]])
    expect(fixture.recognizer.recognize(picture(1, 0)).version).toBe(2)
    expect([3, 4].map((version) => fixture.models.find('softmax', { version }))).toEqual([undefined, undefined])
    expect(weights.map((sha256) => fixture.models.find('softmax', { sha256 })?.version)).toEqual([
      undefined,
      undefined,
      2,
      1,
    ])
    expect(() => fixture.models.load('softmax', 3)).toThrow('not kept')
    await fixture.store.corrections.erased()
    expect(fixture.onDisk()).toEqual(['2'])
    await fixture.learner?.idle()
    expect(fixture.labels().at(-1)).toEqual([1, 3])
    expect([fixture.served(), fixture.available()]).toEqual([5, [5, 2, 1]])
  })

  it('and was not learned from leaves every version as it is', async () => {
    const fixture = open()
    fixture.runner.script.push((job) => promote(job, 2, { verdicts: ['learned', 'implausible', 'held'] }))
    const [, implausible, held] = await fixture.learn([1, 2, 3], 0)
    fixture.store.corrections.forget(implausible, '', true)
    fixture.store.corrections.forget(held, '', true)
    await fixture.learner?.idle()
    expect([fixture.served(), fixture.available(), fixture.runner.jobs.length]).toEqual([2, [2, 1], 1])
  })

  it('gives back the version before it, not one that the owner went back from', async () => {
    const fixture = open()
    await fixture.learn([1], 0)
    await fixture.learn([2], 1)
    fixture.learning.rollback('softmax', 2)
    const ids = teach(fixture.store, [4], 3, true)
    fixture.learning.notice()
    await fixture.learner?.idle()
    expect(fixture.served()).toBe(4)
    fixture.runner.script.push((job) => refuse(job))
    fixture.store.corrections.forget(ids[0], '', true)
    expect(fixture.served()).toBe(2)
    await fixture.learner?.idle()
    expect([fixture.served(), fixture.labels().at(-1)]).toEqual([2, [1]])
  })

  it('is forgotten by a model whose only correction it was, and that is not the default one', async () => {
    const fixture = open()
    const { id } = fixture.teachOther(5, 0)
    await fixture.learner?.idle()
    expect([fixture.served('other'), fixture.served()]).toEqual([2, 2])
    fixture.store.corrections.forget(id, '', true)
    expect([fixture.served('other'), fixture.served()]).toEqual([1, 1])
    await fixture.store.corrections.erased()
    expect([fixture.onDisk('other'), fixture.onDisk()]).toEqual([[], []])
    await fixture.learner?.idle()
    expect(fixture.runner.jobs).toHaveLength(2) // there is nothing to learn from
  })

  it('is learned from no more by a model that nobody corrects any more, but that learned from others', async () => {
    const fixture = open()
    await fixture.learn([1], 0)
    const { id } = fixture.teachOther(5, 0)
    await fixture.learner?.idle()
    fixture.store.corrections.forget(id, '', true)
    await fixture.learner?.idle()
    const last = fixture.runner.jobs.slice(-2)
    expect(last.map(({ model, corrections }) => [model, corrections.map(({ label }) => label)]).sort()).toEqual([
      ['other', [1]],
      ['softmax', [1]],
    ])
  })

  it('and given again with another label is another one: what was learned of the first is gone', async () => {
    const fixture = open()
    const [, mistaken] = await fixture.learn([1, 2], 0)
    expect(fixture.store.corrections.list({ limit: 1 })[0].id).toBe(mistaken)
    const given = { address: '10.0.0.1', fromOwner: false, png: Uint8Array.of(1), input: picture(2, 1), label: 7 }
    fixture.store.corrections.keep({ ...given, answer: 3, model: 'softmax', version: 1, confidence: 0.5 })
    expect(fixture.served()).toBe(1)
    fixture.learning.notice()
    await fixture.learner?.idle()
    expect([fixture.served(), fixture.available(), fixture.labels().at(-1)]).toEqual([3, [3, 1], [1, 7]])
  })

  it('and known to a version of an earlier release, which left it, is gone at the start', async () => {
    const fixture = open()
    await fixture.learn([1, 2], 0)
    await fixture.close()
    const store = openStore(fixture.state, { warn: () => {}, leastFree: 0 })
    store.database.run('DELETE FROM corrections WHERE label = 2')
    store.close()
    const again = open({ state: fixture.state, weights: fixture.weights })
    expect([again.served(), again.available(), again.onDisk()]).toEqual([1, [1], []])
    again.learner?.resume()
    await again.learner?.idle()
    expect(again.labels()).toEqual([[1]])
  })

  it('and whose process died before it was erased is erased at the next start', async () => {
    const fixture = open()
    const [id] = await fixture.learn([1], 0)
    const checkpoint = join(fixture.state, 'training', '2.checkpoint')
    writeFileSync(checkpoint, 'features')
    await fixture.learner?.close()
    fixture.store.corrections.forget(id, '', true)
    fixture.store.database.close() // before any promise goes on
    expect([fixture.onDisk(), existsSync(checkpoint)]).toEqual([['2'], true])
    mkdirSync(join(fixture.state, 'models/softmax/3.new'), { recursive: true })
    fixture.store.close()
    const again = open({ state: fixture.state, weights: fixture.weights })
    await again.store.corrections.erased()
    expect([again.served(), again.onDisk(), existsSync(checkpoint)]).toEqual([1, [], false])
  })
})

describe('a round', () => {
  it('that learns from what is taken back stops at once, and begins again without it', async () => {
    const fixture = open()
    fixture.runner.script.push(forever)
    const [first] = teach(fixture.store, [1, 2], 0)
    fixture.learning.notice()
    while (fixture.runner.jobs.length === 0) await sleep(2)
    writeFileSync(join(fixture.state, 'training', '1.checkpoint'), 'features')
    promote(fixture.runner.jobs[0], 5) // it was just written
    fixture.store.corrections.forget(first, '', true)
    await fixture.store.corrections.erased()
    expect(readdirSync(join(fixture.state, 'training'))).toEqual([])
    await fixture.learner?.idle()
    expect(fixture.rounds.reports(9).map(({ verdict }) => verdict)).toEqual(['promoted', 'stopped'])
    expect(fixture.labels()).toEqual([[1, 2], [2]])
  })

  it('that does not learn from it goes on, from its checkpoint too, and what it makes is served', async () => {
    const fixture = open()
    await fixture.learn([1], 0)
    let end = () => {}
    fixture.runner.script.push(async (job) => {
      await new Promise<void>((resolve) => {
        end = resolve
      })
      return promote(job, 2 / 64) // to the weights of the version before
    })
    teach(fixture.store, [2], 1)
    fixture.learning.notice()
    while (fixture.runner.jobs.length === 1) await sleep(2)
    const checkpoint = join(fixture.state, 'training', '2.checkpoint')
    writeFileSync(checkpoint, 'weights')
    const [late] = teach(fixture.store, [3], 2)
    fixture.store.corrections.forget(late, '10.0.0.2', false)
    await fixture.store.corrections.erased()
    expect(existsSync(checkpoint)).toBe(true)
    end()
    await fixture.learner?.idle()
    expect(fixture.rounds.reports(9).map(({ verdict }) => verdict)).toEqual(['unchanged', 'promoted'])
    expect(fixture.labels()).toEqual([[1], [1, 2]])
  })

  it('is stopped once by a network, whatever that takes back: the others are learned first, then the rest', async () => {
    const fixture = open()
    fixture.runner.script.push(forever)
    const [honest] = teach(fixture.store, [9], 100)
    const spam = [1, 2, 3].map((label) => {
      const given = { address: '10.9.9.9', fromOwner: false, png: Uint8Array.of(1), input: picture(label, 7), label }
      return fixture.store.corrections.keep({ ...given, answer: 0, model: 'softmax', version: 1, confidence: 0.5 })
        .response.id
    })
    fixture.learning.notice()
    while (fixture.runner.jobs.length === 0) await sleep(2)
    fixture.runner.script.push((job) => {
      fixture.store.corrections.forget(spam[1], '10.9.9.9', false)
      return promote(job, 3)
    })
    fixture.store.corrections.forget(spam[0], '10.9.9.9', false)
    await fixture.learner?.idle()
    expect(fixture.labels()).toEqual([[9, 1, 2, 3], [9], [9, 3]])
    expect(fixture.rounds.reports(9).map(({ verdict }) => verdict)).toEqual(['promoted', 'promoted', 'stopped'])
    expect(fixture.store.rows.find(honest)?.use).toBe('learned')
  })
})

describe('a confirmation', () => {
  it('begins a round of the model that it is about, and of no other', async () => {
    const fixture = open()
    await fixture.learn([1], 0)
    fixture.teachOther(4, 1)
    await fixture.learner?.idle()
    expect(fixture.runner.jobs.map(({ model }) => model)).toEqual(['softmax', 'other', 'softmax'])
    const { learning, confirmed } = fixture.teachOther(6, 2, 6)
    expect([learning, confirmed]).toEqual([['other'], true])
    await fixture.learner?.idle()
    expect(fixture.runner.jobs.slice(3).map(({ model }) => model)).toEqual(['other'])
    await fixture.learn([8], 3)
    expect(fixture.labels().slice(4)).toEqual([
      [1, 4, 6, 8],
      [1, 4, 6, 8],
    ])
  })
})
