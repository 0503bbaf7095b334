/** Learning on a phone waits for its battery: before a round, in the middle of one, and without an end. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { TrainingEvent } from '../../../core/protocol.ts'
import type { PowerReading, UnknownPower } from '../../../server/phone/power-reading.ts'
import { CHARGING, testBattery, UNPLUGGED } from './battery.ts'
import { createScriptedRunner, promote } from './runner.ts'
import { openFixture, teach } from './state.ts'
import { LABELS, learned, openThreaded } from './threaded-learning.ts'

let close = async () => {}
afterEach(() => close())

/** Learning with a scripted runner, and a battery. */
function open(power: PowerReading | UnknownPower) {
  const battery = testBattery(power)
  const runner = createScriptedRunner()
  const fixture = openFixture({ runner, permit: battery.permit })
  close = fixture.close
  const listener = fixture.learning.events.listen()
  const events: TrainingEvent[] = []
  const happened = () => {
    events.push(...listener.take().events.map(({ event }) => event))
    return events
  }
  /** Adds corrections and waits until nothing is due, or waits. */
  const learn = async (labels: readonly number[], first = 0) => {
    teach(fixture.store, labels, first)
    fixture.learning.notice()
    await fixture.learner?.idle()
  }
  const types = () => happened().map(({ type }) => type)
  const waits = () => fixture.learning.state().learningWaits
  return { ...fixture, battery, runner, happened, learn, types, waits }
}

describe('a correction', () => {
  it.each([
    ['discharging', UNPLUGGED, 'not-charging'],
    ['low', { ...CHARGING, charge: 39 }, 'low'],
    ['hot', { ...CHARGING, temperature: 41 }, 'hot'],
    ['unknown', { unknown: 'nobody knows' }, 'unknown'],
  ] as const)('waits while the battery is %s, and is learned from when it may be', async (_, power, reason) => {
    const fixture = open(power)
    await fixture.learn([1, 2])
    expect(fixture.runner.jobs).toEqual([])
    const { state, waiting, learningWaits } = fixture.learning.state()
    expect([state, waiting]).toEqual(['idle', 2])
    expect(learningWaits).toMatchObject({ reason, limits: { charge: 40, starts: 40, stops: 43 } })
    expect(fixture.types()).toEqual(['correction', 'waits'])
    fixture.battery.power = CHARGING
    await expect.poll(() => fixture.learning.versions('softmax').served).toBe(2)
    expect(fixture.waits()).toBeUndefined()
    expect(fixture.types()).toEqual(['correction', 'waits', 'continues', 'started', 'finished', 'served'])
    expect(fixture.warnings).toEqual([`learning waits: ${learningWaits?.message}`, 'learning goes on'])
  })

  it('given while others wait is learned from in the same round', async () => {
    const fixture = open(UNPLUGGED)
    await fixture.learn([1, 2])
    await fixture.learn([3], 2)
    fixture.battery.power = CHARGING
    await expect.poll(() => fixture.runner.jobs.map(({ corrections }) => corrections.length)).toEqual([3])
  })

  it('that is taken back while it waits ends the waiting', async () => {
    const fixture = open(UNPLUGGED)
    await fixture.learn([1])
    fixture.store.corrections.forget(fixture.store.corrections.list({ limit: 1 })[0].id, '', true)
    await fixture.learn([])
    expect(fixture.waits()).toBeUndefined()
    expect(fixture.types()).toEqual(['correction', 'waits', 'correction', 'correction', 'continues'])
  })
})

describe('while learning waits', () => {
  it('each change of what is shown is told once, and each reason is logged once, not every reading', async () => {
    const fixture = open({ ...CHARGING, charge: 30.2 })
    await fixture.learn([1])
    const readings = async (power: PowerReading) => {
      const before = fixture.battery.readings
      fixture.battery.power = power
      await expect.poll(() => fixture.battery.readings).toBeGreaterThan(before + 3)
    }
    await readings({ ...CHARGING, charge: 30.9, temperature: 30.3 })
    await readings({ ...CHARGING, charge: 31 })
    await readings({ ...CHARGING, temperature: 45 })
    const told = fixture.happened().flatMap((event) => (event.type === 'waits' ? [event] : []))
    expect(told.map(({ reason, charge }) => [reason, charge])).toEqual([
      ['low', 30],
      ['low', 31],
      ['hot', 80],
    ])
    expect(fixture.warnings.map((words) => words.split(',')[0])).toEqual([
      'learning waits: a phone learns from 40 % of charge on',
      'learning waits: learning starts at 40 °C or less and stops at 43 °C',
    ])
  })

  it('what the owner starts waits too, and the answer says why', async () => {
    const fixture = open(CHARGING)
    await fixture.learn([1])
    fixture.battery.power = UNPLUGGED
    await fixture.learning.start('softmax')
    expect(fixture.waits()).toMatchObject({ reason: 'not-charging', charge: 31 })
    expect(fixture.runner.jobs).toHaveLength(1)
    fixture.battery.power = CHARGING
    await expect.poll(() => fixture.runner.jobs.length).toBe(2)
  })

  it('the owner can stop: nothing waits any more until there is a new correction', async () => {
    const fixture = open(UNPLUGGED)
    await fixture.learn([1])
    fixture.learning.stop()
    expect(fixture.waits()).toBeUndefined()
    const { readings } = fixture.battery
    await sleep(50)
    expect(fixture.battery.readings).toBe(readings)
    await fixture.learn([2], 1)
    expect(fixture.waits()).toMatchObject({ reason: 'not-charging' })
  })
})

describe('the battery', () => {
  it('is read neither before there is something to learn nor after it has been learned', async () => {
    const fixture = open(CHARGING)
    fixture.learner?.resume()
    await fixture.learner?.idle()
    await sleep(50)
    expect(fixture.battery.readings).toBe(0)
    await fixture.learn([1])
    const { readings } = fixture.battery
    expect(readings).toBeGreaterThan(0)
    await sleep(50)
    expect(fixture.battery.readings).toBe(readings)
  })

  it('that gets a little warmer by learning does not stop it, and at 43 degrees it does', async () => {
    const fixture = open(CHARGING)
    let finish = () => {}
    fixture.runner.script.push(async (job) => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return promote(job, 1)
    })
    teach(fixture.store, [1])
    fixture.learning.notice()
    await expect.poll(() => fixture.learning.state().state).toBe('training')
    fixture.battery.power = { ...CHARGING, temperature: 42.9 }
    await sleep(50)
    expect(fixture.learning.state().state).toBe('training')
    fixture.battery.power = { ...CHARGING, temperature: 43 }
    await expect.poll(() => fixture.waits()?.reason).toBe('hot')
    expect(fixture.learning.state()).toMatchObject({ state: 'idle', rounds: [] })
    fixture.battery.power = { ...CHARGING, temperature: 40.1 }
    await sleep(50)
    expect(fixture.runner.jobs).toHaveLength(1)
    fixture.battery.power = { ...CHARGING, temperature: 40 }
    await expect.poll(() => fixture.learning.versions('softmax').served).toBe(2)
    expect(fixture.runner.jobs.map(({ round }) => round)).toEqual([1, 1])
    finish()
  })

  it('that stops a round leaves the owner free to end it', async () => {
    const fixture = open(CHARGING)
    fixture.runner.script.push(() => new Promise(() => {}))
    teach(fixture.store, [1])
    fixture.learning.notice()
    await expect.poll(() => fixture.learning.state().state).toBe('training')
    fixture.battery.power = UNPLUGGED
    await expect.poll(() => fixture.waits()?.reason).toBe('not-charging')
    await fixture.learner?.idle()
    fixture.learning.stop()
    expect(fixture.learning.state()).toMatchObject({ state: 'idle', rounds: [{ verdict: 'stopped', round: 1 }] })
    expect(fixture.waits()).toBeUndefined()
  })
})

describe('a round on the thread', () => {
  it('that is unplugged stops, keeps a checkpoint, and is resumed to the same bytes', async () => {
    const whole = await learned(openThreaded())
    const battery = testBattery(CHARGING)
    const fixture = openThreaded({ permit: battery.permit })
    const listener = fixture.learning.events.listen()
    teach(fixture.store, LABELS)
    fixture.learning.notice()
    while (!listener.take().events.some(({ event }) => event.type === 'step' && event.step > 0)) await sleep(5)
    battery.power = UNPLUGGED
    await fixture.learner?.idle()
    expect(fixture.learning.state()).toMatchObject({ state: 'idle', rounds: [] })
    expect(existsSync(join(fixture.state, 'training/1.checkpoint'))).toBe(true)
    expect(readdirSync(join(fixture.state, 'models'))).toEqual([])
    battery.power = CHARGING
    await expect.poll(() => fixture.learning.versions('softmax').served).toBe(2)
    expect(whole?.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(fixture.learning.versions('softmax').versions[0].sha256).toBe(whole?.sha256)
    expect(fixture.learning.versions('softmax').versions[0].round?.round).toBe(1)
  })
})
