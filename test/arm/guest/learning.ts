/** Rounds of learning with generated images, whose results must be the same bytes in every backend on every machine. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAugmenter } from '../../../core/augment/augment.ts'
import type { BackendFactory, BackendName } from '../../../core/backend/backend.ts'
import { createRound } from '../../../core/learning/create-round.ts'
import { cutNetwork } from '../../../core/learning/network-cut.ts'
import { createPoolSelection, type PoolSize, poolSelectionMemory } from '../../../core/learning/pool-selection.ts'
import type { ReplaySet } from '../../../core/learning/replay-set.ts'
import { type Correction, NOT_A_DIGIT, type RoundResult } from '../../../core/learning/round.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import type { ModelFiles } from '../../../core/models/source.ts'
import { loadReplayGenerator } from '../../../server/learning/replay-generator.ts'
import { loadModel } from '../../../server/models/load.ts'
import { NETWORKS, networkFiles, trainNetwork } from '../../core/learning/networks.ts'
import { sha256 } from './images.ts'

/**
 * Sizes of a round, reduced for an emulator: fewer candidates, replayed images and images of the gate, but all steps. The emulated
 * server does a round of full size.
 */
interface Sizes extends PoolSize {
  readonly gate: number
  readonly corrections: number
}
const USUAL: Sizes = { candidates: 640, pool: 256, hard: 128, gate: 1000, corrections: 24 }
const LEAST: Sizes = { candidates: 256, pool: 128, hard: 64, gate: 300, corrections: 5 }

/** Shipped models that learn on every machine with its fastest backend, each with the model that gives second opinions. */
const SHIPPED: readonly (readonly [model: string, second: string, sizes: Sizes])[] = [
  ['softmax', 'mlp-5', USUAL],
  ['cnn-small', 'softmax', LEAST],
]

/** The small network that learns in TypeScript too: the fastest, and one with a layer of every type. */
const IN_TYPESCRIPT = 'convolutions'

const SIZE = 784 // bytes per image
const DRAWN = 200 // images that are compared one by one with those of other machines

/** Numbers of generated images, far from those that are replayed. */
const [GATE_FROM, CORRECTIONS_FROM, TRAINING_FROM] = [1_000_000, 2_000_000, 3_000_000]

export interface LearningResult {
  readonly verdict: RoundResult['verdict']
  readonly right: { readonly before: number; readonly after: number }
  readonly pool: string // SHA-256 of the numbers of the replayed images
  readonly state: string // SHA-256 of parameters and moments after the last step
  readonly gate: string // tries of the gate, as JSON
  readonly corrections: string // verdict on each correction
  readonly weights: string // SHA-256 of the candidate, or 'none'
}

/** A model that learns, and one that gives second opinions on labels. */
export interface Learner {
  readonly shipped: ModelFiles
  readonly second: ModelFiles
  readonly backends: readonly BackendName[] | 'fastest'
  readonly sizes: Sizes
}

/** Trains a small network of each kind and writes its weights into `folder`: the shipped weights for all machines. */
export function writeLearners(folder: string, weights: string, backends: BackendFactory): void {
  const replaySet = loadReplayGenerator(weights)
  const [training, validation] = [
    generated(replaySet, TRAINING_FROM, 6000),
    generated(replaySet, TRAINING_FROM + 6000, 200),
  ]
  mkdirSync(folder, { recursive: true })
  for (const [title, layers] of Object.entries(NETWORKS)) {
    writeFileSync(join(folder, `${title}.f32`), trainNetwork(backends, layers, training, validation).data)
  }
}

/** By title: the networks that `writeLearners` wrote, and shipped models from the folder `weights`. */
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

/** A replay set of generated images, with a small gate. */
export function armReplaySet(weights: string): ReplaySet {
  const { name, draw } = loadReplayGenerator(weights)
  return { name, draw, gate: generated({ draw }, GATE_FROM, USUAL.gate) }
}

/** Runs a whole round. */
export function learn(backends: BackendFactory, learner: Learner, images: ReplaySet): LearningResult {
  const { shipped, second, sizes } = learner
  const replaySet = { ...images, gate: { ...images.gate, count: sizes.gate } }
  const { card } = shipped
  if (card.type !== 'network') throw new Error(`${card.id} is no network`)
  const cut = cutNetwork(card.layers)
  const whole = new Float32Array(shipped.data.slice().buffer)
  const selection = createPoolSelection(backends.create(poolSelectionMemory(cut)), cut, whole, replaySet, sizes)
  while (selection.advance());
  const pool = selection.selected()
  const corrections = slantedCorrections(replaySet, sizes.corrections)
  const round = createRound(backends, {
    shipped,
    served: shipped,
    secondOpinions: [second],
    corrections,
    replaySet,
    seed: 3,
    cache: { pool },
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
    corrections: verdicts.join(),
    weights: candidate ? sha256(candidate.data) : 'none',
  }
}

/** Corrections from four client networks, one of them the owner's: slanted digits, one false label, one NOT_A_DIGIT. */
function slantedCorrections(replaySet: Pick<ReplaySet, 'draw'>, number: number): Correction[] {
  const slant = createAugmenter({ shift: 2, rotate: 25, scale: 0.2, shear: 0.5, elastic: 0, thickness: 0 })
  const { images, labels, count } = generated(replaySet, CORRECTIONS_FROM, number)
  return Array.from({ length: count }, (_, i) => {
    const input = new Uint8Array(SIZE)
    slant(input, images.subarray(i * SIZE, (i + 1) * SIZE), 5, 0, i)
    const label = i === 5 ? (labels[i] + 1) % 10 : i === 11 ? NOT_A_DIGIT : labels[i]
    return { input, label, clientNetwork: i % 4, fromOwner: i % 4 === 0 }
  })
}

function generated({ draw }: Pick<ReplaySet, 'draw'>, from: number, count: number): LabelledImages {
  const images = new Uint8Array(count * SIZE)
  const labels = Uint8Array.from({ length: count }, (_, i) => draw(images.subarray(i * SIZE, (i + 1) * SIZE), from + i))
  return { images, labels, count }
}
