/** Rounds of models that know what is no digit: a shape that was taken for a digit is turned away once it was taught. */

import { describe, expect, test } from 'vitest'
import { OTHER, PIXELS, SIDE } from '../../../core/data/dataset.ts'
import { createRound } from '../../../core/learning/create-round.ts'
import { countAnswer, emptyTally, gateReport } from '../../../core/learning/gate.ts'
import { isPlausible } from '../../../core/learning/plausibility.ts'
import { createReplayedOthers } from '../../../core/learning/replay-others.ts'
import type { ReplayedOthers, ReplaySet } from '../../../core/learning/replay-set.ts'
import { type Correction, NOT_A_DIGIT, type RoundCache, type RoundTask } from '../../../core/learning/round.ts'
import type { NeighboursCard } from '../../../core/models/card.ts'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { createDescriber, FEATURES } from '../../../core/models/neighbours.ts'
import type { ModelFiles } from '../../../core/models/source.ts'
import { judge } from '../../../core/models/verdict.ts'
import { Random } from '../../../core/random.ts'
import { allFactories } from '../backends.ts'
import { bars, corrections, REPLAY_SET } from './digits.ts'
import { BASE, trainNetwork } from './networks.ts'

const factories = allFactories()
const fast = factories[factories.length - 1]

/** Dots all over the paper: no digits. */
function dots(count: number, seed: number): Uint8Array {
  const images = new Uint8Array(count * PIXELS)
  for (let i = 0; i < count; i++) {
    const random = new Random(seed, i)
    for (let k = 0; k < 60; k++) images[i * PIXELS + random.below(PIXELS)] = 1 + random.below(255)
  }
  return images
}

const OTHERS: ReplayedOthers = { replayed: dots(200, 1), gate: dots(150, 2), generate: () => false }
const WITH_OTHERS: ReplaySet = { ...REPLAY_SET, others: OTHERS }

/** Bars and dots. */
function mixed(count: number, from: number, seed: number): LabelledImages {
  const digits = bars(count, from)
  const others = dots(Math.floor(count / 4), seed)
  const images = new Uint8Array(digits.images.length + others.length)
  images.set(digits.images)
  images.set(others, digits.images.length)
  const labels = new Uint8Array(images.length / PIXELS).fill(OTHER)
  labels.set(digits.labels)
  return { images, labels, count: labels.length }
}

const LAYERS: readonly LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 24 },
  { type: 'relu' },
  { type: 'dense', inputs: 24, outputs: 11 },
]
const network = trainNetwork(fast, LAYERS, mixed(1500, 0, 3), mixed(200, 5000, 4))

/** A short bar, and so many dots. */
function shape(count: number): Uint8Array {
  const image = new Uint8Array(PIXELS)
  for (let at = 6; at < 22; at++) image[10 * SIDE + at] = image[11 * SIDE + at] = 220
  const random = new Random(6, 0)
  for (let k = 0; k < count; k++) image[random.below(PIXELS)] = 200
  return image
}

/** One with as many dots as it takes until the network is not certain of a digit any more. */
function doubtful({ card, data }: ModelFiles): Uint8Array {
  const model = createModel(fast.create(modelMemory(card)), card, data)
  let dots = 0
  while (judge(model.scores(shape(dots))).score >= 0.99) dots++
  return shape(dots)
}

const taught = (input: Uint8Array): Correction => ({ input, label: NOT_A_DIGIT, clientNetwork: 1, fromOwner: true })
const TAUGHT = taught(doubtful(network))

function finish(shipped: ModelFiles, given: readonly Correction[], more: Partial<RoundTask> = {}, backends = fast) {
  const round = createRound(backends, {
    shipped,
    served: shipped,
    secondOpinions: [],
    corrections: given,
    replaySet: WITH_OTHERS,
    seed: 3,
    ...more,
  })
  while (round.advance());
  return round.result()
}

function verdict({ card, data }: ModelFiles, input: Uint8Array): string {
  return judge(createModel(fast.create(modelMemory(card)), card, data).scores(input)).verdict
}

describe('a round of a network with eleven outputs', () => {
  test('teaches that a shape is no digit, keeps the digits, and is the same in every backend and with any cache', () => {
    expect(verdict(network, TAUGHT.input)).toBe('digit')
    const cache: RoundCache = { large: {} }
    const result = finish(network, [TAUGHT], { cache })
    if (!result.candidate) expect.fail(result.reason)
    expect(verdict(result.candidate, TAUGHT.input)).not.toBe('digit')
    expect(result.right).toEqual({ before: 0, after: 1 })
    const { shipped, candidate, limits } = result.gate ?? expect.fail('there is no gate')
    expect(limits).toEqual({ overall: 0.001, worstClass: 0.01, digits: 0.002, others: 0.02 })
    expect(shipped.perClass).toHaveLength(10)
    expect(shipped.othersTurnedAway).toBeGreaterThan(0.9)
    expect((shipped.digitsKept ?? 0) - (candidate.digitsKept ?? 0)).toBeLessThanOrEqual(0.002)
    const { pool } = cache
    expect(finish(network, [TAUGHT], { cache })).toEqual(result)
    for (const backends of factories) {
      expect(finish(network, [TAUGHT], pool && { cache: { pool } }, backends)).toEqual(result)
    }
  })

  test('learns digits as ever', () => {
    const result = finish(network, corrections(12))
    expect(result.right.after).toBeGreaterThanOrEqual(result.right.before)
    expect(result.gate?.candidate.accuracy).toBeGreaterThan(0.9)
  })
})

test('k nearest neighbours with eleven classes take the shape among their references', () => {
  const set = mixed(100, 0, 5)
  const describer = createDescriber(fast.create(65_536))
  const data = new Uint8Array(set.count * (FEATURES + 1))
  for (let i = 0; i < set.count; i++) {
    data.set(describer.describe(set.images.subarray(i * PIXELS, (i + 1) * PIXELS)), i * FEATURES)
  }
  data.set(set.labels, set.count * FEATURES)
  const vote = { k: 3, power: 16, smoothing: 0.001, references: set.count, classes: 11 }
  const shipped = {
    card: { ...BASE, type: 'neighbours', neighbours: vote, parameters: 1 } as unknown as NeighboursCard,
    data,
  }
  const correction = taught(shape(0))
  expect(verdict(shipped, correction.input)).toBe('digit')
  const result = finish(shipped, [correction])
  if (!result.candidate) expect.fail(result.reason)
  expect(verdict(result.candidate, correction.input)).toBe('not-a-digit')
  expect(result.right).toEqual({ before: 0, after: 1 })
})

describe('the gate', () => {
  /** Of 1,000 digits and 100 others, so many turned away. */
  const tally = (digitsAway: number, othersAway: number) => {
    const counts = emptyTally(11)
    for (let i = 0; i < 1000; i++) {
      countAnswer(counts, i % 10, { digit: i % 10, verdict: i < digitsAway ? 'not-a-digit' : 'digit' })
    }
    for (let i = 0; i < 100; i++) countAnswer(counts, OTHER, { digit: 0, verdict: i < othersAway ? 'unsure' : 'digit' })
    return counts
  }
  const shipped = tally(5, 90)

  test('refuses a candidate that turns away more digits than noise explains, however right it is', () => {
    expect(gateReport('replay', shipped, tally(7, 90)).passed).toBe(true)
    expect(gateReport('replay', shipped, tally(8, 99))).toMatchObject({
      passed: false,
      reason: 'it turns away 0.30 points more of the digits, 0.20 points are allowed',
      candidate: { accuracy: 1, digitsKept: 0.992, othersTurnedAway: 0.99 },
    })
  })

  test('refuses one that takes more of what is no digit for one', () => {
    expect(gateReport('replay', shipped, tally(5, 88)).passed).toBe(true)
    expect(gateReport('replay', shipped, tally(5, 87))).toMatchObject({
      passed: false,
      reason: 'it turns away 3.00 points less of what is no digit, 2.00 points are allowed',
    })
  })

  test('of a model that knows digits only says nothing of it', () => {
    expect(gateReport('replay', emptyTally(10), emptyTally(10)).candidate).not.toHaveProperty('digitsKept')
  })
})

describe('that a drawing is no digit', () => {
  const of = (...values: [number, number][]) => {
    const scores = new Float32Array(11)
    for (const [c, value] of values) scores[c] = value
    return scores
  }

  test('is believed where a model that knows it holds it possible, or is not sure of a digit', () => {
    expect(isPlausible(NOT_A_DIGIT, of([7, 0.95], [OTHER, 0.04]), [])).toBe(true)
    expect(isPlausible(NOT_A_DIGIT, of([7, 0.9999], [OTHER, 0.0001]), [])).toBe(false)
    expect(isPlausible(NOT_A_DIGIT, of([7, 0.85], [1, 0.15]), [])).toBe(true)
  })

  test('is believed where another model that knows it says so', () => {
    const sure = of([7, 1])
    expect(isPlausible(NOT_A_DIGIT, sure, [of([7, 0.4], [OTHER, 0.6])])).toBe(true)
    expect(isPlausible(NOT_A_DIGIT, sure, [of([7, 0.6], [OTHER, 0.4])])).toBe(false)
    expect(isPlausible(NOT_A_DIGIT, sure, [of([7, 1]).subarray(0, 10)])).toBe(false)
  })

  test('does not keep a digit from being learned: digits are judged among themselves', () => {
    expect(isPlausible(7, of([OTHER, 0.9999], [7, 0.0001]), [])).toBe(true)
    expect(isPlausible(8, of([OTHER, 0.9999], [7, 0.0001]), [])).toBe(false)
  })
})

test('drawings for replay are the same every time, and none of the gate is replayed', () => {
  const others = createReplayedOthers(40, 30)
  expect(others.generate()).toBe(true)
  const again = createReplayedOthers(40, 30)
  expect(again.replayed).toEqual(others.replayed)
  expect([again.gate.length, others.gate]).toEqual([30 * PIXELS, again.gate])
  expect(others.generate()).toBe(false)
  const all = [others.replayed, others.gate].flatMap((images) =>
    Array.from({ length: images.length / PIXELS }, (_, i) => images.subarray(i * PIXELS, (i + 1) * PIXELS).join()),
  )
  expect(new Set(all).size).toBe(70)
})
