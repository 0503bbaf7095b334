/**
 * Measures how useful generated images are: whether a damaged model loses as much accuracy on them as on a test set, and how
 * accurate a model that has learned from them alone is on a test set.
 */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { CLASSES } from '../../core/data/dataset.ts'
import { labelledImages } from '../../core/learning/generator.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { modelOutputs } from '../../core/models/create-model.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import { parameterLayout } from '../../core/models/layout.ts'
import { NETWORKS } from '../../core/models/networks.ts'
import { Random } from '../../core/random.ts'
import { createTraining, trainingMemory } from '../../core/training.ts'
import { evaluateStored } from '../models/evaluate.ts'
import type { StoredModel } from '../models/load.ts'

const SEED = 1
const NOISE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1] // standard deviations of a tensor, added to it, three times each
const SHIFTS = [0.5, 1, 2, 3] // added to or taken from the bias of a digit
const SERIOUS = 0.02 // larger losses of accuracy show on any images

/** Compares the losses of accuracy of damaged models on both sets. */
export interface DamageReport {
  readonly damages: number // those that cost at most 2 points on the test set
  readonly correlation: number // -1..1
  readonly slope: number // of the line through 0: points lost on generated images per point lost on the test set
}

/** Damages a network by noise in its weights and by shifted biases, with one seed. */
export function compareDamage(
  { card, data, bytes }: StoredModel,
  test: LabelledImages,
  generated: LabelledImages,
  backends: BackendFactory,
): DamageReport | undefined {
  if (card.type !== 'network') return undefined
  const accuracies = (values: Float32Array<ArrayBuffer>) => {
    const model = { card, data: new Uint8Array(values.buffer), bytes }
    return [test, generated].map((set) => evaluateStored(model, set, backends).accuracy)
  }
  const whole = new Float32Array(data.slice().buffer)
  const before = accuracies(whole)
  const losses: (readonly [number, number])[] = []
  for (const values of damages(whole, parameterLayout(card.layers), modelOutputs(card))) {
    const after = accuracies(values)
    const lost = [before[0] - after[0], before[1] - after[1]] as const
    if (Math.abs(lost[0]) <= SERIOUS) losses.push(lost)
  }
  return { damages: losses.length, ...lineThrough(losses) }
}

function* damages(
  whole: Float32Array<ArrayBuffer>,
  layout: readonly { offset: number; length: number }[],
  outputs: number,
): Generator<Float32Array<ArrayBuffer>> {
  const random = new Random(SEED, 0)
  for (const size of [...NOISE, ...NOISE, ...NOISE]) {
    const values = whole.slice()
    for (const { offset, length } of layout) {
      const tensor = whole.subarray(offset, offset + length)
      const deviation = Math.sqrt(tensor.reduce((sum, value) => sum + value * value, 0) / length)
      // the sum of four uniform numbers, less its mean, has a variance of 1/3
      for (let i = offset; i < offset + length; i++) {
        const four = random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2
        values[i] += size * deviation * four * Math.sqrt(3)
      }
    }
    yield values
  }
  const biases = whole.length - outputs
  for (const [i, shift] of [...SHIFTS, ...SHIFTS].entries()) {
    const values = whole.slice()
    values[biases + ((3 * i) % CLASSES)] += i % 2 === 0 ? shift : -shift
    yield values
  }
}

function lineThrough(losses: readonly (readonly [number, number])[]): { correlation: number; slope: number } {
  const n = losses.length
  const [meanX, meanY] = [0, 1].map((side) => losses.reduce((sum, pair) => sum + pair[side], 0) / n)
  let [xx, yy, xy, squares, products] = [0, 0, 0, 0, 0]
  for (const [x, y] of losses) {
    xx += (x - meanX) * (x - meanX)
    yy += (y - meanY) * (y - meanY)
    xy += (x - meanX) * (y - meanY)
    squares += x * x
    products += x * y
  }
  const rounded = (value: number) => Number(value.toFixed(3))
  return { correlation: rounded(xy / Math.sqrt(xx * yy)), slope: rounded(products / squares) }
}

/** Trains a network of the zoo on 60,000 generated images alone; its accuracy on a test set. */
export function distil(id: string, { draw, gate }: ReplaySet, test: LabelledImages, backends: BackendFactory): number {
  const spec = NETWORKS.find((network) => network.id === id)
  if (!spec) throw new RangeError(`no network ${id}`)
  const recipe = { ...spec.recipe, seed: SEED, epochs: 10, shards: 1, augment: {} }
  const backend = backends.create(trainingMemory(spec.layers, recipe))
  const training = createTraining(backend, spec.layers, recipe, labelledImages(draw, 60_000), gate)
  while (!training.done) training.step()
  return training.finish(test).evaluation.accuracy
}
