/** The learner: when rounds begin, what follows from how they end, and what survives a restart. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { TrainingEvent } from '../../../core/protocol.ts'
import { storeFile } from '../../../server/corrections/store.ts'
import type { LearningOptions } from '../../../server/learning/open.ts'
import { createScriptedRunner, promote, refuse } from './runner.ts'
import { openFixture, picture, teach } from './state.ts'

let close = async () => {}
afterEach(() => close())

/** Learning with a scripted runner. */
function open(changes: Partial<LearningOptions> & { weights?: string } = {}) {
  const runner = createScriptedRunner()
  const fixture = openFixture({ runner, ...changes })
  close = fixture.close
  const listener = fixture.learning.events.listen()
  const events: TrainingEvent[] = []
  /** Adds corrections and waits until nothing is due. */
  const learn = async (labels: readonly number[], first = 0) => {
    const ids = teach(fixture.store, labels, first)
    fixture.learning.notice()
    await fixture.learner?.idle()
    events.push(...listener.take().events.map(({ event }) => event))
    return ids
  }
  const served = () => fixture.learning.versions('softmax').served
  const report = () => fixture.rounds.reports(1)[0]
  return { ...fixture, runner, learn, events, served, report }
}

type Listed = ReturnType<typeof open>
const kinds = ({ events }: Listed) => events.map(({ type }) => type)
const uses = ({ store }: Listed) => store.corrections.list({ limit: 100 }).map(({ use }) => use)

describe('a correction', () => {
  it('leads to a round, a version on disk and answers of that version; every step is reported in order', async () => {
    const fixture = open()
    await fixture.learn([1, 2])
    expect(kinds(fixture)).toEqual(['correction', 'started', 'finished', 'served'])
    expect(fixture.served()).toBe(2)
    expect(fixture.recognizer.recognize(picture(1, 0)).version).toBe(2)
    expect(fixture.recognizer.isLoaded('softmax')).toBe(true)
    expect(existsSync(join(fixture.state, 'models/softmax/2/weights.safetensors'))).toBe(true)
    expect(fixture.report()).toMatchObject({ verdict: 'promoted', version: 2, parent: 1, lessons: { learned: 2 } })
    expect(uses(fixture)).toEqual(['learned', 'learned'])
    expect(fixture.runner.jobs[0].seed).toBe(1)
  })

  it('is learned from beside all earlier ones, always from the shipped weights', async () => {
    const fixture = open()
    await fixture.learn([1, 2])
    await fixture.learn([3], 2)
    const [, second] = fixture.runner.jobs
    expect(second.corrections.map(({ label }) => label)).toEqual([1, 2, 3])
    expect(second.firstUnseen).toBe(2)
    expect(second.shipped.card.version).toBe(1)
    expect(second.served.card.version).toBe(2)
    expect(fixture.served()).toBe(3)
  })

  it('that arrives during a round waits for the next one', async () => {
    const fixture = open()
    fixture.runner.script.push((job) => {
      teach(fixture.store, [5], 10)
      fixture.learning.notice()
      return promote(job, 1)
    })
    await fixture.learn([1])
    expect(fixture.runner.jobs.map(({ corrections }) => corrections.length)).toEqual([1, 2])
  })

  it('from which nothing new is learned leads to no further version', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.runner.script.push((job) => promote(job, 2 / 64))
    await fixture.learn([1], 1)
    expect(fixture.report()).toMatchObject({ verdict: 'unchanged' })
    expect(fixture.served()).toBe(2)
    expect(readdirSync(join(fixture.state, 'models/softmax'))).toEqual(['2'])
  })

  it('is held back as undecided when the gate refuses, and the version before is still served', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.runner.script.push((job) => refuse(job, { verdicts: ['learned', 'learned', 'implausible'] }))
    await fixture.learn([2, 3], 1)
    expect(fixture.served()).toBe(2)
    expect(uses(fixture)).toEqual(['implausible', 'undecided', 'learned'])
  })

  it('taken back is forgotten: the next round begins automatically without it', async () => {
    const fixture = open()
    const [first] = await fixture.learn([1, 2])
    fixture.store.corrections.forget(first, '', true)
    await fixture.learn([])
    expect(fixture.runner.jobs.map(({ corrections }) => corrections.map(({ label }) => label))).toEqual([[1, 2], [2]])
    expect(fixture.served()).toBe(3)
  })

  it('taken back during its round: what was learned from it is not served', async () => {
    const fixture = open()
    fixture.runner.script.push((job) => {
      const [{ id }] = fixture.store.corrections.list({ limit: 1 })
      fixture.store.corrections.forget(id, '', true)
      return promote(job, 1)
    })
    await fixture.learn([1, 2])
    const reports = fixture.rounds.reports(5)
    expect(reports.map(({ verdict }) => verdict)).toContain('stopped')
    expect(fixture.runner.jobs.at(-1)?.corrections.map(({ label }) => label)).toEqual([1])
  })

  it('taken back: the shipped model is served again at once, also where the rest is refused', async () => {
    const fixture = open()
    const [first] = await fixture.learn([1, 2])
    fixture.store.corrections.forget(first, '', true)
    expect([fixture.served(), fixture.recognizer.recognize(picture(1, 0)).version]).toEqual([1, 1])
    fixture.runner.script.push((job) => refuse(job))
    await fixture.learn([])
    expect(fixture.served()).toBe(1)
    const served = { type: 'served', why: 'rolled-back', version: 1, before: 2 }
    expect(fixture.events.filter(({ type }) => type === 'served').at(-1)).toMatchObject(served)
  })
})

describe('a round that fails', () => {
  it('is done once more, then waits for another correction', async () => {
    const fixture = open()
    const fail = () => ({ type: 'failed', reason: 'there is no room left on the disk' }) as const
    fixture.runner.script.push(fail, fail)
    await fixture.learn([1])
    expect(fixture.runner.jobs.length).toBe(2)
    expect(fixture.report()).toMatchObject({ verdict: 'failed', reason: 'there is no room left on the disk' })
    expect(fixture.served()).toBe(1)
    fixture.learning.notice()
    await fixture.learner?.idle()
    expect(fixture.runner.jobs.length).toBe(2)
    await fixture.learn([2], 1)
    expect(fixture.served()).toBe(2)
  })
})

describe('a store that fails', () => {
  it('holds up a round and what the owner requested, and both follow automatically when it works again', async () => {
    const fixture = open({ retry: 20 })
    await fixture.learn([1])
    const other = new DatabaseSync(storeFile(fixture.state))
    teach(fixture.store, [2], 1)
    other.exec('BEGIN IMMEDIATE')
    fixture.learning.start('softmax')
    await fixture.learner?.idle()
    expect(fixture.warnings.filter((line) => line.startsWith('learning waits'))).toHaveLength(1)
    expect(fixture.runner.jobs).toHaveLength(1)
    other.exec('ROLLBACK')
    other.close()
    const patience = performance.now() + 60_000
    while (fixture.report().round < 2 && performance.now() < patience) await new Promise((next) => setTimeout(next, 10))
    expect(fixture.report()).toMatchObject({ round: 2, verdict: 'promoted', lessons: { learned: 2 } })
  })
})

describe('the owner', () => {
  it('stops a round, and the next correction begins another', async () => {
    const fixture = open()
    fixture.runner.script.push(() => {
      fixture.learning.stop()
      return new Promise(() => {})
    })
    await fixture.learn([1])
    expect(fixture.report()).toMatchObject({ verdict: 'stopped', reason: 'stopped by the owner' })
    expect(fixture.learning.state().state).toBe('idle')
    expect(uses(fixture)).toEqual(['waiting'])
    await fixture.learn([2], 1)
    expect(fixture.served()).toBe(2)
  })

  it('goes back to a version, and the model learns no more until the owner corrects it', async () => {
    const fixture = open()
    await fixture.learn([1])
    await fixture.learn([2], 1)
    expect(fixture.learning.rollback('softmax').served).toBe(2)
    expect(fixture.recognizer.recognize(picture(1, 0)).version).toBe(2)
    expect(fixture.learning.rollback('softmax', 1).served).toBe(1)
    fixture.learning.notice()
    await fixture.learner?.idle()
    expect(fixture.served()).toBe(1)
    await fixture.learn([3], 2)
    expect(fixture.served()).toBe(1)
    teach(fixture.store, [3], 3, true)
    await fixture.learn([])
    expect(fixture.served()).toBe(4)
    expect(() => fixture.learning.rollback('softmax', 9)).toThrow('no such version')
    expect(() => fixture.learning.rollback('nobody')).toThrow('no model')
  })

  it('finds the last eight versions with their weights, and the numbers of the rest', async () => {
    const fixture = open()
    for (let k = 0; k < 10; k++) await fixture.learn([k], k)
    const { versions } = fixture.learning.versions('softmax')
    expect(versions.map(({ version }) => version)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(versions.filter(({ available }) => !available).map(({ version }) => version)).toEqual([3, 2])
    expect(readdirSync(join(fixture.state, 'models/softmax')).length).toBe(8)
    expect(() => fixture.learning.rollback('softmax', 2)).toThrow('not kept any more')
    expect(fixture.learning.rollback('softmax', 1).served).toBe(1)
  })

  it('can start a round without new corrections, but not without any corrections, and not of a forest', async () => {
    const fixture = open()
    expect(() => fixture.learning.start()).toThrow('no corrections')
    await fixture.learn([1])
    fixture.learning.start('softmax')
    await fixture.learner?.idle()
    expect(fixture.runner.jobs.length).toBe(2)
    expect(() => fixture.learning.start('nobody')).toThrow('no model')
  })
})

describe('a tally of a served version', () => {
  it('that shows harm restores the shipped model: seven drawings that it alone answers right', async () => {
    const fixture = open()
    await fixture.learn([1])
    const live = { judged: 4, right: 0, shippedRight: 4, lost: 4 }
    fixture.runner.script.push((job) => promote(job, 5, { live }))
    await fixture.learn([2], 1)
    expect(fixture.served()).toBe(3)
    expect(fixture.learning.versions('softmax').versions[1].live).toEqual({ judged: 4, right: 0, shippedRight: 4 })
    fixture.runner.script.push((job) => promote(job, 6, { live: { ...live, judged: 3, shippedRight: 3, lost: 3 } }))
    await fixture.learn([3], 2)
    expect(fixture.served()).toBe(1)
    expect(fixture.events.at(-1)).toMatchObject({ type: 'served', why: 'live', version: 1, before: 3 })
    expect(fixture.report()).toMatchObject({ verdict: 'refused' })
    fixture.learning.notice()
    await fixture.learner?.idle()
    expect(fixture.runner.jobs.length).toBe(3)
    await fixture.learn([4], 3)
    expect(fixture.served()).toBe(4)
  })
})

describe('after a restart', () => {
  it('the version served last is served, and an interrupted round is resumed', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.runner.script.push(() => new Promise(() => {}))
    teach(fixture.store, [2], 1)
    fixture.learning.notice()
    while (fixture.runner.jobs.length < 2) await sleep(5)
    await fixture.close()
    const again = open({ state: fixture.state, weights: fixture.weights })
    expect(again.served()).toBe(2)
    again.learner?.resume()
    await again.learner?.idle()
    expect(again.runner.jobs.map(({ round }) => round)).toEqual([2])
    expect(again.runner.jobs[0].identity).toBe(fixture.runner.jobs[1].identity)
    expect(again.served()).toBe(3)
  })

  it('events have higher numbers than before', async () => {
    const fixture = open()
    await fixture.learn([1])
    const last = fixture.learning.events.last()
    await fixture.close()
    expect(open({ state: fixture.state, weights: fixture.weights }).learning.events.last()).toBeGreaterThan(last)
  })
})
