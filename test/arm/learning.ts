/** Rounds of learning with generated images that must come to the same bytes in every backend on every machine. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAugmenter } from '../../core/augment/augment.ts'
import type { BackendFactory, BackendName } from '../../core/backend/backend.ts'
import { createRound } from '../../core/learning/create-round.ts'
import { cutNetwork } from '../../core/learning/network-cut.ts'
import { createPoolSelection, type PoolSize, poolSelectionMemory } from '../../core/learning/pool-selection.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { type Correction, NOT_A_DIGIT, type RoundCache, type RoundResult } from '../../core/learning/round.ts'
import { createModel, modelMemory } from '../../core/models/create-model.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { loadReplayGenerator } from '../../server/learning/replay-generator.ts'
import { loadModel } from '../../server/models/load.ts'
import { NETWORKS, networkFiles, trainNetwork } from '../core/learning/networks.ts'
import type { Mistake } from './correction.ts'
import { sha256 } from './images.ts'

/**
 * How much a round looks at, sized for an emulator: a part of the images to choose from, to replay and to judge by. The steps
 * are all of them. A round of full size is what the emulated server does.
 */
interface Sizes extends PoolSize {
  readonly gate: number
  readonly lessons: number
}
const USUAL: Sizes = { candidates: 640, pool: 256, hard: 128, gate: 1000, lessons: 24 }
const LEAST: Sizes = { candidates: 256, pool: 128, hard: 64, gate: 300, lessons: 5 }

/** Shipped models that do a round on every machine by its fastest backend, each with what gives it a second opinion. */
const SHIPPED: readonly (readonly [model: string, second: string, sizes: Sizes])[] = [
  ['softmax', 'mlp-5', USUAL],
  ['cnn-small', 'softmax', LEAST],
]

/** The small network that learns in TypeScript too: the one that takes least, and has a layer of every kind. */
const IN_TYPESCRIPT = 'convolutions'

const SIZE = 784 // bytes per image
const DRAWN = 200 // images that are compared one by one with those of other machines

/** Numbers of generated images, far from those that are replayed. */
const [GATE_FROM, CORRECTIONS_FROM, TRAINING_FROM] = [1_000_000, 2_000_000, 3_000_000]

export interface LearningResult {
  readonly verdict: RoundResult['verdict']
  readonly right: { readonly before: number; readonly after: number }
  readonly pool: string // SHA-256 of the numbers of the images that are replayed
  readonly state: string // SHA-256 of what the steps came to, before the gate: parameters and moments
  readonly gate: string // its tries, as JSON
  readonly lessons: string // what became of each
  readonly weights: string // SHA-256 of the candidate, or 'none'
}

/** A model that learns, and one that is asked what it thinks of the labels. */
export interface Learner {
  readonly shipped: ModelFiles
  readonly second: ModelFiles
  readonly backends: readonly BackendName[] | 'fastest'
  readonly sizes: Sizes
}

/** Trains a small network of each kind and writes its weights into `folder`, for all machines to begin with. */
export function writeLearners(folder: string, weights: string, backends: BackendFactory): void {
  const trusted = loadReplayGenerator(weights)
  const [training, validation] = [
    generated(trusted, TRAINING_FROM, 6000),
    generated(trusted, TRAINING_FROM + 6000, 200),
  ]
  mkdirSync(folder, { recursive: true })
  for (const [title, layers] of Object.entries(NETWORKS)) {
    writeFileSync(join(folder, `${title}.f32`), trainNetwork(backends, layers, training, validation).data)
  }
}

/** By title: what `writeLearners` wrote, and shipped models from the folder `weights`. */
export function readLearners(folder: string, weights: string): Record<string, Learner> {
  const learners: Record<string, Learner> = {}
  const second = loadModel(join(weights, 'softmax'))
  for (const [title, layers] of Object.entries(NETWORKS)) {
    const data = new Uint8Array(readFileSync(join(folder, `${title}.f32`)))
    const backends: BackendName[] = title === IN_TYPESCRIPT ? ['ts', 'scalar', 'simd'] : ['scalar', 'simd']
    learners[`a network with ${title}`] = { shipped: networkFiles(layers, data), second, backends, sizes: USUAL }
  }
  for (const [model, other, sizes] of SHIPPED) {
    const [shipped, second] = [model, other].map((id) => loadModel(join(weights, id)))
    learners[model] = { shipped, second, backends: 'fastest', sizes }
  }
  return learners
}

/** By `generated image <n>`: SHA-256 of its 784 bytes and its label. */
export function generatorDigests(weights: string): Record<string, string> {
  const { images, labels } = generated(loadReplayGenerator(weights), 0, DRAWN)
  return Object.fromEntries(
    Array.from(labels, (label, i) => [
      `generated image ${i}`,
      `${label} ${sha256(images.subarray(i * SIZE, (i + 1) * SIZE))}`,
    ]),
  )
}

/** Generated images, and as many to judge by as a round may look at here. */
export function armReplaySet(weights: string): ReplaySet {
  const { name, draw } = loadReplayGenerator(weights)
  return { name, draw, gate: generated({ draw }, GATE_FROM, USUAL.gate) }
}

/** A round from its beginning to its end. */
export function learn(backends: BackendFactory, learner: Learner, images: ReplaySet): LearningResult {
  const { shipped, second, sizes } = learner
  const trusted = { ...images, gate: { ...images.gate, count: sizes.gate } }
  const { card } = shipped
  if (card.type !== 'network') throw new Error(`${card.id} is no network`)
  const cut = cutNetwork(card.layers)
  const whole = new Float32Array(shipped.data.slice().buffer)
  const choosing = createPoolSelection(backends.create(poolSelectionMemory(cut)), cut, whole, trusted, sizes)
  while (choosing.advance());
  const pool = choosing.selected()
  const kept: RoundCache = { pool }
  const lessons = taught(trusted, sizes.lessons)
  const round = createRound(backends, {
    shipped,
    served: shipped,
    secondOpinions: [second],
    corrections: lessons,
    replaySet: trusted,
    seed: 3,
    cache: kept,
  })
  let state = ''
  for (let step = round.advance(); step; step = round.advance()) {
    if (step.phase === 'training' && step.step === step.steps) state = sha256(round.state() ?? new Uint8Array())
  }
  const { verdict, right, tries, candidate, verdicts } = round.result()
  return {
    verdict,
    right,
    state,
    pool: sha256(new Uint8Array(pool.buffer)),
    gate: JSON.stringify(tries),
    lessons: verdicts.join(),
    weights: candidate ? sha256(candidate.data) : 'none',
  }
}

/** The first drawing that a shipped model takes for another digit, though it does not rule out the right one. */
export function firstMistake(backends: BackendFactory, weights: string, model: string): Mistake {
  const { card, data } = loadModel(join(weights, model))
  const network = createModel(backends.create(modelMemory(card)), card, data)
  const { images, labels, count } = generated(loadReplayGenerator(weights), CORRECTIONS_FROM, 1000)
  for (let i = 0; i < count; i++) {
    const pixels = images.subarray(i * SIZE, (i + 1) * SIZE)
    const probabilities = network.probabilities(pixels)
    const digit = probabilities.indexOf(Math.max(...probabilities))
    if (digit !== labels[i] && probabilities[labels[i]] > 0.3) return { pixels, label: labels[i] }
  }
  throw new Error(`${model} makes no mistake`)
}

/** Digits of four hands that lean far over, most of them strangers'; one lie, and one scribble. */
function taught(trusted: Pick<ReplaySet, 'draw'>, number: number): Correction[] {
  const lean = createAugmenter({ shift: 2, rotate: 25, scale: 0.2, shear: 0.5, elastic: 0, thickness: 0 })
  const { images, labels, count } = generated(trusted, CORRECTIONS_FROM, number)
  return Array.from({ length: count }, (_, i) => {
    const input = new Uint8Array(SIZE)
    lean(input, images.subarray(i * SIZE, (i + 1) * SIZE), 5, 0, i)
    const label = i === 5 ? (labels[i] + 1) % 10 : i === 11 ? NOT_A_DIGIT : labels[i]
    return { input, label, clientNetwork: i % 4, fromOwner: i % 4 === 0 }
  })
}

function generated({ draw }: Pick<ReplaySet, 'draw'>, from: number, count: number): LabelledImages {
  const images = new Uint8Array(count * SIZE)
  const labels = Uint8Array.from({ length: count }, (_, i) => draw(images.subarray(i * SIZE, (i + 1) * SIZE), from + i))
  return { images, labels, count }
}
