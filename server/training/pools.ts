/**
 * Chooses which generated images are replayed for each shipped network, and which digits guard the borders of each model that learns,
 * and writes the choices beside its weights: without the first, the first round of a fresh install takes about ten times as long, and
 * without the second nobody looks at borders. Part of `inkling train replay`.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { BackendFactory } from '../../core/backend/backend.ts'
import { openModel } from '../../core/learning/believed-corrections.ts'
import { chooseBorder, createBorderSource, packBorder } from '../../core/learning/border.ts'
import { cutNetwork } from '../../core/learning/network-cut.ts'
import { POOL } from '../../core/learning/network-round.ts'
import { createPoolSelection, poolSelectionMemory } from '../../core/learning/pool-selection.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { canLearn } from '../../core/learning/round.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { readSealed, writeSealed } from '../files/sealed.ts'
import { poolIdentity, replaySetDigest, SHIPPED_POOL } from '../learning/round-caches.ts'
import { borderIdentity, SHIPPED_BORDER } from '../learning/shipped-border.ts'
import { loadModels } from '../models/load.ts'

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
  const choice = chooseBorder(openModel(backends, files), createBorderSource(images))
  writeSealed(path, identity, packBorder(choice))
  note(`${id}: ${choice.numbers.length} digits at borders`)
  await setImmediate()
}
