/** The recogniser with a source whose models appear, change, disappear and break. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { BackendFactory } from '../../core/backend/backend.ts'
import { typescriptBackend } from '../../core/backend/typescript.ts'
import { InputError } from '../../core/errors.ts'
import type { Card } from '../../core/models/card.ts'
import type { ModelFiles, ModelSource } from '../../core/models/source.ts'
import { loadedMemory, Recognizer, type RecognizerOptions } from '../../core/recognizer.ts'
import { DROPOUT, knowingModel, testModel } from '../server/models/test-model.ts'

const TYPESCRIPT: BackendFactory = { name: 'ts', selfTest: 'passed', create: typescriptBackend }
const INPUT = Uint8Array.from({ length: 784 }, (_, k) => (k % 28 > 11 && k % 28 < 16 ? 200 : 0))
const ONE = loadedMemory(testModel().card)

let models: ModelFiles[]
let loads: string[]
let refreshes: number
const broken = new Set<string>()

const source: ModelSource = {
  list: () => models.map(({ card }) => card),
  load(id) {
    loads.push(id)
    if (broken.has(id)) throw new Error('its weights are torn')
    return models.find(({ card }) => card.id === id) as ModelFiles
  },
  refresh: () => refreshes++,
}

beforeEach(() => {
  models = ['a', 'b', 'c'].map((id) => testModel(id))
  loads = []
  refreshes = 0
  broken.clear()
})

const recognizer = (options?: RecognizerOptions, backend = TYPESCRIPT) => new Recognizer(backend, source, options)

function refusal(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof InputError) return `${error.status} ${error.code}`
    throw error
  }
  return 'accepted'
}

describe('a verdict', () => {
  const BLANK = new Uint8Array(784)

  it('is that it is no digit where that has the largest score, beside the digits among themselves', () => {
    models.push(knowingModel('d'))
    const answer = recognizer().recognize(BLANK, 'd')
    expect(answer).toMatchObject({ verdict: 'not-a-digit', confidence: Math.max(...answer.probabilities) })
    expect(answer.probabilities).toHaveLength(10)
    expect(answer.probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 6)
    expect(answer.other).toBeGreaterThan(1 / 11)
    expect(answer.other).toBeLessThan(0.13)
  })

  it('is a digit or unsure by the threshold of the card', () => {
    const scores = [0, 0.999999].map((sure, i) => {
      models.push(knowingModel(`d${i}`, sure))
      return recognizer().recognize(INPUT, `d${i}`).verdict
    })
    expect(scores).toEqual(['digit', 'unsure'])
  })

  it('of a model that knows digits only is unsure below 0.5, and never that it is no digit', () => {
    const { verdict, other, confidence } = recognizer().recognize(BLANK, 'a')
    expect([verdict, other]).toEqual(['unsure', 0])
    expect(confidence).toBeLessThan(0.5)
    expect(recognizer().recognize(INPUT, 'a').verdict).toBe('digit')
  })

  it('on samples is that on the mean of their scores; the spread is of the ten probabilities', () => {
    const layers = DROPOUT.map((layer) =>
      layer.type === 'dense' && layer.outputs === 10 ? { ...layer, outputs: 11 } : layer,
    )
    models.push(testModel('d', layers))
    const { verdict, other, probabilities, spread, samples } = recognizer().recognize(INPUT, 'd', 50)
    expect([probabilities.length, spread?.length, samples]).toEqual([10, 10, 50])
    expect(other).toBeGreaterThan(0)
    expect(probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5)
    expect(['digit', 'unsure', 'not-a-digit']).toContain(verdict)
  })
})

describe('models', () => {
  it('load when they are first used, once', () => {
    const zoo = recognizer()
    expect(loads).toEqual([])
    expect(zoo.isLoaded('b')).toBe(false)
    for (let k = 0; k < 3; k++) expect(zoo.recognize(INPUT, 'b').model).toBe('b')
    expect(loads).toEqual(['b'])
    expect(zoo.isLoaded('b')).toBe(true)
  })

  it('are unloaded when memory is short, the least recently used first', () => {
    const zoo = recognizer({ memory: 2 * ONE })
    const loaded = () => ['a', 'b', 'c'].filter((id) => zoo.isLoaded(id))
    zoo.recognize(INPUT, 'a')
    zoo.recognize(INPUT, 'b')
    zoo.recognize(INPUT, 'a')
    expect(loaded()).toEqual(['a', 'b'])
    zoo.recognize(INPUT, 'c')
    expect(loaded()).toEqual(['a', 'c'])
    zoo.recognize(INPUT, 'b')
    expect(loaded()).toEqual(['b', 'c'])
    expect(loads).toEqual(['a', 'b', 'c', 'b'])
  })

  it('that alone take more than the limit are broken, with sizes in MiB', () => {
    const zoo = recognizer({ memory: ONE - 1 })
    expect(zoo.cards()).toEqual([])
    expect(zoo.broken()[0]).toEqual({
      id: 'a',
      problem: expect.stringMatching(/^takes 0\.1 MiB of memory, all .* 0\.1 MiB$/),
    })
    expect(refusal(() => zoo.recognize(INPUT, 'a'))).toBe('503 broken_model')
    expect(loads).toEqual([])
  })

  it('are loaded again when their card changes', () => {
    const zoo = recognizer()
    expect(zoo.recognize(INPUT, 'a').version).toBe(1)
    models[0] = { ...models[0], card: { ...models[0].card, version: 2 } }
    expect(zoo.isLoaded('a')).toBe(false)
    expect(zoo.recognize(INPUT, 'a').version).toBe(2)
    expect(loads).toEqual(['a', 'a'])
  })

  it('that were removed are unknown, after the source has updated its list', () => {
    const zoo = recognizer()
    zoo.recognize(INPUT, 'a')
    models.shift()
    expect(refusal(() => zoo.recognize(INPUT, 'a'))).toBe('404 unknown_model')
    expect(refreshes).toBe(1)
    expect(zoo.recognize(INPUT, 'b').model).toBe('b')
    expect(refreshes).toBe(1)
  })

  it('with another version of preprocessing, or of an unknown type, are broken and not listed', () => {
    models[0] = { ...models[0], card: { ...models[0].card, preprocess: 999 } }
    models[1] = { ...models[1], card: { ...models[1].card, type: 'oracle' } as unknown as Card }
    const zoo = recognizer()
    expect(zoo.cards().map(({ id }) => id)).toEqual(['c'])
    expect(zoo.broken().map(({ problem }) => problem)).toEqual([
      expect.stringContaining('preprocessing 999'),
      expect.stringContaining('oracle'),
    ])
  })

  it('whose weights cannot be read are broken until their card changes; others are not affected', () => {
    broken.add('a')
    const zoo = recognizer()
    expect(refusal(() => zoo.recognize(INPUT, 'a'))).toBe('503 broken_model')
    expect(refusal(() => zoo.recognize(INPUT, 'a'))).toBe('503 broken_model')
    expect(loads).toEqual(['a'])
    expect(zoo.broken()).toEqual([{ id: 'a', problem: 'its weights are torn' }])
    expect(zoo.recognize(INPUT, 'b').model).toBe('b')
    broken.clear()
    models[0] = { ...models[0], card: { ...models[0].card } }
    expect(zoo.recognize(INPUT, 'a').model).toBe('a')
  })
})

describe('a model whose answers are not finite', () => {
  it('is broken from its first answer on', () => {
    const torn = testModel('a', [{ type: 'dense', inputs: 784, outputs: 10 }, { type: 'batchnorm' }])
    const values = new Float32Array(torn.data.buffer)
    values.fill(-1, values.length - 10) // running variances, the last tensor
    models[0] = torn
    const zoo = recognizer()
    expect(refusal(() => zoo.recognize(INPUT, 'a'))).toBe('503 broken_model')
    expect(zoo.broken()).toEqual([{ id: 'a', problem: 'it gives probabilities that are no numbers' }])
    expect(zoo.recognize(INPUT).model).toBe('b')
  })
})

describe('the default model', () => {
  it('is the first preferred one that exists, else the first of all', () => {
    expect(recognizer({ preferred: ['x', 'c', 'b'] }).defaultModel).toBe('c')
    expect(recognizer({ preferred: ['x'] }).defaultModel).toBe('a')
    expect(recognizer().recognize(INPUT).model).toBe('a')
  })

  it('is skipped once it is broken, until none is left: 503 no_model', () => {
    for (const id of ['c', 'a']) broken.add(id)
    const zoo = recognizer({ preferred: ['c'] })
    expect(zoo.load().id).toBe('b')
    expect(loads).toEqual(['c', 'a', 'b'])
    models.splice(1, 1)
    expect(refusal(() => zoo.load())).toBe('503 no_model')
  })
})

describe('a machine out of memory', () => {
  it('unloads all models for the one that is needed', () => {
    let room = 2
    const small: BackendFactory = {
      ...TYPESCRIPT,
      create(bytes) {
        if (room === 0) {
          room = 1 // what the collector gives back
          throw new RangeError('could not allocate memory')
        }
        room--
        return typescriptBackend(bytes)
      },
    }
    const zoo = recognizer({}, small)
    for (const id of ['a', 'b', 'c']) expect(zoo.recognize(INPUT, id).model).toBe(id)
    expect(['a', 'b', 'c'].filter((id) => zoo.isLoaded(id))).toEqual(['c'])
  })

  it('answers 503 out_of_memory when even that is not enough, and tries again the next time', () => {
    let full = true
    const none: BackendFactory = {
      ...TYPESCRIPT,
      create(bytes) {
        if (full) throw new RangeError('could not allocate memory')
        return typescriptBackend(bytes)
      },
    }
    const zoo = recognizer({}, none)
    expect(refusal(() => zoo.recognize(INPUT, 'a'))).toBe('503 out_of_memory')
    full = false
    expect(zoo.recognize(INPUT, 'a').model).toBe('a')
  })
})

describe('a recognition', () => {
  it('by samples has their mean, sum 1 within 1e-6, and ten deviations; the same at once and in parts', () => {
    models.push(testModel('d', DROPOUT))
    const zoo = recognizer()
    const answer = zoo.recognize(INPUT, 'd', 25)
    expect(answer.samples).toBe(25)
    expect(answer.spread).toHaveLength(10)
    expect(Math.max(...(answer.spread ?? []))).toBeGreaterThan(0)
    expect(Math.abs(answer.probabilities.reduce((sum, p) => sum + p) - 1)).toBeLessThan(1e-6)
    expect(answer.confidence).toBe(answer.probabilities[answer.digit])

    const sampling = zoo.start(INPUT, { model: 'd', samples: 25 }).sampling
    for (const most of [1, 7, 100]) {
      sampling.go(most)
      zoo.recognize(new Uint8Array(784).fill(99), 'd') // somebody else's turn
    }
    expect(sampling.left()).toBe(0)
    expect(sampling.result()).toEqual(answer)
    expect(zoo.recognize(INPUT, 'd').spread).toBeUndefined()
  })

  it.each([0, 1001, 1.5, Number.NaN, -1])('by %d samples is refused: 422 bad_samples', (samples) => {
    expect(refusal(() => recognizer().recognize(INPUT, 'a', samples))).toBe('422 bad_samples')
  })

  it('by samples of a model without dropout is refused: 422 no_dropout', () => {
    expect(refusal(() => recognizer().recognize(INPUT, 'a', 10))).toBe('422 no_dropout')
  })
})
