/**
 * Trains prototypes: a few thousand descriptions of digits in place of all training images. They start as the centres of k-means
 * within each class and are then moved by generalised learning vector quantisation (Sato, Yamada 1996).
 */

import { type Augmenter, createAugmenter } from '../augment/augment.ts'
import type { Backend } from '../backend/backend.ts'
import { CLASSES, OTHER, PIXELS } from '../data/dataset.ts'
import { log1 } from '../kernels/polynomial.ts'
import type { Vote } from '../models/card.ts'
import { type LabelledImages, labelledClasses } from '../models/evaluation.ts'
import { createDescriber, FEATURES, neighbourProbabilities } from '../models/neighbours.ts'
import type { Augmentation } from '../models/recipe.ts'
import { Random } from '../random.ts'
import { PROTOTYPE_STREAMS as STREAMS } from './random-streams.ts'

export interface PrototypeRecipe {
  readonly seed: number // u32
  readonly perClass: number // prototypes of each class
  readonly others?: number // of OTHER, where the set has it; as many as of a digit unless given
  readonly means: number // passes of k-means
  readonly epochs: number
  readonly rate: number // share of the way to an image, at the start; falls to 0 linearly
  readonly sharpness: number // the larger, the closer to the decision boundary an image must be to have an effect
  readonly augment: Augmentation
  readonly vote: Vote // for loss and accuracy of an epoch; it has no effect on the prototypes
}

/** A run. The prototypes of a class are adjacent, class by class. */
export interface PrototypeTraining {
  readonly references: Uint8Array // u8[prototypes, FEATURES], the current prototypes
  readonly labels: Uint8Array
  /** Epochs done. */
  readonly epoch: number
  /** Images done in the current epoch. */
  readonly position: number
  /** Learns from the next image. At the end of an epoch returns mean loss and accuracy, each image answered before it was learned. */
  step(): { readonly loss: number; readonly accuracy: number } | undefined
  state(): PrototypeState
  restore(state: PrototypeState): void
}

/** Everything a run needs to resume: the content of a checkpoint. */
export interface PrototypeState {
  readonly epoch: number // epochs done
  readonly position: number // images done in the current epoch
  readonly correct: number // of those
  readonly lossSum: number // over those
  readonly exact: Float32Array // [prototypes, FEATURES], prototypes before rounding
}

/** Bytes of memory a backend needs to train by this recipe. */
export function prototypeMemory({ perClass, others = perClass, vote }: PrototypeRecipe): number {
  return (CLASSES * perClass + others) * (FEATURES + 4) + vote.k * 4 + 16_384
}

/**
 * Describes the images and runs k-means.
 * @throws RangeError when a class has fewer images than prototypes, or there are fewer prototypes than voting neighbours
 */
export function createPrototypes(backend: Backend, recipe: PrototypeRecipe, set: LabelledImages): PrototypeTraining {
  const { kernels, arena } = backend
  const { perClass, others = perClass } = recipe
  const classes = labelledClasses(set)
  const count = CLASSES * perClass + (classes > CLASSES ? others : 0)
  const sizeOf = (label: number) => (label === OTHER ? others : perClass)
  if (recipe.vote.k > count) throw new RangeError(`${recipe.vote.k} neighbours are asked of ${count} prototypes`)
  const describer = createDescriber(backend)
  const referencesAt = arena.allocate(count * FEATURES)
  const references = arena.u8(referencesAt, count * FEATURES)
  const distancesAt = arena.allocate(count * 4)
  const distances = arena.i32(distancesAt, count)
  const nearestAt = arena.allocate(4)
  const nearest = arena.i32(nearestAt, 1)
  const exact = new Float32Array(count * FEATURES) // `references` before rounding
  const labels = Uint8Array.from({ length: count }, (_, r) => Math.min(OTHER, Math.floor(r / perClass)))
  const neighboursAt = arena.allocate(recipe.vote.k * 4)
  const neighbours = arena.i32(neighboursAt, recipe.vote.k)
  const probabilities = new Float32Array(classes)
  const augment: Augmenter = createAugmenter(recipe.augment)
  const order = new Uint32Array(set.count)
  const augmented = new Uint8Array(PIXELS)
  let [epoch, position, correct, lossSum] = [0, 0, 0, 0]

  // The prototype of a class nearest to the description. The class's distances must have been computed.
  function nearestOf(label: number): number {
    kernels.nearest(nearestAt, distancesAt + label * perClass * 4, sizeOf(label), 1)
    return label * perClass + nearest[0]
  }

  function round(r: number): void {
    for (let i = r * FEATURES; i < (r + 1) * FEATURES; i++) {
      if (exact[i] < 0) exact[i] = 0
      else if (exact[i] > 255) exact[i] = 255
      references[i] = Math.floor(exact[i] + 0.5)
    }
  }

  function start(): void {
    const members = Array.from({ length: classes }, (_, label) =>
      Uint32Array.from({ length: set.count }, (_, i) => i).filter((i) => set.labels[i] === label),
    )
    const random = new Random(recipe.seed, STREAMS.start)
    const described = new Uint8Array(set.count * FEATURES)
    for (let i = 0; i < set.count; i++) {
      described.set(describer.describe(set.images.subarray(i * PIXELS, (i + 1) * PIXELS)), i * FEATURES)
    }
    for (const [label, all] of members.entries()) {
      if (all.length < sizeOf(label)) {
        throw new RangeError(`there are ${all.length} images of ${label}, ${sizeOf(label)} prototypes are due`)
      }
      const chosen = all.slice()
      random.shuffle(chosen)
      for (let k = 0; k < sizeOf(label); k++) {
        const image = chosen[k] * FEATURES
        exact.set(described.subarray(image, image + FEATURES), (label * perClass + k) * FEATURES)
        round(label * perClass + k)
      }
      for (let pass = 0; pass < recipe.means; pass++) moveToMeans(label, all, described)
    }
  }

  // One pass of Lloyd's algorithm (1957) within a class. A prototype to which no image is nearest stays.
  function moveToMeans(label: number, members: Uint32Array, described: Uint8Array): void {
    const size = sizeOf(label)
    const sums = new Float64Array(size * FEATURES)
    const counts = new Uint32Array(size)
    const from = label * perClass
    for (const i of members) {
      const features = described.subarray(i * FEATURES, (i + 1) * FEATURES)
      describer.features.set(features)
      kernels.distances(distancesAt + from * 4, describer.featuresAt, referencesAt + from * FEATURES, size, FEATURES)
      const k = nearestOf(label) - from
      counts[k]++
      for (let f = 0; f < FEATURES; f++) sums[k * FEATURES + f] += features[f]
    }
    for (let k = 0; k < size; k++) {
      if (counts[k] === 0) continue
      for (let f = 0; f < FEATURES; f++) exact[(from + k) * FEATURES + f] = sums[k * FEATURES + f] / counts[k]
      round(from + k)
    }
  }

  function shuffle(): void {
    for (let i = 0; i < order.length; i++) order[i] = i
    new Random(recipe.seed, STREAMS.shuffle + epoch).shuffle(order)
  }

  // Moves a prototype by a share of its distance to the description; a negative share moves it away.
  function move(r: number, share: number): void {
    const { features } = describer
    const from = r * FEATURES
    for (let f = 0; f < FEATURES; f++) exact[from + f] += share * (features[f] - exact[from + f])
    round(r)
  }

  // Counts how the current prototypes answer the description.
  function score(label: number): void {
    kernels.nearest(neighboursAt, distancesAt, count, recipe.vote.k)
    neighbourProbabilities(probabilities, recipe.vote, neighbours, distances, labels)
    if (probabilities[label] === Math.max(...probabilities)) correct++
    lossSum -= log1(probabilities[label])
  }

  /*
   * Descends the gradient of atan(sharpness mu), mu = (a - b) / (a + b), with a and b the squared distances to the nearest
   * prototypes of the right class and of any wrong one. The gradient's factor 1 / (a + b) is left out, so that a rate means the
   * same for images near to their prototypes and far from them.
   */
  function learn(label: number): void {
    const right = nearestOf(label)
    let wrong = -1
    for (let other = 0; other < classes; other++) {
      if (other === label) continue
      const candidate = nearestOf(other)
      if (wrong < 0 || distances[candidate] < distances[wrong]) wrong = candidate
    }
    const [a, b] = [distances[right], distances[wrong]]
    if (a + b === 0) return
    const mu = (recipe.sharpness * (a - b)) / (a + b)
    const progress = (epoch + position / set.count) / recipe.epochs
    const step = (recipe.rate * (1 - progress)) / (1 + mu * mu) / (a + b)
    move(right, step * b)
    move(wrong, -step * a)
  }

  start()
  shuffle()
  return {
    references,
    labels,

    get epoch() {
      return epoch
    },

    get position() {
      return position
    },

    step() {
      const image = order[position]
      const source = set.images.subarray(image * PIXELS, (image + 1) * PIXELS)
      augment(augmented, source, recipe.seed, STREAMS.augment + epoch, image)
      describer.describe(augmented)
      kernels.distances(distancesAt, describer.featuresAt, referencesAt, count, FEATURES)
      score(set.labels[image])
      learn(set.labels[image])
      if (++position < set.count) return undefined
      const report = { loss: lossSum / set.count, accuracy: correct / set.count }
      epoch++
      ;[position, correct, lossSum] = [0, 0, 0]
      shuffle()
      return report
    },

    state: () => ({ epoch, position, correct, lossSum, exact }),

    restore(state) {
      exact.set(state.exact)
      for (let r = 0; r < count; r++) round(r)
      ;({ epoch, position, correct, lossSum } = state)
      shuffle()
    },
  }
}
