/** Rounds of learning on made-up digits. tools/simulate.ts has rounds on real drawings. */

import { describe, expect, test } from 'vitest'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import { createRound } from '../../../core/learning/create-round.ts'
import {
  type Correction,
  NOT_A_DIGIT,
  type Round,
  type RoundCache,
  type RoundTask,
} from '../../../core/learning/round.ts'
import type { NeighboursCard } from '../../../core/models/card.ts'
import { createModel, modelMemory } from '../../../core/models/create-model.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { createDescriber, FEATURES } from '../../../core/models/neighbours.ts'
import type { ModelFiles } from '../../../core/models/source.ts'
import { allFactories } from '../backends.ts'
import { bars, corrections, REPLAY_SET } from './digits.ts'
import { BASE, CONVOLUTIONS, DENSE, NETWORKS, trainNetwork } from './networks.ts'

const factories = allFactories()
const fast = factories[factories.length - 1]
/** Trained for a while on bars. */
const network = (layers: readonly LayerSpec[]) => trainNetwork(fast, layers, bars(1500), bars(200, 5000))

function neighbours(): ModelFiles {
  const set = bars(100)
  const describer = createDescriber(typescriptBackend(65_536))
  const data = new Uint8Array(set.count * (FEATURES + 1))
  for (let i = 0; i < set.count; i++) {
    data.set(describer.describe(set.images.subarray(i * 784, (i + 1) * 784)), i * FEATURES)
    data[set.count * FEATURES + i] = set.labels[i]
  }
  const vote = { k: 3, power: 2, smoothing: 0.1, references: set.count }
  return { card: { ...BASE, type: 'neighbours', neighbours: vote, parameters: 1 } as unknown as NeighboursCard, data }
}

function start(
  backends: BackendFactory,
  shipped: ModelFiles,
  given: readonly Correction[],
  more: Partial<RoundTask> = {},
): Round {
  return createRound(backends, {
    shipped,
    served: shipped,
    secondOpinions: [],
    corrections: given,
    replaySet: REPLAY_SET,
    seed: 3,
    ...more,
  })
}

function finish(round: Round) {
  while (round.advance());
  return round.result()
}

function right({ card, data }: ModelFiles, given: readonly Correction[]): number {
  const model = createModel(fast.create(modelMemory(card)), card, data)
  return given.filter(({ input, label }) => {
    const probabilities = [...model.probabilities(input)]
    return probabilities.indexOf(Math.max(...probabilities)) === label
  }).length
}

describe('a round of learning', () => {
  const softmax = network(DENSE)

  test.each(
    Object.entries(NETWORKS),
  )('with %s gives the same bytes in every backend, also when it is resumed halfway', (_, layers) => {
    const shipped = layers === DENSE ? softmax : network(layers)
    const given = corrections(12)
    const whole = factories.map((backends) => finish(start(backends, shipped, given)))
    for (const result of whole) expect(result).toEqual(whole[0])
    const cache: RoundCache = { large: {} }
    const first = start(fast, shipped, given, { cache })
    for (let state = first.state(); !state; state = first.state()) first.advance()
    for (let i = 0; i < 20; i++) first.advance()
    // TypeScript takes long to select the pool, and has just selected the same one
    const { pool = expect.fail('no pool was selected') } = cache
    const second = start(factories[0], shipped, given, { cache: { pool } })
    second.restore(first.state() as Uint8Array)
    expect(finish(second)).toEqual(whole[0])
  })

  test('resumed when training is done, replays no image, and gives the same bytes', () => {
    const given = corrections(12)
    const first = start(fast, softmax, given)
    while (first.advance()?.phase !== 'gate');
    const state = first.state() as Uint8Array
    const replaySet = { ...REPLAY_SET, draw: () => expect.fail('an image was replayed') }
    const second = start(fast, softmax, given, { replaySet })
    second.restore(state)
    expect(second.advance()?.phase).toBe('preparing')
    expect(finish(second)).toEqual(finish(first))
    expect(second.state()).toEqual(state)
  })

  test('gives back the 12 MB of features when training is done', () => {
    const round = start(fast, softmax, corrections(12))
    const held = () => process.memoryUsage().arrayBuffers
    let before = held()
    for (let step = round.advance(); step?.step !== step?.steps; step = round.advance()) before = held()
    expect(before - held()).toBeGreaterThan(12_000_000)
  })

  test('learns at least half of the corrections it answered wrongly, and loses at most 0.1 points on the gate', () => {
    const given = corrections(18)
    const result = finish(start(fast, softmax, given))
    expect(result.verdict).toBe('promoted')
    expect(result.right.before).toBe(right(softmax, given))
    expect(result.right.after).toBe(right(result.candidate as ModelFiles, given))
    expect(18 - result.right.after).toBeLessThanOrEqual((18 - result.right.before) / 2)
    const { shipped, candidate, passed } = result.gate ?? expect.fail('there is no gate')
    expect(passed).toBe(true)
    expect(candidate.accuracy).toBeGreaterThanOrEqual(shipped.accuracy - 0.001)
  })

  test('leaves convolutions and running statistics as they are shipped', () => {
    const shipped = network(CONVOLUTIONS)
    const { candidate } = finish(start(fast, shipped, corrections(12)))
    const [before, after] = [shipped.data, (candidate as ModelFiles).data].map(
      (data) => new Float32Array(data.slice().buffer),
    )
    const convolution = 9 * 4 + 4 + 4 + 4 // its weights and biases, scales and shifts
    expect(after.subarray(0, convolution)).toEqual(before.subarray(0, convolution))
    expect(after.subarray(-8)).toEqual(before.subarray(-8))
    expect(after).not.toEqual(before)
  })

  test('gives the same bytes with the cache of another round as without', () => {
    const cache: RoundCache = { large: {} }
    const alone = finish(start(fast, softmax, corrections(5), { cache }))
    expect(cache.pool).toHaveLength(4000)
    expect(new Set(cache.pool).size).toBe(4000)
    expect(cache.large?.gate).toHaveLength(REPLAY_SET.gate.count * 784)
    expect(finish(start(fast, softmax, corrections(5), { cache }))).toEqual(alone)
    const { pool } = cache
    expect(finish(start(fast, softmax, corrections(5), pool && { cache: { pool } }))).toEqual(alone)
    expect(finish(start(fast, softmax, corrections(5)))).toEqual(alone)
  })

  test('believes no label that the model finds impossible, unless the owner says so', () => {
    const [one] = corrections(1)
    const lie = { ...one, label: 9, fromOwner: false }
    const result = finish(start(fast, softmax, [lie, { ...one, fromOwner: false }]))
    expect(result.verdicts).toEqual(['implausible', 'learned'])
    expect(finish(start(fast, softmax, [lie])).verdict).toBe('unchanged')
    expect(finish(start(fast, softmax, [{ ...lie, fromOwner: true }])).verdicts).toEqual(['learned'])
  })

  test('refuses a candidate that changes the answers to the images of the gate', () => {
    // images like the corrections, labelled as the shipped model answers them
    const given = corrections(60)
    const images = new Uint8Array(given.length * 784)
    for (const [i, { input }] of given.entries()) images.set(input, i * 784)
    const model = createModel(fast.create(modelMemory(softmax.card)), softmax.card, softmax.data)
    const labels = Uint8Array.from(given, ({ input }) => {
      const probabilities = [...model.probabilities(input)]
      return probabilities.indexOf(Math.max(...probabilities))
    })
    const replaySet = { ...REPLAY_SET, gate: { images, labels, count: given.length } }
    const result = finish(start(fast, softmax, given, { replaySet }))
    expect(result.tries[0]).toMatchObject({ share: 1, gate: { passed: false } })
    for (const { gate } of result.tries) {
      expect(gate.passed).toBe(gate.candidate.accuracy >= gate.shipped.accuracy - 0.001)
    }
    if (result.verdict === 'promoted') expect(result.tries.at(-1)?.gate.passed).toBe(true)
    expect(result.candidate !== undefined).toBe(result.verdict === 'promoted')
  })

  test('refuses weights that are not finite', () => {
    const data = softmax.data.slice()
    new DataView(data.buffer).setFloat32(0, Number.NaN, true)
    const result = finish(start(fast, { ...softmax, data }, corrections(3)))
    expect(result.verdict).toBe('refused')
    expect(result.candidate).toBeUndefined()
  })

  test('is less sure of a drawing after a correction that it is not a digit', () => {
    const scribble = new Uint8Array(784).map((_, i) => (i % 3 === 0 ? 200 : 0))
    const result = finish(
      start(fast, softmax, [{ input: scribble, label: NOT_A_DIGIT, clientNetwork: 1, fromOwner: true }]),
    )
    const sure = ({ card, data }: ModelFiles) =>
      Math.max(...createModel(fast.create(modelMemory(card)), card, data).probabilities(scribble))
    if (!result.candidate) expect.fail('it was refused')
    expect(sure(result.candidate)).toBeLessThan(sure(softmax))
  })

  test('refuses a state of another network, or one that is cut short', () => {
    const first = start(fast, softmax, corrections(3))
    while (!first.state()) first.advance()
    const state = first.state() as Uint8Array
    const again = () => start(fast, softmax, corrections(3))
    expect(() => again().restore(state.subarray(0, 2000))).toThrow('the state is cut short')
    expect(() => again().restore(new Uint8Array(4))).toThrow(
      'that is no state of a network whose head has 7850 parameters',
    )
    expect(() => start(fast, network(CONVOLUTIONS), corrections(3)).restore(state)).toThrow(RangeError)
  })
})

describe('a round of k nearest neighbours', () => {
  test('adds the drawings it answered wrongly to its references, newest first, and then answers more correctly', () => {
    const shipped = neighbours()
    const given = corrections(9)
    const unknown = 9 - right(shipped, given)
    const result = finish(start(fast, shipped, given))
    if (unknown === 0 || !result.candidate) expect.fail(`${unknown} unknown, ${result.reason}`)
    const { card } = result.candidate
    if (card.type !== 'neighbours') expect.fail('it is another kind of model')
    expect(card.neighbours.references).toBe(100 + Math.ceil((result.share ?? 0) * unknown))
    expect(result.right).toEqual({ before: 9 - unknown, after: right(result.candidate, given) })
    expect(result.right.after).toBeGreaterThan(result.right.before)
    for (const backends of factories) expect(finish(start(backends, shipped, given))).toEqual(result)
  })

  test('changes nothing without corrections', () => {
    expect(finish(start(fast, neighbours(), [])).verdict).toBe('unchanged')
  })
})
