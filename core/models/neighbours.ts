/**
 * k nearest neighbours: an image is described by the directions of its strokes in zones, and the references with the nearest
 * descriptions vote. Integers up to the vote, so that every machine finds the same neighbours.
 */

import type { Backend } from '../backend/backend.ts'
import { CLASSES, PIXELS } from '../data/dataset.ts'
import type { NeighboursCard, Vote } from './card.ts'
import type { Model } from './model.ts'
import type { TensorSpec } from './tensor.ts'
import { digitProbabilities } from './verdict.ts'

/** Bytes of a description: eight directions in five by five zones. */
export const FEATURES = 200

/** The part of a card that determines how the model answers. */
export type NeighboursSettings = Pick<NeighboursCard, 'neighbours'>

/** Turns images into descriptions, one at a time. */
export interface Describer {
  readonly featuresAt: number // offset in the arena
  readonly features: Uint8Array // [FEATURES], the last description; a view
  /** Describes an input of 784 bytes; returns `features`. */
  describe(input: Uint8Array): Uint8Array
}

/** Creates a describer, which takes 2 KiB of the arena. */
export function createDescriber({ kernels, arena }: Backend): Describer {
  const featuresAt = arena.allocate(FEATURES)
  const sumsAt = arena.allocate(FEATURES * 4)
  const inputAt = arena.allocate(PIXELS)
  const features = arena.u8(featuresAt, FEATURES)
  const bytes = arena.u8(inputAt, PIXELS)
  return {
    featuresAt,
    features,
    describe(input) {
      bytes.set(input)
      kernels.directions(featuresAt, sumsAt, inputAt)
      return features
    },
  }
}

export function neighboursTensors({ neighbours: { references } }: NeighboursSettings): readonly TensorSpec[] {
  return [
    { name: 'references', dtype: 'U8', shape: [references, FEATURES], length: references * FEATURES },
    { name: 'labels', dtype: 'U8', shape: [references], length: references },
  ]
}

/** Bytes of arena that `neighboursModel` takes. */
export function neighboursMemory({ neighbours: { references, k } }: NeighboursSettings): number {
  return references * (FEATURES + 4) + k * 4 + 8192
}

/**
 * Places the references in the arena of a backend.
 * @param data the bytes of the tensors that `neighboursTensors` lists
 * @throws RangeError when data and card do not fit together
 */
export function neighboursModel(backend: Backend, { neighbours }: NeighboursSettings, data: Uint8Array): Model {
  const { kernels, arena } = backend
  const { references: count, k, classes = CLASSES } = neighbours
  if (data.length !== count * (FEATURES + 1)) {
    throw new RangeError(`the weights have ${data.length} bytes, ${count} references take ${count * (FEATURES + 1)}`)
  }
  if (k > count) throw new RangeError(`${k} neighbours are asked of ${count} references`)
  const labels = data.slice(count * FEATURES)
  if (labels.some((label) => label >= classes))
    throw new RangeError(`a reference has a label that is no digit and none of the ${classes} classes`)
  const describer = createDescriber(backend)
  const referencesAt = arena.allocate(count * FEATURES)
  arena.u8(referencesAt, count * FEATURES).set(data.subarray(0, count * FEATURES))
  const distancesAt = arena.allocate(count * 4)
  const distances = arena.i32(distancesAt, count)
  const nearestAt = arena.allocate(k * 4)
  const nearest = arena.i32(nearestAt, k)
  const voted = new Float32Array(classes)

  const scores = (input: Uint8Array) => {
    describer.describe(input)
    kernels.distances(distancesAt, describer.featuresAt, referencesAt, count, FEATURES)
    kernels.nearest(nearestAt, distancesAt, count, k)
    return neighbourProbabilities(voted, neighbours, nearest, distances, labels)
  }
  return { scores, probabilities: (input) => digitProbabilities(scores(input)) }
}

/**
 * Probabilities by vote: a neighbour at squared distance d has ((d0 + 1) / (d + 1))^power votes, where d0 is that of the nearest,
 * and every class has `smoothing` votes from the start. The share of all votes is the probability. Power and smoothing minimise the
 * cross-entropy on validation images, which calibrates the model. Sums in f64, neighbours in the order given, classes ascending.
 * @param probabilities [classes], written and returned
 * @param nearest positions of the neighbours, the nearest first
 */
export function neighbourProbabilities(
  probabilities: Float32Array,
  { power, smoothing }: Vote,
  nearest: Int32Array,
  distances: Int32Array,
  labels: Uint8Array,
): Float32Array {
  const votes = new Float64Array(probabilities.length).fill(smoothing)
  for (const r of nearest) votes[labels[r]] += weight(distances[nearest[0]], distances[r], power)
  let sum = 0
  for (const vote of votes) sum += vote
  for (const [c, vote] of votes.entries()) probabilities[c] = vote / sum
  return probabilities
}

function weight(least: number, distance: number, power: number): number {
  const ratio = (least + 1) / (distance + 1)
  let product = 1
  for (let i = 0; i < power; i++) product *= ratio
  return product
}
