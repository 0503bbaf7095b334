/**
 * Gradients of parts of minibatches. A minibatch is cut into the recipe's number of parts, each part's gradient is summed
 * by itself, and the sums are added in order: so it makes no difference how many threads, each with a shard, work on them.
 */

import { createAugmenter } from '../augment/augment.ts'
import type { Backend } from '../backend/backend.ts'
import { type LabelledImages, lossMemory, mostProbable } from '../models/evaluation.ts'
import type { LayerSpec } from '../models/layer.ts'
import { createNetwork, type Network, networkMemory } from '../models/network.ts'
import type { Recipe } from '../models/recipe.ts'
import { Random } from '../random.ts'

// Streams of core/random.ts, so that no two purposes share draws.
const STREAM_SHUFFLE = 1000 // + epoch
const STREAM_AUGMENT = 1_000_000_000 // + epoch

/** Targets of the squared error: what a sigmoid can reach (Rashid 2016). */
const [LOW, HIGH] = [0.01, 0.99]

/** Sums over the images of a part. */
export interface PartReport {
  readonly loss: number
  readonly correct: number
}

export interface Shard {
  readonly network: Network
  /** Zeroes the gradients and computes those of one part, 0..shards-1, of a minibatch. */
  run(epoch: number, step: number, part: number): PartReport
}

/** Images of the largest part of a minibatch. */
export function partSize({ batch, shards }: Recipe): number {
  return Math.ceil(batch / shards)
}

/** Bytes of arena a shard takes. */
export function shardMemory(layers: readonly LayerSpec[], recipe: Recipe): number {
  return networkMemory(layers, partSize(recipe), true) + lossMemory(partSize(recipe))
}

export function createShard(
  backend: Backend,
  layers: readonly LayerSpec[],
  recipe: Recipe,
  images: LabelledImages,
): Shard {
  const { kernels, arena } = backend
  const { batch, shards, seed } = recipe
  const size = partSize(recipe)
  const network = createNetwork(backend, layers, size, true)
  const { inputs, outputs, outputsAt, outputGradientsAt } = network
  const labelsAt = arena.allocate(size)
  const lossAt = arena.allocate(size * 4)
  const gradients = arena.f32(network.gradientsAt, network.parameters.length)
  const augment = Object.values(recipe.augment).some((bound) => bound > 0) ? createAugmenter(recipe.augment) : undefined
  const order = new Uint32Array(images.count)
  const steps = Math.ceil(images.count / batch)
  let shuffled = -1 // the epoch whose order this is

  function shuffle(epoch: number): void {
    for (let i = 0; i < order.length; i++) order[i] = i
    new Random(seed, STREAM_SHUFFLE + epoch).shuffle(order)
    shuffled = epoch
  }

  // Loss and answers of the images at hand, and the loss's gradient to the outputs.
  function score(n: number, total: number): PartReport {
    const labels = arena.u8(labelsAt, n)
    if (recipe.loss === 'squared') kernels.squaredError(lossAt, outputsAt, labelsAt, LOW, HIGH, n, outputs)
    else kernels.softmaxCrossEntropy(lossAt, outputsAt, outputsAt, labelsAt, n, outputs)
    const [losses, values] = [arena.f32(lossAt, n), arena.f32(outputsAt, n * outputs)]
    let [loss, correct] = [0, 0]
    for (let i = 0; i < n; i++) {
      loss += losses[i]
      if (mostProbable(values, i * outputs, outputs) === labels[i]) correct++
    }
    if (recipe.loss === 'squared') {
      kernels.squaredErrorBackward(outputGradientsAt, outputsAt, labelsAt, LOW, HIGH, 1 / total, n, outputs)
    } else kernels.softmaxCrossEntropyBackward(outputGradientsAt, outputsAt, labelsAt, 1 / total, n, outputs)
    return { loss, correct }
  }

  return {
    network,

    run(epoch, step, part) {
      if (shuffled !== epoch) shuffle(epoch)
      gradients.fill(0)
      const from = step * batch
      const total = Math.min(batch, images.count - from)
      const [start, end] = [Math.floor((part * total) / shards), Math.floor(((part + 1) * total) / shards)]
      const n = end - start
      if (n === 0) return { loss: 0, correct: 0 }
      const labels = arena.u8(labelsAt, n)
      for (let i = 0; i < n; i++) {
        const image = order[from + start + i]
        const source = images.images.subarray(image * inputs, (image + 1) * inputs)
        const target = network.bytes.subarray(i * inputs, (i + 1) * inputs)
        if (augment) augment(target, source, seed, STREAM_AUGMENT + epoch, image)
        else target.set(source)
        labels[i] = images.labels[image]
      }
      const pass = { masks: { seed, stream: epoch * steps + step, row: start }, share: n / total }
      network.forward(n, pass)
      const report = score(n, total)
      network.backward(n, pass)
      return report
    },
  }
}
