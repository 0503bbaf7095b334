/** Parts of minibatches that are too large for one pass through the network. */

import { expect, test } from 'vitest'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { initialize } from '../../../core/models/layout.ts'
import { createNetwork, networkMemory } from '../../../core/models/network.ts'
import { DEFAULT_RECIPE, type Recipe } from '../../../core/models/recipe.ts'
import { Random } from '../../../core/random.ts'
import { NETWORK_STREAMS } from '../../../core/training/random-streams.ts'
import { createShard, groupSize, shardMemory } from '../../../core/training/shard.ts'
import { allBackends } from '../backends.ts'

const COUNT = 230
const LAYERS: LayerSpec[] = [
  { type: 'conv', inputs: 1, outputs: 3, kernel: 3 },
  { type: 'maxpool', size: 4 },
  { type: 'relu' },
  { type: 'dropout', rate: 0.25 },
  { type: 'dense', inputs: 147, outputs: 10 },
]
const DENSE: LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 5 },
  { type: 'sigmoid' },
  { type: 'dense', inputs: 5, outputs: 10 },
]
const NORMALISED: LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 10 },
  { type: 'batchnorm' },
  { type: 'dense', inputs: 10, outputs: 10 },
]

const random = new Random(8, 0)
const images = {
  images: Uint8Array.from({ length: COUNT * 784 }, () => (random.below(5) === 0 ? random.below(256) : 0)),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 10),
  count: COUNT,
}
const recipe: Recipe = { ...DEFAULT_RECIPE, batch: COUNT }

test.each([
  ['a convolution', LAYERS],
  ['dense layers', DENSE],
])('give the bytes of one pass, with %s', (_, layers) => {
  const [, , backend] = allBackends(shardMemory(layers, recipe) + 4096)
  const shard = createShard(backend, layers, recipe, images)
  expect(shard.network.batch).toBeLessThan(COUNT / 2)
  initialize(shard.network.parameters, layers, new Random(1, 0))
  const report = shard.run(0, 0, 0)

  const [, , whole] = allBackends(networkMemory(layers, COUNT, true) + COUNT * 5 + 4096)
  const network = createNetwork(whole, layers, COUNT, true)
  network.parameters.set(shard.network.parameters)
  const order = Uint32Array.from({ length: COUNT }, (_, i) => i)
  new Random(recipe.seed, NETWORK_STREAMS.shuffle).shuffle(order)
  const [labelsAt, lossAt] = [whole.arena.allocate(COUNT), whole.arena.allocate(COUNT * 4)]
  for (const [at, image] of order.entries()) {
    network.bytes.set(images.images.subarray(image * 784, (image + 1) * 784), at * 784)
    whole.arena.u8(labelsAt, COUNT)[at] = images.labels[image]
  }
  const pass = { masks: { seed: recipe.seed, stream: 0, row: 0 }, share: 1 }
  network.forward(COUNT, pass)
  const { outputsAt, outputGradientsAt } = network
  whole.kernels.softmaxCrossEntropy(lossAt, outputsAt, outputsAt, labelsAt, COUNT, 10)
  whole.kernels.softmaxCrossEntropyBackward(outputGradientsAt, outputsAt, labelsAt, 1 / COUNT, COUNT, 10)
  network.backward(COUNT, pass)
  const gradients = (one: typeof backend, at: number) => one.arena.f32(at, network.parameters.length)
  expect(gradients(backend, shard.network.gradientsAt)).toEqual(gradients(whole, network.gradientsAt))
  expect(gradients(whole, network.gradientsAt).some((value) => value !== 0)).toBe(true)
  expect(report.loss).toBe(whole.arena.f32(lossAt, COUNT).reduce((sum, loss) => sum + loss, 0))
})

test('stay whole where batch normalisation needs their statistics', () => {
  expect(groupSize(NORMALISED, recipe)).toBe(COUNT)
  expect(groupSize(NORMALISED, { ...recipe, shards: 2 })).toBe(COUNT / 2)
})
