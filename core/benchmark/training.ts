/** Benchmark of training steps (forward, backward, optimizer) on the fastest backend, and in plain JavaScript. */

import type { BackendFactory } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import { initialize, trainableCount } from '../models/layout.ts'
import { NETWORKS } from '../models/networks.ts'
import { DEFAULT_RECIPE, type Recipe } from '../models/recipe.ts'
import type { BenchmarkTraining } from '../protocol.ts'
import { Random } from '../random.ts'
import { createOptimizer, optimizerMemory } from '../training/optimizer.ts'
import { NETWORK_STREAMS } from '../training/random-streams.ts'
import { createShard, shardMemory } from '../training/shard.ts'
import { drawnDigits } from './digits.ts'
import type { BenchmarkFactory, BenchmarkTask } from './task.ts'

const TRAINED = [
  { id: 'softmax', optimizer: 'sgd', rate: 0.1 },
  { id: 'mlp-200', optimizer: 'adam', rate: 0.001 },
  { id: 'cnn-small', optimizer: 'adam', rate: 0.001 },
  { id: 'cnn', optimizer: 'adam', rate: 0.001 },
] as const

/** @param images of a minibatch */
export function trainingTasks(
  factories: readonly BenchmarkFactory[],
  images: number,
): BenchmarkTask<BenchmarkTraining>[] {
  const plain = factories.find(({ name }) => name === 'plain')
  return NETWORKS.flatMap(({ id, layers }) => {
    const trained = TRAINED.find((one) => one.id === id)
    if (!trained) return []
    const { optimizer, rate } = trained
    const recipe: Recipe = { ...DEFAULT_RECIPE, optimizer, rate, batch: images }
    const labels = Uint8Array.from({ length: images }, (_, i) => i % CLASSES)
    const place = (factory: Pick<BackendFactory, 'create'>) => {
      const backend = factory.create(shardMemory(layers, recipe) + optimizerMemory(layers, recipe))
      const shard = createShard(backend, layers, recipe, { images: drawnDigits(images), labels, count: images })
      const { parameters, parametersAt, gradientsAt } = shard.network
      initialize(parameters, layers, new Random(recipe.seed, NETWORK_STREAMS.initial))
      const learner = createOptimizer(backend, recipe, parametersAt, gradientsAt, trainableCount(layers))
      let count = 0
      return () => {
        shard.run(0, 0, 0)
        learner.step(rate, ++count)
      }
    }
    return {
      name: id,
      title: `${id}, training on ${images} images`,
      *measure(watch) {
        const time = yield* watch(place(factories[0]))
        const opponent = plain && (yield* watch(place(plain)))
        const perImage = time.median / images
        return { model: id, optimizer, images, time, perImage, ...(opponent && { plain: opponent }) }
      },
    }
  })
}
