/**
 * Chooses which generated images are replayed for each shipped network, and which digits guard the borders of each model that learns,
 * and writes the choices beside its weights: without the first, the first round of a fresh install takes about ten times as long, and
 * without the second nobody looks at borders. Part of `inkling train replay`.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { BackendFactory } from '../../core/backend/backend.ts'
import { PIXELS } from '../../core/data/dataset.ts'
import { openModel } from '../../core/learning/believed-corrections.ts'
import {
  type BorderCandidate,
  type BorderSource,
  chooseBorder,
  createBorderSource,
  findBorder,
  packBorder,
} from '../../core/learning/border.ts'
import { createFineTuning, fineTuningMemory } from '../../core/learning/fine-tuning.ts'
import { cutNetwork, withHead } from '../../core/learning/network-cut.ts'
import { POOL, TUNING } from '../../core/learning/network-round.ts'
import { createPoolSelection, poolSelectionMemory } from '../../core/learning/pool-selection.ts'
import { createReplayedOthers } from '../../core/learning/replay-others.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { canLearn } from '../../core/learning/round.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { judge } from '../../core/models/verdict.ts'
import { readSealed, writeSealed } from '../files/sealed.ts'
import { poolIdentity, replaySetDigest, SHIPPED_POOL } from '../learning/round-caches.ts'
import { borderIdentity, SHIPPED_BORDER } from '../learning/shipped-border.ts'
import { loadModels } from '../models/load.ts'

/** Fine-tunings without corrections, each with another seed. */
const DRIFTS = 4

/** Numbers of the images chosen for a network. A round without such a file makes the same choice. */
export function choosePool(
  backends: BackendFactory,
  { layers }: Pick<NetworkCard, 'layers'>,
  data: Uint8Array,
  images: ReplaySet,
): Uint32Array {
  const cut = cutNetwork(layers)
  const whole = new Float32Array(data.slice().buffer)
  const choosing = createPoolSelection(backends.create(poolSelectionMemory(cut)), cut, whole, images, POOL)
  while (choosing.advance());
  return choosing.selected()
}

/**
 * Writes the choices that are missing or belong to other weights or images.
 * @param folder of the shipped models
 */
export async function writePools(
  folder: string,
  images: ReplaySet,
  backends: BackendFactory,
  note: (line: string) => void,
): Promise<void> {
  const digest = replaySetDigest(images)
  for (const { card, data } of loadModels(folder, note)) {
    if (canLearn({ card })) await writeBorder(folder, { card, data }, images, backends, note)
    if (card.type !== 'network') continue
    const path = join(folder, card.id, SHIPPED_POOL)
    const identity = poolIdentity(card.weights.sha256, digest)
    if (existsSync(path) && readSealed(path, identity)) continue
    const pool = choosePool(backends, card, data, images)
    writeSealed(path, identity, new Uint8Array(pool.buffer, pool.byteOffset, pool.byteLength))
    note(`${card.id}: ${pool.length} images to replay`)
    await setImmediate()
  }
}

// The digits at the borders of a model, which the first round of a phone could not choose in an hour.
async function writeBorder(
  folder: string,
  files: ModelFiles,
  images: ReplaySet,
  backends: BackendFactory,
  note: (line: string) => void,
): Promise<void> {
  const { id, weights } = files.card
  const path = join(folder, id, SHIPPED_BORDER)
  const identity = borderIdentity(weights.sha256)
  if (existsSync(path) && readSealed(path, identity)) return
  const source = createBorderSource(images)
  const found = findBorder(openModel(backends, files), source)
  const choice = chooseBorder(withoutDrifting(files, found, source, images, backends))
  writeSealed(path, identity, packBorder(choice))
  note(`${id}: ${choice.numbers.length} digits at borders`)
  await setImmediate()
}

/** Leaves out those that turn in fine-tuning without any correction: what turns them says nothing of what was taught. */
function withoutDrifting(
  { card, data }: ModelFiles,
  found: readonly BorderCandidate[],
  source: BorderSource,
  images: ReplaySet,
  backends: BackendFactory,
): BorderCandidate[] {
  if (card.type !== 'network') return [...found]
  const cut = cutNetwork(card.layers)
  const whole = new Float32Array(data.slice().buffer)
  const pool = choosePool(backends, card, data, images)
  const replaySet = { ...images, gate: images.gate, others: createReplayedOthers() }
  const cache = {}
  const image = new Uint8Array(PIXELS)
  let left = [...found]
  for (let seed = 1; seed <= DRIFTS; seed++) {
    const backend = backends.create(fineTuningMemory(cut, TUNING))
    const tuning = createFineTuning(backend, cut, whole, [], replaySet, pool, seed, TUNING, cache)
    while (tuning.prepare());
    while (tuning.step < TUNING.steps) tuning.advance()
    const model = openModel(backends, { card, data: new Uint8Array(withHead(cut, whole, tuning.head).buffer) })
    left = left.filter(({ number, label }) => {
      source.draw(image, number)
      return judge(model.scores(image)).digit === label
    })
  }
  return left
}
