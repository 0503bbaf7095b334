/** A state directory, a store and models that learn, for tests: a small untrained model, so that the gate accepts whatever it learns. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../../../core/random.ts'
import { MEBIBYTE, Recognizer } from '../../../core/recognizer.ts'
import { openStore, type Store } from '../../../server/corrections/store.ts'
import { type LearningOptions, openLearning } from '../../../server/learning/open.ts'
import type { ReplaySetChoice } from '../../../server/learning/replay-choice.ts'
import { writePrepared } from '../../../server/learning/replay-set.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import { RoundStore } from '../../../server/store/rounds.ts'
import { TYPESCRIPT } from '../http/application.ts'
import { testWeights } from '../models/test-model.ts'

const SIZE = 784
const GATE = 100

export function newFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `inkling-${name}-`))
}

/** A picture of that class: a bar in a row of its own, with noise. */
export function picture(label: number, number: number): Uint8Array {
  const random = new Random(number, label)
  const image = new Uint8Array(SIZE)
  for (let x = 4; x < 24; x++) {
    for (const y of [2 * label + 4, 2 * label + 5]) image[y * 28 + x] = 128 + random.below(128)
  }
  for (let k = 0; k < 20; k++) image[random.below(SIZE)] = random.below(256)
  return image
}

/** A file of such pictures in place of a prepared data set. */
export function preparedReplaySet(): ReplaySetChoice {
  const replayed = 400
  const images = new Uint8Array((replayed + GATE) * SIZE)
  for (let i = 0; i < replayed + GATE; i++) images.set(picture(i % 10, 1_000_000 + i), i * SIZE)
  const file = join(newFolder('replaySet'), 'images')
  writePrepared(file, { replayed, images, labels: Uint8Array.from({ length: replayed + GATE }, (_, i) => i % 10) })
  return { name: 'mnist', file, dataDir: '/nonexistent' }
}

/** Stores corrections of the model's answers to pictures of these classes, each from a network of its own; returns their ids. */
export function teach({ corrections }: Store, labels: readonly number[], first = 0, fromOwner = false): string[] {
  return labels.map((label, i) => {
    const input = picture(label, first + i)
    const address = `10.0.${(first + i) >> 8}.${(first + i) & 255}`
    const correction = { address, fromOwner, png: Uint8Array.of(1, 2, 3), input, label, answer: (label + 1) % 10 }
    return corrections.keep({ ...correction, model: 'softmax', version: 1, confidence: 0.5 }).response.id
  })
}

/** Opens learning in a state directory; `changes` replace options. */
export function openFixture(changes: Partial<LearningOptions> & { weights?: string } = {}) {
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const state = changes.state ?? newFolder('state')
  const store = openStore(state, {
    warn,
    leastFree: 0,
    quotas: false,
    learning: (confirmed) => learned.learning.models(confirmed),
    takenBack: (network) => learned.learning.takenBack(network),
  })
  const weights = changes.weights ?? testWeights()
  const zoo = new ModelFolder(weights, () => performance.now(), warn)
  const memory = 48 * MEBIBYTE
  const learned = openLearning({
    database: store.database,
    state,
    shipped: zoo,
    files: zoo,
    memory,
    dataDir: '/nonexistent',
    warn,
    collect: 0,
    ...changes,
  })
  const recognizer = new Recognizer(TYPESCRIPT, learned.models, { preferred: ['softmax'] })
  learned.serve(recognizer)
  const close = async () => {
    await learned.close()
    store.close()
  }
  const rounds = new RoundStore(store.database)
  return { ...learned, state, store, rounds, weights, zoo, recognizer, warnings, close }
}
