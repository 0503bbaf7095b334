/**
 * Fine-tuning of a network on corrections: steps of Adam over minibatches of a few corrections, each changed a little every time,
 * among many replayed digits, for which the target is what the shipped network says of them: it shall learn the corrections and
 * otherwise stay what it is (learning without forgetting, Li and Hoiem 2017; replay, Robins 1995).
 */

import { createAugmenter } from '../augment/augment.ts'
import type { Backend } from '../backend/backend.ts'
import { CLASSES, PIXELS } from '../data/dataset.ts'
import { log1 } from '../kernels/polynomial.ts'
import { snap } from '../kernels/snap.ts'
import { endsInSigmoid } from '../models/layer.ts'
import { trainableCount } from '../models/layout.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import type { Augmentation } from '../models/recipe.ts'
import { DEFAULT_RECIPE } from '../models/recipe.ts'
import type { PassOptions } from '../models/stage.ts'
import { Random } from '../random.ts'
import { createOptimizer, optimizerMemory } from '../training/optimizer.ts'
import { type Cut, createTrunk, headParameters, trunkMemory } from './network-cut.ts'
import type { ReplaySet } from './replay-set.ts'
import type { CachedFeatures, Correction } from './round.ts'

/** Targets of a last sigmoid: what it can reach (Rashid 2016). */
const [LOW, HIGH] = [0.01, 0.99].map(Math.fround)

/** Nothing is dropped, and batch normalisation keeps its running statistics: a handful of corrections is no population. */
const PASS: PassOptions = {}

/** Corrections there must be for another one to have a place in every minibatch. */
const CORRECTIONS_PER_PLACE = 5

// Streams of core/random.ts.
const STREAM_MIX = 1 // + step: what a minibatch is made of
const STREAM_ORDER = 1_000_000 // + client network's pass over their corrections
const STREAM_CHANGE = 2_000_000 // + step: how corrections are changed

/** How a network is fine-tuned. */
export interface Tuning {
  readonly batch: number // images per step
  readonly corrections: number // of them corrections, at most
  readonly perClientNetwork: number // of those from one client network, at most
  readonly rate: number // of Adam
  readonly steps: number
  readonly weight: number // of a correction beside a replayed digit
  readonly augmentation: Augmentation
}

export interface FineTuning {
  readonly step: number // done
  /** Computes what is needed beforehand, piece by piece; false when all is there. */
  prepare(): boolean
  /** One minibatch. */
  advance(): { loss: number; accuracy: number }
  readonly head: Float32Array<ArrayBuffer> // parameters that learn: a view
  readonly moments: Float32Array<ArrayBuffer>
  restore(step: number, head: Float32Array, moments: Float32Array): void
}

/** Bytes of arena it takes. */
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
 * @param pool numbers of the replayed digits that take turns
 * @param known what another one found out about them; added where it is not there
 */
export function createFineTuning(
  backend: Backend,
  cut: Cut,
  whole: Float32Array,
  corrections: readonly Correction[],
  replaySet: ReplaySet,
  pool: Uint32Array,
  seed: number,
  tuning: Tuning,
  known: CachedFeatures = {},
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
  const [inputs, outputs] = [
    arena.f32(network.inputsAt, batch * features),
    arena.f32(network.outputsAt, batch * CLASSES),
  ]
  const outputGradients = arena.f32(network.outputGradientsAt, batch * CLASSES)
  const augment = createAugmenter(tuning.augmentation)
  const there = known.features !== undefined && known.targets !== undefined
  const kept = known.features ?? new Float32Array(pool.length * features) // of the replayed digits
  const wanted = known.targets ?? new Float32Array(pool.length * CLASSES) // what the shipped network says of them
  const images = new Uint8Array(batch * PIXELS)
  const clientNetworks = groupByClientNetwork(corrections)
  const sigmoid = endsInSigmoid(cut.head)
  let prepared = there ? pool.length : 0
  let step = 0

  // The gradient of cross-entropy after a softmax, and of half the squared error, is the answer minus what was wanted.
  function answer(n: number): void {
    network.forwardValues(n, PASS)
    if (!sigmoid) network.toProbabilities(n)
  }

  function prepare(): boolean {
    if (prepared === pool.length) return false
    const n = Math.min(batch, pool.length - prepared)
    for (let i = 0; i < n; i++) replaySet.draw(images.subarray(i * PIXELS, (i + 1) * PIXELS), pool[prepared + i])
    const values = trunk.features(images, n)
    kept.set(values, prepared * features)
    inputs.set(values)
    answer(n)
    wanted.set(outputs.subarray(0, n * CLASSES), prepared * CLASSES)
    prepared += n
    if (prepared === pool.length) {
      known.features = kept
      known.targets = wanted
    }
    return true
  }

  /** The corrections of a step: every client network in turn, none more often than is due to one. */
  function chosen(): number[] {
    // a single drawing in every place of theirs would be learned by heart
    const places = Math.ceil(corrections.length / CORRECTIONS_PER_PLACE)
    const count = Math.min(tuning.corrections, tuning.perClientNetwork * clientNetworks.length, places)
    const picked: number[] = []
    const order = Uint32Array.from({ length: clientNetworks.length }, (_, t) => t)
    new Random(seed, STREAM_MIX + step).shuffle(order)
    for (let i = 0; i < count; i++) {
      const own = clientNetworks[order[i % order.length]]
      const turn = step * tuning.perClientNetwork + Math.floor(i / order.length)
      const pass = Math.floor(turn / own.length)
      const sequence = Uint32Array.from(own)
      new Random(seed, STREAM_ORDER + pass).shuffle(sequence)
      picked.push(sequence[turn % own.length])
    }
    return picked
  }

  return {
    get step() {
      return step
    },
    prepare,
    head: network.parameters,
    moments: optimizer.moments,

    advance() {
      const picked = chosen()
      for (const [i, number] of picked.entries()) {
        augment(images.subarray(i * PIXELS, (i + 1) * PIXELS), corrections[number].input, seed, STREAM_CHANGE + step, i)
      }
      if (picked.length > 0) inputs.set(trunk.features(images, picked.length))
      const random = new Random(seed, STREAM_MIX + step)
      random.counter = 1_000_000 // past what the shuffle took
      const replayed: number[] = []
      for (let i = picked.length; i < batch; i++) {
        const number = random.below(pool.length)
        replayed.push(number)
        inputs.set(kept.subarray(number * features, (number + 1) * features), i * features)
      }
      gradients.fill(0)
      answer(batch)
      const total = batch - picked.length + picked.length * tuning.weight
      let [loss, correct] = [0, 0]
      for (let i = 0; i < batch; i++) {
        const correction = i < picked.length ? corrections[picked[i]] : undefined
        const scale = Math.fround((correction ? tuning.weight : 1) / total)
        let best = 0
        for (let c = 0; c < CLASSES; c++) {
          const p = outputs[i * CLASSES + c]
          if (p > outputs[i * CLASSES + best]) best = c
          const q = correction
            ? target(correction.label, c, sigmoid)
            : wanted[replayed[i - picked.length] * CLASSES + c]
          outputGradients[i * CLASSES + c] = snap(Math.fround(Math.fround(p - q) * scale))
        }
        if (correction) {
          if (correction.label < CLASSES) loss -= log1(Math.max(1e-7, outputs[i * CLASSES + correction.label]))
          if (best === correction.label) correct++
        }
      }
      network.backward(batch, PASS)
      optimizer.step(rate, ++step)
      return { loss: loss / Math.max(1, picked.length), accuracy: correct / Math.max(1, picked.length) }
    },

    restore(done, head, moments) {
      step = done
      network.parameters.set(head)
      optimizer.moments.set(moments)
    },
  }
}

function target(label: number, c: number, sigmoid: boolean): number {
  if (label >= CLASSES) return sigmoid ? LOW : Math.fround(1 / CLASSES)
  if (sigmoid) return c === label ? HIGH : LOW
  return c === label ? 1 : 0
}

function groupByClientNetwork(corrections: readonly Correction[]): number[][] {
  const groups = new Map<number, number[]>()
  for (const [i, { clientNetwork }] of corrections.entries())
    groups.set(clientNetwork, [...(groups.get(clientNetwork) ?? []), i])
  return [...groups.values()]
}
