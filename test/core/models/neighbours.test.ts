import { describe, expect, it } from 'vitest'
import { parseCard, type Vote } from '../../../core/models/card.ts'
import { createModel } from '../../../core/models/create-model.ts'
import {
  createDescriber,
  FEATURES,
  neighbourProbabilities,
  neighboursMemory,
  neighboursModel,
  neighboursTensors,
} from '../../../core/models/neighbours.ts'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

const VOTE: Vote = { k: 3, power: 2, smoothing: 0.01 }

/** A bar of some width at some place: upright for even classes, lying for odd ones. */
function bar(label: number, random: Random): Uint8Array {
  const from = 4 + 2 * Math.floor(label / 2) + random.below(2)
  return Uint8Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)]
    const [along, across] = label % 2 ? [x, y] : [y, x]
    return along > 4 && along < 23 && across >= from && across < from + 4 ? 200 + random.below(56) : 0
  })
}

function references(count: number): { data: Uint8Array; labels: number[] } {
  const random = new Random(1, 0)
  const [backend] = allBackends(65_536)
  const describer = createDescriber(backend)
  const labels = Array.from({ length: count }, (_, r) => r % 10)
  const data = new Uint8Array(count * (FEATURES + 1))
  for (const [r, label] of labels.entries()) data.set(describer.describe(bar(label, random)), r * FEATURES)
  data.set(labels, count * FEATURES)
  return { data, labels }
}

const card = (count: number, vote: Vote = VOTE) => ({ neighbours: { ...vote, references: count } })

function vote(settings: Vote, distances: readonly number[], labels: readonly number[]): number[] {
  const nearest = Int32Array.from(distances, (_, i) => i)
  return [
    ...neighbourProbabilities(
      new Float32Array(10),
      settings,
      nearest,
      Int32Array.from(distances),
      Uint8Array.from(labels),
    ),
  ]
}

describe('k nearest neighbours', () => {
  it('recognise 100 of 100 bars that are not references, with probabilities that sum to 1 within 1e-6', () => {
    const { data } = references(40)
    const [, , backend] = allBackends(neighboursMemory(card(40)))
    const model = neighboursModel(backend, card(40), data)
    const random = new Random(2, 0)
    for (let i = 0; i < 100; i++) {
      const probabilities = [...model.probabilities(bar(i % 10, random))]
      expect(probabilities.indexOf(Math.max(...probabilities))).toBe(i % 10)
      expect(Math.abs(probabilities.reduce((sum, p) => sum + p) - 1)).toBeLessThan(1e-6)
      expect(Math.min(...probabilities)).toBeGreaterThan(0)
    }
  })

  it('give the same bits in every backend, for any picture', () => {
    const { data } = references(40)
    const models = allBackends(neighboursMemory(card(40))).map((backend) => neighboursModel(backend, card(40), data))
    const random = new Random(3, 0)
    for (let n = 0; n < 20; n++) {
      const input = Uint8Array.from({ length: 784 }, () => (random.below(3) ? 0 : random.below(256)))
      const [first, ...others] = models.map((model) => [...model.probabilities(input)])
      for (const other of others) expect(other).toEqual(first)
    }
  })

  it('have ((d0 + 1) / (d + 1))^power votes each, beside the smoothing of every class', () => {
    const [zero, one, two] = vote({ k: 3, power: 2, smoothing: 0.5 }, [99, 199, 399], [1, 2, 1])
    const sum = 10 * 0.5 + 1 + 0.25 + 0.0625
    expect(zero).toBe(Math.fround(0.5 / sum))
    expect(one).toBe(Math.fround(1.5625 / sum))
    expect(two).toBe(Math.fround(0.75 / sum))
  })

  it('have equal votes at any distance if the power is 0', () => {
    const [, one, two] = vote({ k: 3, power: 0, smoothing: 0.001 }, [0, 5000, 10_000], [2, 1, 1])
    expect(one).toBe(Math.fround(2.001 / 3.01))
    expect(two).toBe(Math.fround(1.001 / 3.01))
  })

  it('never give a subnormal probability, with the least smoothing, the highest power and k a card may have', () => {
    const distances = Array.from({ length: 1000 }, (_, i) => (i === 0 ? 0 : 200 * 65_025))
    for (const p of vote(
      { k: 1000, power: 32, smoothing: 1e-6 },
      distances,
      distances.map(() => 3),
    )) {
      expect(p).toBeGreaterThan(2 ** -126)
    }
    for (const p of vote(
      { k: 1000, power: 0, smoothing: 1e-6 },
      distances,
      distances.map(() => 3),
    )) {
      expect(p).toBeGreaterThan(2 ** -126)
    }
  })

  it('fit into the memory they ask for', () => {
    for (const count of [3, 17, 1000]) {
      const [backend] = allBackends(neighboursMemory(card(count)))
      expect(() => neighboursModel(backend, card(count), references(count).data)).not.toThrow()
    }
  })

  it('have references and labels as bytes in their file', () => {
    expect(neighboursTensors(card(7))).toEqual([
      { name: 'references', dtype: 'U8', shape: [7, 200], length: 1400 },
      { name: 'labels', dtype: 'U8', shape: [7], length: 7 },
    ])
  })

  it('refuse weights of another size, a label that is not a digit, and fewer references than neighbours that vote', () => {
    const [backend] = allBackends(neighboursMemory(card(10)))
    const { data } = references(10)
    expect(() => neighboursModel(backend, card(10), data.subarray(1))).toThrow('the weights have 2009 bytes')
    expect(() => neighboursModel(backend, card(10), data.with(2005, 10))).toThrow('no digit')
    expect(() => neighboursModel(backend, card(10, { ...VOTE, k: 11 }), data)).toThrow('11 neighbours are asked of 10')
  })
})

describe('the card of k nearest neighbours', () => {
  const whole = (neighbours: object) => ({
    format: 1,
    id: 'knn',
    name: 'a',
    kind: 'b',
    licence: 'MIT',
    version: 1,
    parameters: 2000,
    preprocess: 1,
    weights: { file: 'weights.safetensors', bytes: 1, sha256: '0'.repeat(64) },
    test: { accuracy: 1 },
    type: 'neighbours',
    neighbours,
  })

  it('is one of a model this program runs', () => {
    const parsed = parseCard(whole({ ...VOTE, references: 10 }))
    const [backend] = allBackends(65_536)
    expect(createModel(backend, parsed, references(10).data).probabilities(new Uint8Array(784))).toHaveLength(10)
  })

  it.each([
    [{ k: 0 }],
    [{ k: 1001 }],
    [{ k: 1.5 }],
    [{ references: 0 }],
    [{ references: '10' }],
    [{ power: -1 }],
    [{ power: 33 }],
    [{ power: 1.5 }],
    [{ power: undefined }],
    [{ smoothing: 0 }],
    [{ smoothing: 1001 }],
    [{ smoothing: Number.NaN }],
    [{ smoothing: '1' }],
  ])('is refused with %o', (wrong) => {
    expect(() => parseCard(whole({ ...VOTE, references: 10, ...wrong }))).toThrow(
      `model card: neighbours.${Object.keys(wrong)[0]}`,
    )
  })
})
