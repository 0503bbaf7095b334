/** Training: minibatch steps over shuffled epochs, whose whole state is a handful of numbers and three flat buffers. */

import type { Backend } from './backend.ts'
import { type Evaluation, evaluate, type LabelledImages, lossBuffers, lossMemory, scoreBatch } from './evaluation.ts'
import type { LayerSpec, Recipe } from './models/card.ts'
import { createNetwork, initialize, type Network, networkMemory, parameterCount } from './models/network.ts'
import { Random } from './random.ts'

// Streams of core/random.ts, so that no two purposes share draws; split.ts has 1 and 2.
const STREAM_INITIAL = 0
const STREAM_SHUFFLE = 1000 // + epoch

/** What an epoch came to. */
export interface EpochReport {
  readonly epoch: number // from 1
  readonly trainingLoss: number // mean over the epoch's steps, nats
  readonly trainingAccuracy: number // 0..1, as the weights were at each step
  readonly validation: Evaluation
  readonly best: boolean
}

/** Everything a run needs to go on: a checkpoint is this, written down. */
export interface TrainingState {
  readonly epoch: number // epochs done
  readonly step: number // steps done in the epoch under way
  readonly lossSum: number // over the images of the epoch under way
  readonly correct: number
  readonly parameters: Float32Array
  readonly velocity: Float32Array
  readonly best: Float32Array // parameters of the best epoch so far
  readonly bestEpoch: number // from 1; 0 when there is none yet
  readonly bestLoss: number // its validation loss
}

export interface Training {
  readonly network: Network
  readonly stepsPerEpoch: number
  /** True when all epochs are done. */
  readonly done: boolean
  /** One minibatch; at the end of an epoch also the validation, whose report it returns. */
  step(): EpochReport | undefined
  /** Mean loss and accuracy of the epoch under way. */
  progress(): { epoch: number; step: number; loss: number; accuracy: number }
  state(): TrainingState
  restore(state: TrainingState): void
  /**
   * Puts the best epoch's parameters into the network and measures them.
   * @throws Error when no epoch ended with a finite validation loss
   */
  finish(set: LabelledImages): { parameters: Float32Array; bestEpoch: number; evaluation: Evaluation }
}

/** Bytes of memory a backend needs to train these layers. */
export function trainingMemory(layers: readonly LayerSpec[], batch: number): number {
  return networkMemory(layers, batch, true) + parameterCount(layers) * 4 + lossMemory(batch) + 4096
}

/** Sets up a run from a random, seeded start. Same recipe and sets, same bytes, in every backend. */
export function createTraining(
  backend: Backend,
  layers: readonly LayerSpec[],
  recipe: Recipe,
  training: LabelledImages,
  validation: LabelledImages,
): Training {
  const { kernels, arena } = backend
  const network = createNetwork(backend, layers, recipe.batch, true)
  const buffers = lossBuffers(backend, recipe.batch)
  const count = network.parameters.length
  const velocityAt = arena.allocate(count * 4)
  const velocity = arena.f32(velocityAt, count)
  const gradients = arena.f32(network.gradientsAt, count)
  const stepsPerEpoch = Math.ceil(training.count / recipe.batch)
  const best = new Float32Array(count)
  const order = new Uint32Array(training.count)
  const labels = new Uint8Array(recipe.batch)
  let [epoch, step, lossSum, correct, bestEpoch, bestLoss] = [0, 0, 0, 0, 0, Infinity]

  initialize(network, new Random(recipe.seed, STREAM_INITIAL))
  shuffle()

  function shuffle(): void {
    for (let i = 0; i < order.length; i++) order[i] = i
    new Random(recipe.seed, STREAM_SHUFFLE + epoch).shuffle(order)
  }

  function rate(): number {
    if (recipe.schedule === 'constant') return recipe.rate
    return recipe.rate * (1 - (epoch * stepsPerEpoch + step) / (recipe.epochs * stepsPerEpoch))
  }

  function minibatch(): void {
    const from = step * recipe.batch
    const n = Math.min(recipe.batch, training.count - from)
    for (let i = 0; i < n; i++) {
      const image = order[from + i]
      const at = image * network.inputs
      network.bytes.set(training.images.subarray(at, at + network.inputs), i * network.inputs)
      labels[i] = training.labels[image]
    }
    scoreBatch(backend, network, buffers, labels.subarray(0, n), (i, digit, loss) => {
      lossSum += loss
      if (digit === labels[i]) correct++
    })
    gradients.fill(0)
    kernels.softmaxCrossEntropyBackward(
      network.logitGradientsAt,
      network.logitsAt,
      buffers.labelsAt,
      1 / n,
      n,
      network.outputs,
    )
    network.backward(n)
    const { momentum, decay } = recipe
    kernels.sgd(network.parametersAt, velocityAt, network.gradientsAt, rate(), momentum, decay, count)
  }

  function closeEpoch(): EpochReport {
    const measured = evaluate(backend, network, buffers, validation)
    const isBest = measured.loss < bestLoss
    const trainingLoss = lossSum / training.count
    const trainingAccuracy = correct / training.count
    epoch++
    if (isBest) {
      best.set(network.parameters)
      bestEpoch = epoch
      bestLoss = measured.loss
    }
    step = 0
    lossSum = 0
    correct = 0
    shuffle()
    return { epoch, trainingLoss, trainingAccuracy, validation: measured, best: isBest }
  }

  return {
    network,
    stepsPerEpoch,

    get done() {
      return epoch >= recipe.epochs
    },

    step() {
      minibatch()
      step++
      return step === stepsPerEpoch ? closeEpoch() : undefined
    },

    progress() {
      const seen = Math.max(1, Math.min(step * recipe.batch, training.count))
      return { epoch: epoch + 1, step, loss: lossSum / seen, accuracy: correct / seen }
    },

    state() {
      const parameters = network.parameters.slice()
      return { epoch, step, lossSum, correct, parameters, velocity: velocity.slice(), best, bestEpoch, bestLoss }
    },

    restore(state) {
      network.parameters.set(state.parameters)
      velocity.set(state.velocity)
      best.set(state.best)
      ;({ epoch, step, lossSum, correct, bestEpoch, bestLoss } = state)
      shuffle()
    },

    finish(set) {
      if (bestEpoch === 0) throw new Error('no epoch ended with a finite loss: the learning rate is too high')
      network.parameters.set(best)
      return { parameters: best.slice(), bestEpoch, evaluation: evaluate(backend, network, buffers, set) }
    },
  }
}
