/**
 * Fine-tuning of a network on corrections: steps of Adam over minibatches of a few augmented corrections among many replayed
 * digits. The targets of replayed digits are the shipped network's answers, so that the network learns the corrections and
 * otherwise stays as it is (learning without forgetting, Li and Hoiem 2017; replay, Robins 1995).
 */

import { createAugmenter } from '../augment/augment.ts'
import type { Backend } from '../backend/backend.ts'
import { CLASSES, PIXELS } from '../data/dataset.ts'
import { log1 } from '../kernels/polynomial.ts'
import { snap } from '../kernels/snap.ts'
import { LEAST_PROBABILITY } from '../models/evaluation.ts'
import { endsInSigmoid } from '../models/layer.ts'
import { trainableCount } from '../models/layout.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import type { Augmentation } from '../models/recipe.ts'
import { DEFAULT_RECIPE } from '../models/recipe.ts'
import type { PassOptions } from '../models/stage.ts'
import { Random } from '../random.ts'
import { createOptimizer, optimizerMemory } from '../training/optimizer.ts'
import { FINE_TUNING_STREAMS as STREAMS } from '../training/random-streams.ts'
import { SIGMOID_TARGETS } from '../training/shard.ts'
import { type Cut, createTrunk, headParameters, trunkMemory } from './network-cut.ts'
import type { ReplaySet } from './replay-set.ts'
import type { CachedFeatures, Correction } from './round.ts'

const [LOW, HIGH] = SIGMOID_TARGETS.map(Math.fround)

/** No dropout, and batch normalisation uses its running statistics: those of a few corrections would not be representative. */
const PASS: PassOptions = {}

const NO_IMAGES = new Uint8Array()

/** Counter of the stream from which replayed digits are drawn: beyond what the shuffle before it takes. */
const REPLAY_COUNTER = 1_000_000

/** How a network is fine-tuned. */
export interface Tuning {
  readonly batch: number // images per step
  readonly corrections: number // corrections per step, at most
  readonly perPlace: number // corrections in all per correction of a step: with more places, a single one would fill them and be memorised
  readonly perClientNetwork: number // corrections of one client network per step, at most
  readonly rate: number // learning rate of Adam
  readonly steps: number
  readonly weight: number // of a correction in the loss; a replayed digit has 1
  readonly augmentation: Augmentation
}

export interface FineTuning {
  readonly step: number // steps done
  /** Computes features and targets of the next replayed digits; false when all are there. */
  prepare(): boolean
  /** Does one step; returns mean loss (nats) and accuracy (0..1) of its corrections. */
  advance(): { loss: number; accuracy: number }
  readonly head: Float32Array<ArrayBuffer> // parameters that learn; a view
  readonly moments: Float32Array<ArrayBuffer> // of Adam; a view
  restore(step: number, head: Float32Array, moments: Float32Array): void
  /** Begins again from the shipped weights, with these corrections. */
  restart(corrections: readonly Correction[]): void
  /** Gives back the memory of the features, where no cache holds them. Nothing can be done afterwards. */
  free(): void
}

/** Bytes of arena that `createFineTuning` takes. */
export function fineTuningMemory(cut: Cut, tuning: Tuning): number {
  const recipe = { ...DEFAULT_RECIPE, optimizer: 'adam' } as const
  return (
    trunkMemory(cut, tuning.batch) +
    networkMemory(cut.head, tuning.batch, true) +
    optimizerMemory(cut.head, recipe) +
    4096
  )
}

/**
 * @param whole parameters of the shipped network
 * @param pool numbers of the digits that are replayed
 * @param cache features and targets of the pool, from an earlier round; added when missing
 */
export function createFineTuning(
  backend: Backend,
  cut: Cut,
  whole: Float32Array,
  taught: readonly Correction[],
  replaySet: Pick<ReplaySet, 'draw' | 'others'>,
  pool: Uint32Array,
  seed: number,
  tuning: Tuning,
  cache: CachedFeatures = {},
): FineTuning {
  const { arena } = backend
  const { batch, rate } = tuning
  const { features } = cut
  const trunk = createTrunk(backend, cut, whole, batch)
  const network = createNetwork(backend, cut.head, batch, true)
  const recipe = { ...DEFAULT_RECIPE, optimizer: 'adam' } as const
  network.parameters.set(headParameters(cut, whole))
  const optimizer = createOptimizer(
    backend,
    recipe,
    network.parametersAt,
    network.gradientsAt,
    trainableCount(cut.head),
  )
  const gradients = arena.f32(network.gradientsAt, network.parameters.length)
  const classes = network.outputs
  const [inputs, outputs] = [
    arena.f32(network.inputsAt, batch * features),
    arena.f32(network.outputsAt, batch * classes),
  ]
  const outputGradients = arena.f32(network.outputGradientsAt, batch * classes)
  const augment = createAugmenter(tuning.augmentation)
  const cached = cache.features !== undefined && cache.targets !== undefined
  // drawings that are no digits follow the pool, where the network knows what is none
  const others = classes > CLASSES ? (replaySet.others?.replayed ?? NO_IMAGES) : NO_IMAGES
  const replays = pool.length + others.length / PIXELS
  const poolFeatures = cache.features ?? new Float32Array(replays * features)
  const poolTargets = cache.targets ?? new Float32Array(replays * classes)
  const images = new Uint8Array(batch * PIXELS)
  let corrections = taught
  let clientNetworks = groupByClientNetwork(corrections)
  const sigmoid = endsInSigmoid(cut.head)
  let prepared = cached ? replays : 0
  let step = 0

  // Leaves probabilities in `outputs`. Their difference from the targets is the gradient of cross-entropy after a softmax, and
  // of half the squared error.
  function computeProbabilities(n: number): void {
    network.forwardValues(n, PASS)
    if (!sigmoid) network.toProbabilities(n)
  }

  function replay(target: Uint8Array, number: number): void {
    if (number < pool.length) replaySet.draw(target, pool[number])
    else target.set(others.subarray((number - pool.length) * PIXELS, (number - pool.length + 1) * PIXELS))
  }

  function prepare(): boolean {
    if (prepared === replays) return false
    const n = Math.min(batch, replays - prepared)
    for (let i = 0; i < n; i++) replay(images.subarray(i * PIXELS, (i + 1) * PIXELS), prepared + i)
    const values = trunk.features(images, n)
    poolFeatures.set(values, prepared * features)
    inputs.set(values)
    computeProbabilities(n)
    poolTargets.set(outputs.subarray(0, n * classes), prepared * classes)
    prepared += n
    if (prepared === replays) {
      cache.features = poolFeatures
      cache.targets = poolTargets
    }
    return true
  }

  // Numbers of the corrections of a step: client networks take turns, each at most `perClientNetwork` times.
  function selectCorrections(): number[] {
    const places = Math.ceil(corrections.length / tuning.perPlace)
    const count = Math.min(tuning.corrections, tuning.perClientNetwork * clientNetworks.length, places)
    const selected: number[] = []
    const order = Uint32Array.from({ length: clientNetworks.length }, (_, t) => t)
    new Random(seed, STREAMS.minibatch + step).shuffle(order)
    for (let i = 0; i < count; i++) {
      const members = clientNetworks[order[i % order.length]]
      const turn = step * tuning.perClientNetwork + Math.floor(i / order.length)
      const pass = Math.floor(turn / members.length)
      const sequence = Uint32Array.from(members)
      new Random(seed, STREAMS.order + pass).shuffle(sequence)
      selected.push(sequence[turn % members.length])
    }
    return selected
  }

  return {
    get step() {
      return step
    },
    prepare,
    head: network.parameters,
    moments: optimizer.moments,

    advance() {
      const selected = selectCorrections()
      for (const [i, number] of selected.entries()) {
        const image = images.subarray(i * PIXELS, (i + 1) * PIXELS)
        augment(image, corrections[number].input, seed, STREAMS.augment + step, i)
      }
      if (selected.length > 0) inputs.set(trunk.features(images, selected.length))
      const random = new Random(seed, STREAMS.minibatch + step)
      random.counter = REPLAY_COUNTER
      const replayed: number[] = []
      for (let i = selected.length; i < batch; i++) {
        const number = random.below(replays)
        replayed.push(number)
        inputs.set(poolFeatures.subarray(number * features, (number + 1) * features), i * features)
      }
      gradients.fill(0)
      computeProbabilities(batch)
      const total = batch - selected.length + selected.length * tuning.weight
      let [loss, correct] = [0, 0]
      for (let i = 0; i < batch; i++) {
        const correction = i < selected.length ? corrections[selected[i]] : undefined
        const scale = Math.fround((correction ? tuning.weight : 1) / total)
        let best = 0
        for (let c = 0; c < classes; c++) {
          const p = outputs[i * classes + c]
          if (p > outputs[i * classes + best]) best = c
          const q = correction
            ? target(correction.label, c, classes, sigmoid)
            : poolTargets[replayed[i - selected.length] * classes + c]
          outputGradients[i * classes + c] = snap(Math.fround(Math.fround(p - q) * scale))
        }
        if (correction) {
          if (correction.label < classes) {
            loss -= log1(Math.max(LEAST_PROBABILITY, outputs[i * classes + correction.label]))
          }
          if (best === correction.label) correct++
        }
      }
      network.backward(batch, PASS)
      optimizer.step(rate, ++step)
      return { loss: loss / Math.max(1, selected.length), accuracy: correct / Math.max(1, selected.length) }
    },

    restore(done, head, moments) {
      step = done
      network.parameters.set(head)
      optimizer.moments.set(moments)
    },

    restart(others) {
      corrections = others
      clientNetworks = groupByClientNetwork(corrections)
      this.restore(0, headParameters(cut, whole), new Float32Array(optimizer.moments.length))
    },

    // the garbage collector would wait until it has a reason to go through all there is
    free() {
      const memory = poolFeatures.buffer as ArrayBuffer & { transfer?(bytes: number): ArrayBuffer } // newer than the types are
      memory.transfer?.(0)
    },
  }
}

// The target of class c. A network without an output for it is to answer a drawing that is no digit with no class, or all alike.
function target(label: number, c: number, classes: number, sigmoid: boolean): number {
  if (label >= classes) return sigmoid ? LOW : Math.fround(1 / classes)
  if (sigmoid) return c === label ? HIGH : LOW
  return c === label ? 1 : 0
}

// Numbers of the corrections of each client network.
function groupByClientNetwork(corrections: readonly Correction[]): number[][] {
  const groups = new Map<number, number[]>()
  for (const [i, { clientNetwork }] of corrections.entries())
    groups.set(clientNetwork, [...(groups.get(clientNetwork) ?? []), i])
  return [...groups.values()]
}
