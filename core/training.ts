/** Training of a network: minibatch steps over shuffled epochs. The whole state is a few numbers and flat buffers. */

import type { Backend } from './backend/backend.ts'
import { CLASSES, OTHER } from './data/dataset.ts'
import { snap } from './kernels/snap.ts'
import { roundWeights } from './models/eight-bits.ts'
import {
  type Evaluation,
  evaluate,
  type LabelledImages,
  labelledClasses,
  lossBuffers,
  lossMemory,
  mostProbable,
} from './models/evaluation.ts'
import { endsInSigmoid, type LayerSpec, layerShapes } from './models/layer.ts'
import { initialize, parameterCount, parameterLayout, trainableCount } from './models/layout.ts'
import type { Network } from './models/network.ts'
import type { Recipe } from './models/recipe.ts'
import { size } from './models/shape.ts'
import { Random } from './random.ts'
import { createOptimizer, optimizerMemory } from './training/optimizer.ts'
import { fitOtherBias, withOtherBias } from './training/other-bias.ts'
import { NETWORK_STREAMS } from './training/random-streams.ts'
import { learningRate } from './training/schedule.ts'
import { createShard, groupSize, type PartReport, shardMemory } from './training/shard.ts'
import { atTemperature, fitTemperature, takesTemperature } from './training/temperature.ts'

/** Share by which running statistics move towards those of a minibatch. */
const STATISTICS_RATE = 0.1

/**
 * Share of the epochs after which the validation loss chooses which one is kept. Before that the rate is high, the loss goes up and down
 * by more than it falls, and the lowest would be luck: the latest one is kept. With `patience` each epoch has to be better.
 */
const UNSETTLED = 0.75

/** Share of a recipe's rate with which weights in 8 bits are tuned. */
const TUNING_RATE = 0.05

/** Results of an epoch. */
export interface EpochReport {
  readonly epoch: number // from 1
  readonly trainingLoss: number // mean over the epoch's images, in the units of the recipe's loss
  readonly trainingAccuracy: number // 0..1, with the weights of each step
  readonly validation: Evaluation
  readonly best: boolean // whether its parameters are kept, see UNSETTLED
}

/** Everything a run needs to resume: the content of a checkpoint. */
export interface TrainingState {
  readonly epoch: number // epochs done
  readonly step: number // steps done in the current epoch
  readonly lossSum: number // over the images of the current epoch
  readonly correct: number
  readonly parameters: Float32Array
  readonly moments: Float32Array // of the optimizer
  readonly best: Float32Array // parameters of the best epoch so far
  readonly bestEpoch: number // from 1; 0 when there is none yet
  readonly bestLoss: number // its validation loss
}

export interface Training {
  readonly network: Network
  readonly stepsPerEpoch: number
  /** True when all epochs are done, or validation has not improved for as many epochs as the recipe's `patience`. */
  readonly done: boolean
  /** Trains on one minibatch. At the end of an epoch, validates and returns the report. */
  step(): EpochReport | undefined
  /** Mean loss and accuracy of the current epoch. */
  progress(): { epoch: number; step: number; loss: number; accuracy: number }
  state(): TrainingState
  /**
   * Changes the last layer of the best epoch's parameters so that the answers to the digits of a set are as sure as they are right,
   * see `fitTemperature`, and few of them are taken for none, see `fitOtherBias`. Networks without an output for OTHER stay as they are.
   */
  calibrate(set: LabelledImages): Calibrated
  restore(state: TrainingState): void
  /**
   * Puts the best epoch's parameters into the network and evaluates them.
   * @throws Error when no epoch ended with a finite validation loss
   */
  finish(set: LabelledImages): { parameters: Float32Array; bestEpoch: number; evaluation: Evaluation }
}

/** What was changed after training. */
export interface Calibrated {
  readonly temperature?: number // by which the outputs were divided
  readonly otherBias?: number // that was added to the bias of OTHER
}

/** Shards on other threads, which compute the parts of each minibatch from number `first` on. */
export interface RemoteShards {
  readonly first: number
  /** Starts work on a minibatch. */
  start(parameters: Float32Array, epoch: number, step: number): void
  /** Waits for a part and copies its gradients into `gradients`. */
  collect(part: number, gradients: Float32Array): PartReport
}

/** Bytes of memory a backend needs to train these layers. */
export function trainingMemory(layers: readonly LayerSpec[], recipe: Recipe): number {
  const total = recipe.shards > 1 ? parameterCount(layers) * 4 : 0
  return (
    shardMemory(layers, recipe) + optimizerMemory(layers, recipe) + total + lossMemory(groupSize(layers, recipe)) + 4096
  )
}

/** The recipe of the epochs in which the weights of a run's best epoch are tuned for 8 bits. */
export function tuningRecipe(recipe: Recipe): Recipe {
  return { ...recipe, rate: recipe.rate * TUNING_RATE, warmup: 0, epochs: recipe.tune, patience: 0 }
}

/**
 * Sets up a run from seeded random weights. The same recipe and sets give the same bytes, on every backend and with any number of
 * remote shards.
 * @param whole parameters to tune for 8 bits, instead of random ones: each step computes with rounded weights, and its gradients change
 * the weights that they were rounded from (straight through; Bengio et al. 2013). The result is rounded. It is `whole`, rounded, where
 * no epoch has a lower validation loss
 * @throws RangeError when the recipe's loss does not suit the last layer, or it has no output for a label
 */
export function createTraining(
  backend: Backend,
  layers: readonly LayerSpec[],
  recipe: Recipe,
  training: LabelledImages,
  validation: LabelledImages,
  remote?: RemoteShards,
  whole?: Float32Array,
): Training {
  if (endsInSigmoid(layers) !== (recipe.loss === 'squared')) {
    throw new RangeError('a squared loss is for networks that end in a sigmoid, cross-entropy for those that do not')
  }
  const classes = Math.max(labelledClasses(training), labelledClasses(validation))
  const shapes = layerShapes(layers)
  const outputs = size(shapes[shapes.length - 1])
  if (classes > outputs) {
    throw new RangeError(
      `the sets have drawings that are no digits: ${classes} outputs are due, the layers have ${outputs}`,
    )
  }
  const { kernels, arena } = backend
  const { batch, shards, epochs, patience } = recipe
  const shard = createShard(backend, layers, recipe, training)
  const { network } = shard
  const buffers = lossBuffers(backend, groupSize(layers, recipe))
  const count = network.parameters.length
  const trainable = trainableCount(layers)
  const gradients = arena.f32(network.gradientsAt, count)
  const totalAt = shards > 1 ? arena.allocate(count * 4) : network.gradientsAt
  const total = arena.f32(totalAt, count)
  const optimizer = createOptimizer(backend, recipe, network.parametersAt, totalAt, trainable)
  const layout = parameterLayout(layers)
  const statistics = layout.filter(({ statistic }) => statistic)
  const stepsPerEpoch = Math.ceil(training.count / batch)
  const best = new Float32Array(count)
  const unsettled = whole ? -1 : patience > 0 ? 0 : Math.floor(epochs * UNSETTLED)
  const unrounded = new Float32Array(whole ? count : 0)
  let [epoch, step, lossSum, correct, bestEpoch, bestLoss] = [0, 0, 0, 0, 0, Infinity]

  if (whole) {
    best.set(whole)
    roundWeights(best, layout)
    network.parameters.set(best)
    bestLoss = evaluate(backend, network, buffers, validation).loss
    network.parameters.set(whole)
  } else initialize(network.parameters, layers, new Random(recipe.seed, NETWORK_STREAMS.initial))

  // Computes something with rounded weights, if it is for those that the run is.
  function withRounded<Result>(compute: () => Result): Result {
    if (!whole) return compute()
    unrounded.set(network.parameters)
    roundWeights(network.parameters, layout)
    const result = compute()
    network.parameters.set(unrounded)
    return result
  }

  function round(): void {
    if (whole) roundWeights(best, layout)
  }

  function gradientsOf(): void {
    remote?.start(network.parameters, epoch, step)
    const local = remote?.first ?? shards
    for (let part = 0; part < shards; part++) {
      const report = part < local || !remote ? shard.run(epoch, step, part) : remote.collect(part, gradients)
      lossSum += report.loss
      correct += report.correct
      if (shards === 1) break
      if (part === 0) total.set(gradients)
      else kernels.add(totalAt, network.gradientsAt, count)
    }
  }

  function minibatch(): void {
    withRounded(gradientsOf)
    const done = epoch * stepsPerEpoch + step
    optimizer.step(learningRate(recipe, done / (epochs * stepsPerEpoch)), done + 1)
    moveStatistics()
  }

  // Running statistics have the statistics of the minibatch in place of gradients.
  function moveStatistics(): void {
    for (const { offset, length } of statistics) {
      for (let i = offset; i < offset + length; i++) {
        const [running, now] = [network.parameters[i], total[i]]
        const moved = Math.fround(running + Math.fround(Math.fround(now - running) * Math.fround(STATISTICS_RATE)))
        network.parameters[i] = snap(moved)
      }
    }
  }

  function putBest(): void {
    if (bestEpoch === 0 && !whole) throw new Error('no epoch ended with a finite loss: the learning rate is too high')
    network.parameters.set(best)
  }

  // Of the best epoch, for the digits of a set: the outputs that are for digits, and by how much that of OTHER is above them.
  function digitOutputs({ images, labels, count }: LabelledImages) {
    putBest()
    const digits = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => labels[i] < CLASSES)
    const logits = new Float32Array(digits.length * CLASSES)
    const margins = new Float32Array(digits.length)
    for (let from = 0; from < digits.length; from += network.batch) {
      const members = digits.subarray(from, from + network.batch)
      for (const [at, i] of members.entries()) {
        network.bytes.set(images.subarray(i * network.inputs, (i + 1) * network.inputs), at * network.inputs)
      }
      network.forward(members.length)
      for (const at of members.keys()) {
        const row = arena.f32(network.outputsAt + at * outputs * 4, outputs)
        logits.set(row.subarray(0, CLASSES), (from + at) * CLASSES)
        margins[from + at] = row[OTHER] - row[mostProbable(row, 0, CLASSES)]
      }
    }
    return { logits, margins, labels: Uint8Array.from(digits, (i) => labels[i]) }
  }

  function closeEpoch(): EpochReport {
    const measured = withRounded(() => evaluate(backend, network, buffers, validation))
    const isBest = Number.isFinite(measured.loss) && (epoch <= unsettled || measured.loss < bestLoss)
    const trainingLoss = lossSum / training.count
    const trainingAccuracy = correct / training.count
    epoch++
    if (isBest) {
      best.set(network.parameters)
      round()
      bestEpoch = epoch
      bestLoss = measured.loss
    }
    step = 0
    lossSum = 0
    correct = 0
    return { epoch, trainingLoss, trainingAccuracy, validation: measured, best: isBest }
  }

  return {
    network,
    stepsPerEpoch,

    get done() {
      return epoch >= epochs || (patience > 0 && epoch - bestEpoch >= patience)
    },

    step() {
      minibatch()
      step++
      return step === stepsPerEpoch ? closeEpoch() : undefined
    },

    progress() {
      const images = Math.max(1, Math.min(step * batch, training.count))
      return { epoch: epoch + 1, step, loss: lossSum / images, accuracy: correct / images }
    },

    state() {
      const parameters = network.parameters.slice()
      const moments = optimizer.moments.slice()
      return { epoch, step, lossSum, correct, parameters, moments, best: best.slice(), bestEpoch, bestLoss }
    },

    restore(state) {
      network.parameters.set(state.parameters)
      optimizer.moments.set(state.moments)
      best.set(state.best)
      ;({ epoch, step, lossSum, correct, bestEpoch, bestLoss } = state)
    },

    calibrate(set) {
      if (!takesTemperature(layers)) return {}
      const { logits, labels } = digitOutputs(set)
      const before = evaluate(backend, network, buffers, set).calibration.error
      const fitted = fitTemperature(logits, labels)
      network.parameters.set(atTemperature(best, layers, fitted))
      const temperature = evaluate(backend, network, buffers, set).calibration.error < before ? fitted : undefined
      if (temperature !== undefined) best.set(network.parameters)
      round() // what was divided
      const otherBias = fitOtherBias(digitOutputs(set).margins)
      if (otherBias !== undefined) best.set(withOtherBias(best, layers, otherBias))
      return { ...(temperature && { temperature }), ...(otherBias && { otherBias }) }
    },

    finish(set) {
      putBest()
      return { parameters: best.slice(), bestEpoch, evaluation: evaluate(backend, network, buffers, set) }
    },
  }
}
