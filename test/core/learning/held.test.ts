/** Rounds in which strangers' lessons are held back: lies that move a border between two digits, and what nobody else agrees with. */

import { describe, expect, test } from 'vitest'
import type { BorderDigits } from '../../../core/learning/border.ts'
import { createRound } from '../../../core/learning/create-round.ts'
import type { Correction, Round, RoundTask } from '../../../core/learning/round.ts'
import { TEACHERS, type Teachers } from '../../../core/learning/teachers.ts'
import { allFactories } from '../backends.ts'
import { bars, corrections, drawBar, REPLAY_SET } from './digits.ts'
import { DENSE, trainNetwork } from './networks.ts'

const factories = allFactories()
const fast = factories[factories.length - 1]
const softmax = trainNetwork(fast, DENSE, bars(1500), bars(200, 5000))

/** Bars between a digit and the next one. */
function between(digit: number, count: number, from: number): Uint8Array {
  const images = new Uint8Array(count * 784)
  for (let i = 0; i < count; i++) drawBar(images.subarray(i * 784, (i + 1) * 784), digit, from + i, 1)
  return images
}

const border: BorderDigits = {
  images: between(3, 48, 3_000_000),
  labels: new Uint8Array(48).fill(3),
  rivals: new Uint8Array(48).fill(4),
}

/** Bars between 3 and 4, all called a 4. */
function lies(count: number, fromOwner = false): Correction[] {
  const images = between(3, count, 4_000_000)
  return Array.from({ length: count }, (_, i) => {
    return { input: images.slice(i * 784, (i + 1) * 784), label: 4, clientNetwork: 100 + (i % 8), fromOwner }
  })
}

/** True drawings of digits far from that border. */
const truths = corrections(36)
  .filter(({ label }) => label < 2 || label > 6)
  .map((one, i) => ({ ...one, clientNetwork: i % 4, fromOwner: false }))

function start(given: readonly Correction[], more: Partial<RoundTask> = {}, backends = fast): Round {
  const about = { shipped: softmax, served: softmax, secondOpinions: [], replaySet: REPLAY_SET, seed: 3, cache: {} }
  return createRound(backends, { ...about, corrections: given, ...more })
}

function finish(round: Round) {
  while (round.advance());
  return round.result()
}

const count = (verdicts: readonly string[], verdict: string) => verdicts.filter((one) => one === verdict).length

describe('lies that move a border', () => {
  const told = lies(40)

  test('would be learned by a round that does not look at it', () => {
    const { verdict, verdicts } = finish(start(told))
    expect(verdict).toBe('promoted')
    expect(count(verdicts, 'learned')).toBeGreaterThan(30)
  })

  test('are held back, and nothing is learned', () => {
    const { verdict, verdicts, reason, candidate } = finish(start(told, { border }))
    expect([verdict, candidate]).toEqual(['unchanged', undefined])
    expect(reason).toBe('what was taught counts once somebody else or the owner agrees')
    expect(count(verdicts, 'learned')).toBe(0)
    expect(count(verdicts, 'held')).toBeGreaterThan(30)
  })

  test('are held back among true lessons, which come to the same weights as without the lies', () => {
    const alone = finish(start(truths, { border }))
    const { verdicts, candidate } = finish(start([...truths, ...told], { border }))
    expect(count(verdicts.slice(truths.length), 'learned')).toBe(0)
    expect(verdicts.slice(0, truths.length)).toEqual(alone.verdicts)
    expect(candidate?.data).toEqual(alone.candidate?.data)
    expect(candidate).toBeDefined()
  })

  test("count when they are the owner's", () => {
    const { verdicts } = finish(start(lies(40, true), { border }))
    expect(count(verdicts, 'learned')).toBe(40)
  })

  test('lead to the same bytes when the round is resumed after they were held back', () => {
    const given = [...truths, ...told]
    const whole = finish(start(given, { border }))
    const first = start(given, { border })
    let begun = 0
    for (let before = 0, step = first.advance(); step && begun < 2; before = step.step, step = first.advance()) {
      if (step.phase === 'training' && (before === 0 || step.step < before)) begun++
    }
    for (let i = 0; i < 10; i++) first.advance()
    const second = start(given, { border })
    second.restore(first.state() as Uint8Array)
    expect(finish(second)).toEqual(whole)
  })
})

describe('what a stranger teaches', () => {
  const verdictsOf = (given: readonly Correction[], teachers: Teachers) => finish(start(given, { teachers })).verdicts

  test.each(TEACHERS)('with %s counts as that says', (teachers) => {
    const one = truths.slice(0, 1)
    expect(verdictsOf(one, teachers)).toEqual([teachers === 'anyone' ? 'learned' : 'held'])
    const two = [...one, { ...one[0], clientNetwork: 9 }]
    expect(verdictsOf(two, teachers)).toEqual(Array(2).fill(teachers === 'owner' ? 'held' : 'learned'))
    const approved = [...one, { ...one[0], clientNetwork: 9, fromOwner: true }]
    expect(verdictsOf(approved, teachers)).toEqual([teachers === 'owner' ? 'held' : 'learned', 'learned'])
  })
})
