/** The common interface of models: sizes, answers, samples, and data that do not fit. */

import { describe, expect, it } from 'vitest'
import type { Backend } from '../../../core/backend/backend.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import type { Card } from '../../../core/models/card.ts'
import { createModel, hasDropout, modelMemory, modelOutputs, modelTensors } from '../../../core/models/create-model.ts'
import { tensorBytes } from '../../../core/models/tensor.ts'
import { DROPOUT, knowingModel, testModel } from '../../server/models/test-model.ts'
import { allBackends } from '../backends.ts'

/** A thick vertical bar. */
const INPUT = Uint8Array.from({ length: 784 }, (_, k) => (k % 28 > 11 && k % 28 < 16 && k > 112 && k < 672 ? 255 : 0))

const plain = testModel()
const dropout = testModel('dropout', DROPOUT)

function passes(backend: Backend, first: number, count: number): number[][] {
  const taken: number[][] = []
  const { card, data } = dropout
  createModel(backend, card, data).sample?.(INPUT, first, count, (probabilities) => taken.push([...probabilities]))
  return taken
}

describe('a network as a model', () => {
  it('has tensors that are exactly the bytes of its data', () => {
    for (const { card, data } of [plain, dropout]) expect(tensorBytes(modelTensors(card))).toBe(data.length)
  })

  it('fits into the memory it asks for, and gives ten probabilities of sum 1 within 1e-6, the same bits in every backend', () => {
    for (const { card, data } of [plain, dropout]) {
      const answers = allBackends(modelMemory(card)).map((backend) => [
        ...createModel(backend, card, data).probabilities(INPUT),
      ])
      expect(answers[0]).toHaveLength(10)
      expect(Math.abs(answers[0].reduce((sum, p) => sum + p) - 1)).toBeLessThan(1e-6)
      for (const answer of answers) expect(answer).toEqual(answers[0])
    }
  })

  it('that knows what is no digit has eleven scores of sum 1, and ten probabilities in their ratios', () => {
    const { card, data } = knowingModel()
    const [first, ...others] = allBackends(modelMemory(card)).map((backend) => {
      const model = createModel(backend, card, data)
      return { scores: [...model.scores(INPUT)], probabilities: [...model.probabilities(INPUT)] }
    })
    for (const other of others) expect(other).toEqual(first)
    expect(first.scores).toHaveLength(11)
    expect(first.scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 6)
    const digits = 1 - first.scores[10]
    for (const [c, p] of first.probabilities.entries()) expect(p).toBeCloseTo(first.scores[c] / digits, 6)
    expect(modelOutputs(card)).toBe(11)
  })

  it('gives the same probabilities after sampling', () => {
    const { card, data } = dropout
    const model = createModel(typescriptBackend(modelMemory(card)), card, data)
    const before = [...model.probabilities(INPUT)]
    model.sample?.(INPUT, 0, 3, () => {})
    expect([...model.probabilities(INPUT)]).toEqual(before)
  })

  it('takes data at any address, and stores values below 2^-50 as 0', () => {
    const { card, data } = plain
    const values = new Float32Array(data.length / 4)
    values.fill(2 ** -51)
    values[0] = -0
    const odd = new Uint8Array(data.length + 1)
    odd.set(new Uint8Array(values.buffer), 1)
    const backend = typescriptBackend(modelMemory(card))
    const model = createModel(backend, card, odd.subarray(1))
    expect(new Float32Array(backend.arena.buffer).every((value) => Object.is(value, 0))).toBe(true)
    expect([...model.probabilities(INPUT)]).toEqual(Array(10).fill(Math.fround(0.1)))
  })

  it.each([
    ['data that are too short', plain.card, plain.data.subarray(4)],
    ['layers of other inputs', { ...plain.card, layers: [{ type: 'dense', inputs: 100, outputs: 10 }] }, plain.data],
    ['layers of other outputs', { ...plain.card, layers: [{ type: 'dense', inputs: 784, outputs: 9 }] }, plain.data],
    ['a type it does not know', { ...plain.card, type: 'oracle' }, plain.data],
  ])('refuses %s with a RangeError', (_, card, data) => {
    expect(() => createModel(typescriptBackend(200_000), card as Card, data)).toThrow(RangeError)
  })
})

describe('samples', () => {
  it('exist for networks with dropout only', () => {
    expect([plain, dropout].map(({ card }) => hasDropout(card))).toEqual([false, true])
    const { card, data } = plain
    expect(createModel(typescriptBackend(modelMemory(card)), card, data).sample).toBeUndefined()
  })

  it('differ from each other, and are the same bits by number in every backend, in one go or in parts', () => {
    const [first, ...others] = allBackends(modelMemory(dropout.card))
    const bottom = first.arena.mark()
    const all = passes(first, 0, 9)
    expect(new Set(all.map((pass) => pass.join())).size).toBeGreaterThan(4)
    for (const backend of others) {
      backend.arena.release(bottom)
      expect(passes(backend, 0, 9)).toEqual(all)
    }
    first.arena.release(bottom)
    expect(passes(first, 4, 5)).toEqual(all.slice(4))
  })
})
