/** The trainer: when rounds begin, what follows from how they end, and what of it survives. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import type { TrainingEvent } from '../../../core/protocol.ts'
import { storeFile } from '../../../server/corrections/store.ts'
import type { LearningPlace } from '../../../server/learning/open.ts'
import { createToldRunner, promote, refuse } from './runner.ts'
import { openPlace, picture, teach } from './state.ts'

let close = async () => {}
afterEach(() => close())

/** A place with a runner that is told what to answer. */
function open(changes: Partial<LearningPlace> & { weights?: string } = {}) {
  const runner = createToldRunner()
  const place = openPlace({ runner, ...changes })
  close = place.close
  const listener = place.learning.events.listen()
  const events: TrainingEvent[] = []
  /** Corrections come, and are dealt with. */
  const learn = async (labels: readonly number[], first = 0) => {
    const ids = teach(place.store, labels, first)
    place.learning.notice()
    await place.trainer?.idle()
    events.push(...listener.take().events.map(({ event }) => event))
    return ids
  }
  const served = () => place.learning.versions('softmax').served
  const report = () => place.rounds.reports(1)[0]
  return { ...place, runner, learn, events, served, report }
}

type Listed = ReturnType<typeof open>
const kinds = ({ events }: Listed) => events.map(({ type }) => type)
const uses = ({ store }: Listed) => store.corrections.list({ limit: 100 }).map(({ use }) => use)

describe('a correction', () => {
  it('leads to a round, a version on disk, and answers by it; every step is told in order', async () => {
    const place = open()
    await place.learn([1, 2])
    expect(kinds(place)).toEqual(['correction', 'started', 'finished', 'served'])
    expect(place.served()).toBe(2)
    expect(place.recognizer.recognize(picture(1, 0)).version).toBe(2)
    expect(place.recognizer.isLoaded('softmax')).toBe(true)
    expect(existsSync(join(place.state, 'models/softmax/2/weights.safetensors'))).toBe(true)
    expect(place.report()).toMatchObject({ verdict: 'promoted', version: 2, parent: 1, lessons: { learned: 2 } })
    expect(uses(place)).toEqual(['learned', 'learned'])
    expect(place.runner.orders[0].seed).toBe(1)
  })

  it('is learned from beside all earlier ones, always from the shipped weights', async () => {
    const place = open()
    await place.learn([1, 2])
    await place.learn([3], 2)
    const [, second] = place.runner.orders
    expect(second.corrections.map(({ label }) => label)).toEqual([1, 2, 3])
    expect(second.firstUnseen).toBe(2)
    expect(second.shipped.card.version).toBe(1)
    expect(second.served.card.version).toBe(2)
    expect(place.served()).toBe(3)
  })

  it('that comes while a round is under way waits for the next one', async () => {
    const place = open()
    place.runner.script.push((order) => {
      teach(place.store, [5], 10)
      place.learning.notice()
      return promote(order, 1)
    })
    await place.learn([1])
    expect(place.runner.orders.map(({ corrections }) => corrections.length)).toEqual([1, 2])
  })

  it('of which nothing new comes leads to no further version', async () => {
    const place = open()
    await place.learn([1])
    place.runner.script.push((order) => promote(order, 2 / 64))
    await place.learn([1], 1)
    expect(place.report()).toMatchObject({ verdict: 'unchanged' })
    expect(place.served()).toBe(2)
    expect(readdirSync(join(place.state, 'models/softmax'))).toEqual(['2'])
  })

  it('is held back as undecided when the gate refuses, and the version before goes on', async () => {
    const place = open()
    await place.learn([1])
    place.runner.script.push((order) => refuse(order, { verdicts: ['learned', 'learned', 'implausible'] }))
    await place.learn([2, 3], 1)
    expect(place.served()).toBe(2)
    expect(uses(place)).toEqual(['implausible', 'undecided', 'learned'])
  })

  it('taken back is forgotten: without it the next round begins by itself', async () => {
    const place = open()
    const [first] = await place.learn([1, 2])
    place.store.corrections.forget(first, '', true)
    await place.learn([])
    expect(place.runner.orders.map(({ corrections }) => corrections.map(({ label }) => label))).toEqual([[1, 2], [2]])
    expect(place.served()).toBe(3)
  })

  it('taken back while it is learned from keeps that from being served', async () => {
    const place = open()
    place.runner.script.push((order) => {
      const [{ id }] = place.store.corrections.list({ limit: 1 })
      place.store.corrections.forget(id, '', true)
      return promote(order, 1)
    })
    await place.learn([1, 2])
    const reports = place.rounds.reports(5)
    expect(reports.map(({ verdict }) => verdict)).toContain('stopped')
    expect(place.runner.orders.at(-1)?.corrections.map(({ label }) => label)).toEqual([1])
  })

  it('taken back, and refused what is left: the shipped model is served again', async () => {
    const place = open()
    const [first] = await place.learn([1, 2])
    place.store.corrections.forget(first, '', true)
    place.runner.script.push((order) => refuse(order))
    await place.learn([])
    expect(place.served()).toBe(1)
    expect(place.events.at(-1)).toMatchObject({ type: 'served', why: 'rolled-back', version: 1, before: 2 })
  })
})

describe('a round that fails', () => {
  it('is done once more, then waits for another correction', async () => {
    const place = open()
    const fail = () => ({ type: 'failed', reason: 'there is no room left on the disk' }) as const
    place.runner.script.push(fail, fail)
    await place.learn([1])
    expect(place.runner.orders.length).toBe(2)
    expect(place.report()).toMatchObject({ verdict: 'failed', reason: 'there is no room left on the disk' })
    expect(place.served()).toBe(1)
    place.learning.notice()
    await place.trainer?.idle()
    expect(place.runner.orders.length).toBe(2)
    await place.learn([2], 1)
    expect(place.served()).toBe(2)
  })
})

describe('a store that fails', () => {
  it('holds up a round and what the owner asked for, and both come by themselves when it works again', async () => {
    const place = open({ retry: 20 })
    await place.learn([1])
    const other = new DatabaseSync(storeFile(place.state))
    teach(place.store, [2], 1)
    other.exec('BEGIN IMMEDIATE')
    place.learning.start('softmax')
    await place.trainer?.idle()
    expect(place.warnings.filter((line) => line.startsWith('learning waits'))).toHaveLength(1)
    expect(place.runner.orders).toHaveLength(1)
    other.exec('ROLLBACK')
    other.close()
    const patience = performance.now() + 5000
    while (place.report().round < 2 && performance.now() < patience) await new Promise((next) => setTimeout(next, 10))
    expect(place.report()).toMatchObject({ round: 2, verdict: 'promoted', lessons: { learned: 2 } })
  })
})

describe('the owner', () => {
  it('stops a round, and the next correction begins another', async () => {
    const place = open()
    place.runner.script.push(() => {
      place.learning.stop()
      return new Promise(() => {})
    })
    await place.learn([1])
    expect(place.report()).toMatchObject({ verdict: 'stopped', reason: 'stopped by the owner' })
    expect(place.learning.state().state).toBe('idle')
    expect(uses(place)).toEqual(['waiting'])
    await place.learn([2], 1)
    expect(place.served()).toBe(2)
  })

  it('goes back to a version, and the model learns no more until there is a new correction', async () => {
    const place = open()
    await place.learn([1])
    await place.learn([2], 1)
    expect(place.learning.rollback('softmax').served).toBe(2)
    expect(place.recognizer.recognize(picture(1, 0)).version).toBe(2)
    expect(place.learning.rollback('softmax', 1).served).toBe(1)
    place.learning.notice()
    await place.trainer?.idle()
    expect(place.served()).toBe(1)
    await place.learn([3], 2)
    expect(place.served()).toBe(4)
    expect(() => place.learning.rollback('softmax', 9)).toThrow('no such version')
    expect(() => place.learning.rollback('nobody')).toThrow('no model')
  })

  it('finds the last eight versions with their weights, and of the rest the numbers', async () => {
    const place = open()
    for (let k = 0; k < 10; k++) await place.learn([k], k)
    const { versions } = place.learning.versions('softmax')
    expect(versions.map(({ version }) => version)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(versions.filter(({ available }) => !available).map(({ version }) => version)).toEqual([3, 2])
    expect(readdirSync(join(place.state, 'models/softmax')).length).toBe(8)
    expect(() => place.learning.rollback('softmax', 2)).toThrow('not kept any more')
    expect(place.learning.rollback('softmax', 1).served).toBe(1)
  })

  it('can have learned what nobody waits for, but nothing from no corrections and no forest', async () => {
    const place = open()
    expect(() => place.learning.start()).toThrow('no corrections')
    await place.learn([1])
    place.learning.start('softmax')
    await place.trainer?.idle()
    expect(place.runner.orders.length).toBe(2)
    expect(() => place.learning.start('nobody')).toThrow('no model')
  })
})

describe('judgements in use', () => {
  it('take back what does harm: seven that the shipped model alone answers right', async () => {
    const place = open()
    await place.learn([1])
    const live = { judged: 4, right: 0, shippedRight: 4, lost: 4 }
    place.runner.script.push((order) => promote(order, 5, { live }))
    await place.learn([2], 1)
    expect(place.served()).toBe(3)
    expect(place.learning.versions('softmax').versions[1].live).toEqual({ judged: 4, right: 0, shippedRight: 4 })
    place.runner.script.push((order) => promote(order, 6, { live: { ...live, judged: 3, shippedRight: 3, lost: 3 } }))
    await place.learn([3], 2)
    expect(place.served()).toBe(1)
    expect(place.events.at(-1)).toMatchObject({ type: 'served', why: 'live', version: 1, before: 3 })
    expect(place.report()).toMatchObject({ verdict: 'refused' })
    place.learning.notice()
    await place.trainer?.idle()
    expect(place.runner.orders.length).toBe(3)
    await place.learn([4], 3)
    expect(place.served()).toBe(4)
  })
})

describe('after a restart', () => {
  it('the version served last is served, and a round that was under way is gone on with', async () => {
    const place = open()
    await place.learn([1])
    place.runner.script.push(() => new Promise(() => {}))
    teach(place.store, [2], 1)
    place.learning.notice()
    while (place.runner.orders.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await place.close()
    const again = open({ state: place.state, weights: place.weights })
    expect(again.served()).toBe(2)
    again.trainer?.resume()
    await again.trainer?.idle()
    expect(again.runner.orders.map(({ round }) => round)).toEqual([2])
    expect(again.runner.orders[0].identity).toBe(place.runner.orders[1].identity)
    expect(again.served()).toBe(3)
  })

  it('events have higher numbers than before', async () => {
    const place = open()
    await place.learn([1])
    const last = place.learning.events.last()
    await place.close()
    expect(open({ state: place.state, weights: place.weights }).learning.events.last()).toBeGreaterThan(last)
  })
})
