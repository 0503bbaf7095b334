/** Models of every type learn that some drawings are no digits: they have an eleventh score, which such drawings get. */

import { expect, test } from 'vitest'
import { OTHER } from '../../../core/data/dataset.ts'
import {
  evaluate,
  evaluateModel,
  type LabelledImages,
  lossBuffers,
  lossMemory,
} from '../../../core/models/evaluation.ts'
import { forestMemory, forestModel } from '../../../core/models/forest.ts'
import type { LayerSpec } from '../../../core/models/layer.ts'
import type { Model } from '../../../core/models/model.ts'
import { FEATURES, neighboursMemory, neighboursModel } from '../../../core/models/neighbours.ts'
import { createNetwork, networkMemory } from '../../../core/models/network.ts'
import { DEFAULT_RECIPE } from '../../../core/models/recipe.ts'
import { joinTensors } from '../../../core/models/tensor.ts'
import { countVerdicts, turnedAway } from '../../../core/models/verdict-counts.ts'
import { Random } from '../../../core/random.ts'
import { createPrototypes, prototypeMemory } from '../../../core/training/prototypes.ts'
import { createTreeGrower, joinTrees, treeGrowingMemory } from '../../../core/training/trees.ts'
import { createTraining, trainingMemory } from '../../../core/training.ts'
import { allBackends } from '../backends.ts'

/** Bars: upright for even digits, lying for odd ones, further along for higher ones; what is no digit has a bar of each kind. */
function bars(count: number, seed: number): LabelledImages {
  const random = new Random(seed, 9)
  const images = new Uint8Array(count * 784)
  const labels = Uint8Array.from({ length: count }, () => random.below(11))
  for (const [n, label] of labels.entries()) {
    const drawn = label === OTHER ? [2 * random.below(5), 1 + 2 * random.below(5)] : [label]
    for (const digit of drawn) {
      const place = 4 + (digit >> 1) * 4 + random.below(3)
      for (let along = 3; along < 25; along++) {
        for (let across = place; across < place + 2; across++) {
          images[n * 784 + (digit % 2 ? across * 28 + along : along * 28 + across)] = 128 + random.below(128)
        }
      }
    }
  }
  return { images, labels, count }
}

const TRAINING = bars(1500, 1)
const UNSEEN = bars(400, 2)

function expectGood(model: Pick<Model, 'scores'>, least: number): void {
  expect(model.scores(UNSEEN.images.subarray(0, 784))).toHaveLength(11)
  const evaluation = evaluateModel(model, UNSEEN)
  const { digits, others } = countVerdicts(evaluation, UNSEEN.labels, 0.2)
  expect(evaluation.accuracy).toBeGreaterThan(0.97)
  expect(turnedAway(others)).toBeGreaterThan(least)
  expect(turnedAway(digits)).toBeLessThan(0.03)
}

test('a network; its temperature makes its confidence truer and keeps its answers', () => {
  const layers: LayerSpec[] = [
    { type: 'dense', inputs: 784, outputs: 32 },
    { type: 'relu' },
    { type: 'dense', inputs: 32, outputs: 11 },
  ]
  const recipe = { ...DEFAULT_RECIPE, epochs: 6, batch: 50 }
  const [backend] = allBackends(trainingMemory(layers, recipe)).slice(-1)
  const training = createTraining(backend, layers, recipe, TRAINING, UNSEEN)
  while (!training.done) training.step()
  const before = training.finish(UNSEEN).evaluation
  const { temperature } = training.calibrate(UNSEEN)
  const after = training.finish(UNSEEN)
  expect(after.evaluation.answers).toEqual(before.answers)
  if (temperature !== undefined) expect(after.evaluation.calibration.error).toBeLessThan(before.calibration.error)
  const [alone] = allBackends(networkMemory(layers, 1, false)).slice(-1)
  const network = createNetwork(alone, layers, 1, false)
  network.parameters.set(after.parameters)
  expectGood(
    {
      scores(input) {
        network.bytes.set(input)
        network.forward(1)
        network.toProbabilities(1)
        return alone.arena.f32(network.outputsAt, 11)
      },
    },
    0.95,
  )
})

test('a network with ten outputs is not trained on what is no digit, but can be measured on it', () => {
  const layers: LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }]
  const [backend] = allBackends(trainingMemory(layers, DEFAULT_RECIPE) + lossMemory(10)).slice(-1)
  expect(() => createTraining(backend, layers, DEFAULT_RECIPE, TRAINING, UNSEEN)).toThrow('11 outputs are due')
  const measured = evaluate(backend, createNetwork(backend, layers, 10, false), lossBuffers(backend, 10), UNSEEN)
  // all weights are 0, so every digit has a loss of log 10, and what is no digit has none
  expect(measured.loss).toBeCloseTo(Math.log(10), 5)
})

test('prototypes, as many of no digit as the recipe says', () => {
  const vote = { k: 5, power: 8, smoothing: 0.001 }
  const recipe = { seed: 1, perClass: 4, others: 40, means: 3, epochs: 3, rate: 0.2, sharpness: 20, augment: {}, vote }
  const [backend] = allBackends(prototypeMemory(recipe)).slice(-1)
  const learning = createPrototypes(backend, recipe, TRAINING)
  while (learning.epoch < recipe.epochs) learning.step()
  const { references, labels } = learning
  expect(labels.filter((label) => label === OTHER)).toHaveLength(40)
  expect(labels).toHaveLength(80)
  const neighbours = { ...vote, references: labels.length, classes: 11 }
  const [alone] = allBackends(neighboursMemory({ neighbours })).slice(-1)
  const data = new Uint8Array(labels.length * (FEATURES + 1))
  data.set(references)
  data.set(labels, references.length)
  expectGood(neighboursModel(alone, { neighbours }, data), 0.9)
})

test('a forest', () => {
  const recipe = { seed: 1, candidates: 14, smallest: 2, copies: 0, augment: {} }
  const [backend] = allBackends(treeGrowingMemory(TRAINING.count, 0)).slice(-1)
  const grow = createTreeGrower(backend, TRAINING, recipe)
  const { roots, splits, leaves } = joinTrees(
    Array.from({ length: 20 }, (_, tree) => grow(tree)),
    11,
  )
  const forest = { trees: 20, splits: splits.length / 3, leaves: leaves.length / 11, power: 2, classes: 11 }
  const [alone] = allBackends(forestMemory({ forest })).slice(-1)
  expectGood(forestModel(alone, { forest }, joinTensors([roots, splits, leaves])), 0.9)
})
