/** Training on made-up digits: determinism, resumption, best checkpoint. Real MNIST runs in training-mnist.test.ts. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Backend } from '../../core/backend.ts'
import type { LabelledImages } from '../../core/evaluation.ts'
import type { LayerSpec, Recipe } from '../../core/models/card.ts'
import { Random } from '../../core/random.ts'
import { splitValidation } from '../../core/split.ts'
import { createTraining, type Training, trainingMemory } from '../../core/training.ts'
import { allBackends } from './backends.ts'

const LAYERS: LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 12 },
  { type: 'dense', inputs: 12, outputs: 10 },
]
const RECIPE: Recipe = {
  seed: 5,
  optimizer: 'sgd',
  rate: 0.05,
  momentum: 0.9,
  decay: 0.001,
  schedule: 'linear',
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

const memory = trainingMemory(LAYERS, RECIPE.batch)

describe('a training run', () => {
  test('ends in the same bytes in every backend, and has learned', () => {
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

  test.each([1, 17, 29, 30, 58])('gone on with from its state after %i steps ends in the same bytes', (steps) => {
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

  test('keeps the parameters of the epoch with the lowest validation loss', () => {
    // a rate this high makes later epochs worse than earlier ones
    const run = start(allBackends(memory)[2], { ...RECIPE, rate: 1.5, schedule: 'constant', epochs: 6 })
    const losses: number[] = []
    while (!run.done) {
      const report = run.step()
      if (report) losses.push(report.validation.loss)
    }
    const best = Math.min(...losses)
    expect(losses.at(-1)).not.toBe(best)
    const { bestEpoch, evaluation } = run.finish(validation)
    expect(losses[bestEpoch - 1]).toBe(best)
    expect(evaluation.loss).toBe(best)
  })
})

describe('a training run that diverges', () => {
  test('says so instead of giving parameters', () => {
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
      const [backend] = allBackends(trainingMemory(layers, batch))
      expect(createTraining(backend, layers, { ...RECIPE, batch }, training, validation).done).toBe(false)
    }
  })
})
