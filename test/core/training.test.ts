/** Training on made-up digits: determinism, resumption, best checkpoint. Real MNIST runs in training-mnist.test.ts. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Backend } from '../../core/backend/backend.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { DEFAULT_RECIPE, type Recipe } from '../../core/models/recipe.ts'
import { Random } from '../../core/random.ts'
import { createShard, shardMemory } from '../../core/training/shard.ts'
import { splitValidation } from '../../core/training/split.ts'
import { createTraining, type RemoteShards, type Training, trainingMemory } from '../../core/training.ts'
import { allBackends } from './backends.ts'

const LAYERS: LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 12 },
  { type: 'dense', inputs: 12, outputs: 10 },
]
const RECIPE: Recipe = {
  ...DEFAULT_RECIPE,
  seed: 5,
  rate: 0.05,
  decay: 0.001,
  batch: 32,
  epochs: 4,
  validation: 100,
}

// Each class is a bar at its own height, with noise and gaps: learnable, and mostly zeros as digits are.
function bars(count: number): LabelledImages {
  const random = new Random(11, 0)
  const images = new Uint8Array(count * 784)
  const labels = new Uint8Array(count)
  for (let n = 0; n < count; n++) {
    labels[n] = random.below(10)
    for (let i = 0; i < 60; i++) {
      const [row, column] = [labels[n] * 2 + 4 + random.below(3), random.below(28)]
      images[n * 784 + row * 28 + column] = 1 + random.below(255)
    }
  }
  return { images, labels, count }
}

const { training, validation } = splitValidation(bars(1000), RECIPE.validation, RECIPE.seed)

function start(backend: Backend, recipe = RECIPE): Training {
  return createTraining(backend, LAYERS, recipe, training, validation)
}

function digest(values: Float32Array): string {
  return createHash('sha256').update(new Uint8Array(values.slice().buffer)).digest('hex')
}

const memory = trainingMemory(LAYERS, RECIPE)

describe('a training run', () => {
  test('ends with the same bytes in every backend, and has learned', () => {
    const results = allBackends(memory).map((backend) => {
      const run = start(backend)
      while (!run.done) run.step()
      const { parameters, evaluation } = run.finish(validation)
      expect(evaluation.accuracy).toBeGreaterThan(0.9)
      return digest(parameters)
    })
    expect(new Set(results).size).toBe(1)
  })

  test('differs with the seed', () => {
    const [a, b] = [5, 6].map((seed) => {
      const run = start(allBackends(memory)[2], { ...RECIPE, seed, epochs: 1 })
      while (!run.done) run.step()
      return digest(run.network.parameters)
    })
    expect(a).not.toBe(b)
  })

  test.each([1, 17, 29, 30, 58])('resumed from its state after %i steps ends with the same bytes', (steps) => {
    const whole = start(allBackends(memory)[2])
    while (!whole.done) whole.step()
    const first = start(allBackends(memory)[1])
    for (let i = 0; i < steps; i++) first.step()
    const state = structuredClone(first.state())
    const second = start(allBackends(memory)[2])
    second.restore(state)
    while (!second.done) second.step()
    expect(digest(second.finish(validation).parameters)).toBe(digest(whole.finish(validation).parameters))
  })

  test.each([
    [0, 7], // of 8 epochs, those after three quarters
    [8, 1], // with patience, all
  ])('with a patience of %i keeps the epoch with the lowest validation loss from epoch %i on', (patience, first) => {
    // a rate this high makes later epochs worse than earlier ones
    const run = start(allBackends(memory)[2], { ...RECIPE, rate: 1.5, schedule: 'constant', epochs: 8, patience })
    const losses: number[] = []
    const kept: number[] = []
    while (!run.done) {
      const report = run.step()
      if (!report) continue
      losses.push(report.validation.loss)
      if (report.best) kept.push(report.epoch)
    }
    const best = Math.min(...losses.slice(first - 1))
    expect(losses.at(first === 1 ? -1 : 0)).not.toBe(best)
    const { bestEpoch, evaluation } = run.finish(validation)
    expect(losses[bestEpoch - 1]).toBe(best)
    expect(evaluation.loss).toBe(best)
    expect(kept.at(-1)).toBe(bestEpoch)
    expect(kept.slice(0, first)).toEqual(Array.from({ length: first }, (_, k) => k + 1))
  })
})

describe('a training run that diverges', () => {
  test('throws instead of returning parameters', () => {
    const run = start(allBackends(memory)[2], { ...RECIPE, rate: 1e38, epochs: 2 })
    while (!run.done) run.step()
    expect(() => run.finish(validation)).toThrow(/no epoch ended with a finite loss/)
  })
})

describe('the memory of a training run', () => {
  test('is enough for deep networks and large batches', () => {
    const wide = Array.from({ length: 6 }, (): LayerSpec => ({ type: 'dense', inputs: 300, outputs: 300 }))
    const layers: LayerSpec[] = [
      { type: 'dense', inputs: 784, outputs: 300 },
      ...wide,
      { type: 'dense', inputs: 300, outputs: 10 },
    ]
    for (const batch of [1, 7, 256]) {
      const [backend] = allBackends(trainingMemory(layers, { ...RECIPE, batch }))
      expect(createTraining(backend, layers, { ...RECIPE, batch }, training, validation).done).toBe(false)
    }
  })
})

// Every kind of layer, an optimizer with two moments, clipping, augmentation, and minibatches in parts.
const DEEP: LayerSpec[] = [
  { type: 'conv', inputs: 1, outputs: 4, kernel: 3 },
  { type: 'batchnorm' },
  { type: 'maxpool', size: 2 },
  { type: 'relu' },
  { type: 'conv', inputs: 4, outputs: 6, kernel: 5 },
  { type: 'maxpool', size: 3 },
  { type: 'relu' },
  { type: 'dropout', rate: 0.2 },
  { type: 'dense', inputs: 96, outputs: 12 },
  { type: 'sigmoid' },
  { type: 'dropout', rate: 0.3 },
  { type: 'dense', inputs: 12, outputs: 10, bias: false },
]
const THOROUGH: Recipe = {
  ...RECIPE,
  optimizer: 'adam',
  rate: 0.01,
  schedule: 'cosine',
  warmup: 0.5,
  clip: 1,
  batch: 30,
  shards: 4,
  epochs: 1,
  augment: { shift: 1, rotate: 5, elastic: 1, thickness: 0.3 },
}

describe('a training run with every kind of layer', () => {
  const few = splitValidation(bars(260), 60, 3)
  const run = (backend: Backend, recipe: Recipe, helpers?: (recipe: Recipe) => RemoteShards) => {
    const training = createTraining(backend, DEEP, recipe, few.training, few.validation, helpers?.(recipe))
    while (!training.done) training.step()
    return digest(training.state().parameters)
  }

  test('ends with the same bytes in every backend', () => {
    const results = allBackends(trainingMemory(DEEP, THOROUGH)).map((backend) => run(backend, THOROUGH))
    expect(new Set(results).size).toBe(1)
  })

  test('ends with the same bytes whichever shard computes which parts of its minibatches', () => {
    const memory = trainingMemory(DEEP, THOROUGH)
    const alone = run(allBackends(memory)[2], THOROUGH)
    for (const first of [1, 2, 3]) {
      const asked: number[] = []
      const helped = run(allBackends(memory)[2], THOROUGH, (recipe) => {
        const [, , backend] = allBackends(shardMemory(DEEP, recipe) + 4096)
        const shard = createShard(backend, DEEP, recipe, few.training)
        const { network } = shard
        let at = [0, 0]
        return {
          first,
          start(parameters, epoch, step) {
            network.parameters.set(parameters)
            at = [epoch, step]
          },
          collect(part, gradients) {
            asked.push(part)
            const report = shard.run(at[0], at[1], part)
            gradients.set(backend.arena.f32(network.gradientsAt, gradients.length))
            return report
          },
        }
      })
      expect(helped, `first ${first}`).toBe(alone)
      expect(new Set(asked).size).toBe(4 - first)
    }
  })

  test.each([
    'sgd',
    'adadelta',
  ] as const)('learns with %s, and ends in the same bytes after an interruption', (optimizer) => {
    const recipe: Recipe = { ...THOROUGH, optimizer, rate: optimizer === 'sgd' ? 0.05 : 1, epochs: 2 }
    const memory = trainingMemory(DEEP, recipe)
    const first = createTraining(allBackends(memory)[1], DEEP, recipe, few.training, few.validation)
    const before = first.network.parameters.slice()
    for (let i = 0; i < 4; i++) first.step()
    expect(digest(first.network.parameters)).not.toBe(digest(before))
    const second = createTraining(allBackends(memory)[2], DEEP, recipe, few.training, few.validation)
    second.restore(structuredClone(first.state()))
    const losses: number[] = []
    while (!second.done) {
      const report = second.step()
      if (report) losses.push(report.trainingLoss)
    }
    expect(losses[losses.length - 1]).toBeLessThan(losses[0])
    expect(digest(second.state().parameters)).toBe(run(allBackends(memory)[2], recipe))
  })

  test('stops after as many epochs without improvement as its patience', () => {
    // a rate of nearly nothing: the first epoch stays the best to the last bit
    const recipe: Recipe = { ...THOROUGH, optimizer: 'sgd', rate: 1e-30, epochs: 50, patience: 3, clip: 0 }
    const layers: LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }]
    const [, , backend] = allBackends(trainingMemory(layers, recipe))
    const training = createTraining(backend, layers, recipe, few.training, few.validation)
    let epochs = 0
    while (!training.done) if (training.step()) epochs++
    expect(epochs).toBe(4)
  })

  test('needs a loss that fits its last layer', () => {
    const [backend] = allBackends(memory)
    const wrong: Recipe = { ...RECIPE, loss: 'squared' }
    expect(() => createTraining(backend, LAYERS, wrong, training, validation)).toThrow(/squared loss/)
  })
})
