/** Tuning of weights in 8 bits: on every backend the same bytes, rounded, and never worse on the validation set than rounding alone. */

import { expect, test } from 'vitest'
import { roundWeights } from '../../../core/models/eight-bits.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { parameterLayout } from '../../../core/models/layout.ts'
import { DEFAULT_RECIPE, type Recipe } from '../../../core/models/recipe.ts'
import { Random } from '../../../core/random.ts'
import { createTraining, type Training, trainingMemory, tuningRecipe } from '../../../core/training.ts'
import { allBackends } from '../backends.ts'

const LAYERS: readonly LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 12 },
  { type: 'batchnorm' },
  { type: 'relu' },
  { type: 'dense', inputs: 12, outputs: 10 },
]
const LAYOUT = parameterLayout(LAYERS)
const RECIPE: Recipe = { ...DEFAULT_RECIPE, optimizer: 'adam', rate: 0.01, batch: 20, epochs: 4, bits: 8, tune: 2 }

/** Spots whose place says the digit, on paper with noise. */
function spots(count: number, seed: number): LabelledImages {
  const random = new Random(seed, 0)
  const labels = Uint8Array.from({ length: count }, () => random.below(10))
  const images = Uint8Array.from({ length: count * 784 }, () => random.below(120))
  for (const [i, label] of labels.entries()) {
    for (let p = 0; p < 40; p++) images[i * 784 + label * 70 + p + random.below(30)] = 255
  }
  return { images, labels, count }
}

const [TRAINING, HELD] = [spots(240, 1), spots(100, 2)]
const backends = allBackends(trainingMemory(LAYERS, RECIPE))

function trained(training: Training): Float32Array {
  while (!training.done) training.step()
  return training.finish(HELD).parameters
}

const whole = trained(createTraining(backends[0], LAYERS, RECIPE, TRAINING, HELD))
const tuning = (recipe: Recipe, backend = allBackends(trainingMemory(LAYERS, RECIPE))[0]) =>
  createTraining(backend, LAYERS, tuningRecipe(recipe), TRAINING, HELD, undefined, whole)

test('gives the same bytes on every backend, which rounding leaves as they are', () => {
  const results = allBackends(trainingMemory(LAYERS, RECIPE)).map((backend) => trained(tuning(RECIPE, backend)))
  for (const result of results) expect(result).toEqual(results[0])
  const again = results[0].slice()
  roundWeights(again, LAYOUT)
  expect(again).toEqual(results[0])
  expect(results[0]).not.toEqual(whole)
})

test('without an epoch is rounding alone; with some it is no worse on what was held out', () => {
  const rounded = whole.slice()
  roundWeights(rounded, LAYOUT)
  const alone = tuning({ ...RECIPE, tune: 0 })
  expect(alone.done).toBe(true)
  expect(alone.finish(HELD)).toMatchObject({ parameters: rounded, bestEpoch: 0 })
  const tuned = tuning(RECIPE)
  trained(tuned)
  expect(tuned.finish(HELD).evaluation.loss).toBeLessThanOrEqual(alone.finish(HELD).evaluation.loss)
})

test('keeps what is smaller than a step, so that gradients add up', () => {
  const training = tuning(RECIPE)
  training.step()
  const { parameters } = training.state()
  const rounded = parameters.slice()
  roundWeights(rounded, LAYOUT)
  expect(parameters).not.toEqual(rounded)
})

test('is the same when it is interrupted', () => {
  const first = tuning(RECIPE)
  for (let step = 0; step < first.stepsPerEpoch + 3; step++) first.step()
  const second = tuning(RECIPE)
  second.restore(first.state())
  expect(trained(second)).toEqual(trained(first))
  expect(trained(second)).toEqual(trained(tuning(RECIPE)))
})
