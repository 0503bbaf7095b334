/** What the owner decides, and what follows from it for rounds: a rollback holds, approving and trusting count at once, blocking ends. */

import { afterEach, describe, expect, it } from 'vitest'
import type { LearningOptions } from '../../../server/learning/open.ts'
import { givenCorrection } from '../corrections/corrections.ts'
import { createScriptedRunner, promote } from './runner.ts'
import { openFixture, teach } from './state.ts'

let close = async () => {}
afterEach(() => close())

/** Learning with a scripted runner. */
function open(changes: Partial<LearningOptions> & { weights?: string } = {}) {
  const runner = createScriptedRunner()
  const fixture = openFixture({ runner, ...changes })
  close = fixture.close
  let given = 0
  const settle = async () => {
    fixture.learning.notice()
    await fixture.learner?.idle()
  }
  /** Adds corrections, each from a network of its own, and waits until nothing is due. */
  const learn = async (labels: readonly number[], fromOwner = false) => {
    const ids = teach(fixture.store, labels, given, fromOwner)
    given += labels.length
    await settle()
    return ids
  }
  const served = () => fixture.learning.versions('softmax').served
  const hold = () => fixture.learning.versions('softmax').hold?.corrections
  /** Labels that the last round was given, those that count as the owner's as negative numbers. */
  const lessons = () => runner.jobs.at(-1)?.corrections.map(({ label, fromOwner }) => (fromOwner ? -label : label))
  return { ...fixture, runner, learn, settle, served, hold, lessons }
}

describe('a rollback', () => {
  it('holds: neither 1,000 corrections of strangers nor confirmations nor a restart change the served version', async () => {
    let fixture = open()
    await fixture.learn([1])
    await fixture.learn([2])
    expect(fixture.learning.rollback('softmax', 2).hold).toMatchObject({ corrections: 1 })
    for (let k = 0; k < 10; k++) {
      teach(fixture.store, Array(100).fill(k), 1000 + 100 * k)
      fixture.learning.notice()
      if (k % 3 === 0) await fixture.learner?.idle()
    }
    const { corrections } = fixture.store
    const [png, input] = [Uint8Array.of(1), new Uint8Array(784).fill(9)]
    const confirmed = { png, input, label: 4, answer: 4, model: 'softmax', version: 2, confidence: 1, fromOwner: false }
    corrections.keep({ ...confirmed, address: '10.9.9.9' })
    await fixture.settle()
    expect([fixture.served(), fixture.hold(), fixture.runner.jobs.length]).toEqual([2, 1002, 2])
    expect(fixture.learning.state()).toMatchObject({ waiting: 0, held: 1002, holds: ['softmax'] })
    await fixture.close()
    fixture = open({ state: fixture.state, weights: fixture.weights })
    fixture.learner?.resume()
    await fixture.settle()
    expect([fixture.served(), fixture.hold(), fixture.runner.jobs.length]).toEqual([2, 1002, 0])
  })

  it('leaves the owner able to teach: on top of what the version knew, without the others', async () => {
    const fixture = open()
    await fixture.learn([1, 2])
    await fixture.learn([3])
    fixture.learning.rollback('softmax', 2)
    await fixture.learn([4])
    await fixture.learn([5], true)
    expect(fixture.lessons()).toEqual([1, 2, -5])
    expect([fixture.served(), fixture.hold()]).toEqual([4, 2])
    await fixture.learn([6])
    expect([fixture.served(), fixture.runner.jobs.length]).toEqual([4, 3])
  })

  it('to a version that was itself learned under one holds back what that one did', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.learning.rollback('softmax', 1)
    await fixture.learn([2])
    await fixture.learn([3], true)
    await fixture.learn([4], true)
    expect(fixture.served()).toBe(4)
    fixture.learning.rollback('softmax', 3)
    await fixture.learn([5], true)
    expect(fixture.lessons()).toEqual([-3, -4, -5])
  })

  it('tells whoever teaches that no model learns from it, except the owner and whom the owner trusts', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.learning.rollback('softmax', 1)
    const give = (seed: number, fromOwner: boolean) =>
      fixture.store.corrections.keep(givenCorrection(seed, { address: '10.0.9.9', fromOwner })).response.learning
    expect([give(1, false), give(1, false), give(2, true)]).toEqual([[], [], ['softmax']])
    fixture.store.senders.setStanding(2, 'trusted')
    expect(give(3, false)).toEqual(['softmax'])
  })

  it('is ended by the owner, once and for all that was held back', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.learning.rollback('softmax', 1)
    await fixture.learn([2])
    expect(fixture.learning.resume('softmax').hold).toBeUndefined()
    await fixture.learner?.idle()
    expect(fixture.lessons()).toEqual([1, 2])
    expect([fixture.served(), fixture.learning.state().held]).toEqual([3, undefined])
    fixture.learning.resume('softmax')
    await fixture.settle()
    expect(fixture.runner.jobs).toHaveLength(2)
    expect(() => fixture.learning.resume('nobody')).toThrow('no model')
  })

  it('to the version that is served ends a round that would replace it, also one that has just come to its end', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.runner.script.push((job) => {
      const end = promote(job, 1)
      fixture.learning.rollback('softmax', 2)
      return end
    })
    await fixture.learn([2])
    expect([fixture.served(), fixture.hold()]).toEqual([2, 1])
    expect(fixture.rounds.reports(1)[0]).toMatchObject({ verdict: 'stopped' })
  })

  it('while a round is being interrupted: it is not resumed with what is held back now', async () => {
    const fixture = open()
    await fixture.learn([1])
    fixture.runner.script.push(() => new Promise(() => {}))
    teach(fixture.store, [2], 50)
    fixture.learning.start('softmax') // so that it is resumed after a restart
    while (fixture.runner.jobs.length < 2) await new Promise((next) => setTimeout(next, 5))
    await fixture.close()
    const again = open({ state: fixture.state, weights: fixture.weights })
    again.learning.rollback('softmax', 2)
    await again.settle()
    expect([again.served(), again.runner.jobs.length]).toEqual([2, 0])
    expect(again.rounds.reports(1)[0]).toMatchObject({ verdict: 'stopped' })
  })
})

describe('the owner’s decision', () => {
  const HELD = (job: { corrections: readonly { fromOwner: boolean }[] }) =>
    job.corrections.map(({ fromOwner }) => (fromOwner ? 'learned' : 'held') as 'learned' | 'held')

  it('to approve a lesson that is held back is learned from at once, also after a rollback and with the server stopped', async () => {
    let fixture = open()
    fixture.runner.script.push((job) => promote(job, 1, { verdicts: HELD(job) }))
    await fixture.learn([1, 2])
    expect(fixture.learning.state().held).toBe(2)
    expect(fixture.rounds.reports(1)[0].lessons).toEqual({ learned: 0, implausible: 0, held: 2 })
    fixture.store.rows.approve([1])
    await fixture.settle()
    expect(fixture.lessons()).toEqual([-1, 2])
    fixture.learning.rollback('softmax', 1)
    fixture.store.rows.approve([2])
    await fixture.close()
    fixture = open({ state: fixture.state, weights: fixture.weights })
    fixture.learner?.resume()
    await fixture.learner?.idle()
    expect(fixture.lessons()).toEqual([-1, -2])
    expect([fixture.served(), fixture.hold()]).toEqual([4, 0])
  })

  it('to trust a network has what it gave count, and what it gives from then on', async () => {
    const fixture = open()
    await fixture.learn([1, 2])
    fixture.store.senders.setStanding(2, 'trusted')
    await fixture.settle()
    expect(fixture.lessons()).toEqual([1, -2])
    expect(fixture.runner.jobs).toHaveLength(2)
  })

  it('to block a network forgets what was learned from it, and to unblock it brings that back', async () => {
    const fixture = open()
    await fixture.learn([1, 2])
    fixture.store.senders.setStanding(1, 'blocked')
    await fixture.settle()
    expect(fixture.lessons()).toEqual([2])
    fixture.store.senders.setStanding(1, '')
    await fixture.settle()
    expect(fixture.lessons()).toEqual([1, 2])
  })

  it('to block a network while a round learns from it: what that comes to is not served', async () => {
    const fixture = open()
    fixture.runner.script.push((job) => {
      fixture.store.senders.setStanding(1, 'blocked')
      return promote(job, 1)
    })
    await fixture.learn([1, 2])
    expect(fixture.rounds.reports(9).map(({ verdict }) => verdict)).toEqual(['promoted', 'stopped'])
    expect(fixture.lessons()).toEqual([2])
  })
})
