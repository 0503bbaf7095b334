/**
 * Gradients of parts of minibatches. A minibatch is cut into the recipe's number of parts, the gradients of each part are summed
 * separately, and the sums are added in order. So the number of threads, each with a shard, makes no difference.
 */

import { createAugmenter } from '../augment/augment.ts'
import type { Backend } from '../backend/backend.ts'
import { type LabelledImages, lossMemory, mostProbable } from '../models/evaluation.ts'
import type { LayerSpec } from '../models/layer.ts'
import { createNetwork, type Network, networkMemory } from '../models/network.ts'
import type { Recipe } from '../models/recipe.ts'
import { Random } from '../random.ts'
import { NETWORK_STREAMS } from './random-streams.ts'

/** Targets of a last sigmoid for wrong classes and the right one: values it can reach (Rashid 2016). */
export const SIGMOID_TARGETS = [0.01, 0.99] as const

const [LOW, HIGH] = SIGMOID_TARGETS

/** Sums over the images of a part. */
export interface PartReport {
  readonly loss: number // in the units of the recipe's loss
  readonly correct: number
}

export interface Shard {
  readonly network: Network
  /** Computes the gradients of one part, 0..shards-1, of a minibatch, after zeroing them. */
  run(epoch: number, step: number, part: number): PartReport
}

/** Images that go through the network together, at most: their inputs and their index are half a MiB. */
const GROUP = 100

/** Bytes that a processor fetches from memory at once, at least. */
const CACHE_LINE = 64

/**
 * Images of a shard's network. A large part goes through it in groups, whose values stay in the cache: gradients add up in the same
 * order. Only batch normalisation needs the whole part at once.
 */
export function groupSize(layers: readonly LayerSpec[], { batch, shards }: Recipe): number {
  const part = Math.ceil(batch / shards)
  const groups = layers.some(({ type }) => type === 'batchnorm') ? 1 : Math.ceil(part / GROUP)
  return Math.ceil(part / groups)
}

/** Bytes of arena a shard takes. */
export function shardMemory(layers: readonly LayerSpec[], recipe: Recipe): number {
  const size = groupSize(layers, recipe)
  return networkMemory(layers, size, true) + lossMemory(size)
}

export function createShard(
  backend: Backend,
  layers: readonly LayerSpec[],
  recipe: Recipe,
  images: LabelledImages,
): Shard {
  const { kernels, arena } = backend
  const { batch, shards, seed } = recipe
  const size = groupSize(layers, recipe)
  const network = createNetwork(backend, layers, size, true)
  const { inputs, outputs, outputsAt, outputGradientsAt } = network
  const labelsAt = arena.allocate(size)
  const lossAt = arena.allocate(size * 4)
  const [labels, losses, values] = [
    arena.u8(labelsAt, size),
    arena.f32(lossAt, size),
    arena.f32(outputsAt, size * outputs),
  ]
  const places = Array.from({ length: size }, (_, i) => network.bytes.subarray(i * inputs, (i + 1) * inputs))
  const gradients = arena.f32(network.gradientsAt, network.parameters.length)
  const augment = Object.values(recipe.augment).some((bound) => bound > 0) ? createAugmenter(recipe.augment) : undefined
  const order = new Uint32Array(images.count)
  const steps = Math.ceil(images.count / batch)
  let shuffled = -1 // the epoch that `order` belongs to

  function shuffle(epoch: number): void {
    for (let i = 0; i < order.length; i++) order[i] = i
    new Random(seed, NETWORK_STREAMS.shuffle + epoch).shuffle(order)
    shuffled = epoch
  }

  // Reads a byte of every cache line of n images. They lie far apart in memory: read one after the other, without work between, they
  // are fetched at the same time, which takes half as long as fetching each when it is copied.
  function fetch(first: number, n: number): void {
    let sum = 0
    for (let i = 0; i < n; i++) {
      const start = order[first + i] * inputs
      for (let at = start; at < start + inputs; at += CACHE_LINE) sum ^= images.images[at]
    }
    places[0][0] = sum // overwritten; without a use the compiler would leave the reading out
  }

  // Puts n images of the epoch's order in the network, from position `first` on.
  function gather(epoch: number, first: number, n: number): void {
    if (!augment) fetch(first, n)
    for (let i = 0; i < n; i++) {
      const image = order[first + i]
      const source = images.images.subarray(image * inputs, (image + 1) * inputs)
      if (augment) augment(places[i], source, seed, NETWORK_STREAMS.augment + epoch, image)
      else places[i].set(source)
      labels[i] = images.labels[image]
    }
  }

  // Adds loss and correct answers of the network's n images to a sum, and computes the gradient of the loss at the outputs.
  function score(n: number, total: number, sum: PartReport): PartReport {
    if (recipe.loss === 'squared') kernels.squaredError(lossAt, outputsAt, labelsAt, LOW, HIGH, n, outputs)
    else kernels.softmaxCrossEntropy(lossAt, outputsAt, outputsAt, labelsAt, n, outputs)
    let { loss, correct } = sum
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
      let sum: PartReport = { loss: 0, correct: 0 }
      for (let row = start; row < end; row += size) {
        const n = Math.min(size, end - row)
        gather(epoch, from + row, n)
        const pass = { masks: { seed, stream: epoch * steps + step, row }, share: n / total }
        network.forward(n, pass)
        sum = score(n, total, sum)
        network.backward(n, pass)
      }
      return sum
    },
  }
}
