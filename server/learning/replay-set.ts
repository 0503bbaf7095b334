/**
 * Where the replay set comes from: MNIST's training images where that data set is on this machine and has been prepared, else
 * generated images. The gate compares on images that no shipped model was trained on. Test images are never used.
 */

import { accessSync } from 'node:fs'
import { PIXELS } from '../../core/data/dataset.ts'
import { createReplayedOthers } from '../../core/learning/replay-others.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { preprocess } from '../../core/preprocess.ts'
import { Random } from '../../core/random.ts'
import { splitValidation } from '../../core/training/split.ts'
import { loadDataset } from '../dataset/load.ts'
import { readSealed, writeSealed } from '../files/sealed.ts'
import { DATA, type ReplaySetChoice } from './replay-choice.ts'
import { loadReplayGenerator } from './replay-generator.ts'

/** Images that are replayed in turn: preprocessing all 60,000 would keep an old phone busy for half an hour. */
const REPLAYED = 12_000

/**
 * Images of the gate, and the seed that selects them. The shipped models were trained with 6,000 of 74,988, 5,600 of 67,494
 * or 5,000 of 60,000 images held out by this seed: of each digit the first of one shuffle. A smaller selection is held out in all.
 */
const [GATE, SEED] = [4780, 1]

const SIZE = PIXELS // bytes per image
const PREPARED = `prepared images of ${DATA}`
const STREAM_REPLAYED = 7 // of core/random.ts

/**
 * Loads the images chosen.
 * @throws Error with a sentence when they cannot be loaded, WeightsError, errors of the file system
 */
export async function loadReplaySet({ name, file }: ReplaySetChoice): Promise<ReplaySet> {
  const others = createReplayedOthers()
  if (name === 'replay') return Object.assign(loadReplayGenerator(), { others })
  const { replayed, images, labels } = readPrepared(file)
  const count = labels.length
  return {
    name,
    others,
    draw(target, index) {
      const i = index % replayed
      target.set(images.subarray(i * SIZE, (i + 1) * SIZE))
      return labels[i]
    },
    gate: { images: images.subarray(replayed * SIZE), labels: labels.subarray(replayed), count: count - replayed },
  }
}

/**
 * Prepares the data set. This takes some seconds, on an old phone minutes.
 * @param pause awaited after every image; what it throws ends this
 */
export async function prepareReplaySet({ file, dataDir }: ReplaySetChoice, pause: () => Promise<void>): Promise<void> {
  const { dataset } = await loadDataset(DATA, 'train', dataDir, () => {})
  const { labels } = dataset
  // positions are split rather than images: four bytes each stand for an image
  const positions = Uint32Array.from({ length: labels.length }, (_, i) => i)
  const held = Math.round((GATE * labels.length) / 60_000)
  const set = { images: new Uint8Array(positions.buffer), labels, count: labels.length }
  const { training, validation } = splitValidation(set, held, SEED)
  const at = (part: { readonly images: Uint8Array }) => new Uint32Array(part.images.slice().buffer)
  const shuffled = at(training)
  new Random(SEED, STREAM_REPLAYED).shuffle(shuffled)
  const replayed = shuffled.subarray(0, REPLAYED)
  const chosen = [...replayed, ...at(validation)]
  const images = new Uint8Array(chosen.length * SIZE)
  for (const [to, from] of chosen.entries()) {
    const data = dataset.images.subarray(from * SIZE, (from + 1) * SIZE)
    images.set(preprocess({ width: 28, height: 28, channels: 1, data }), to * SIZE)
    await pause()
  }
  writePrepared(file, { replayed: replayed.length, images, labels: Uint8Array.from(chosen, (from) => labels[from]) })
}

/** Prepared images: first those that are replayed, then those of the gate. */
export interface Prepared {
  readonly replayed: number
  readonly images: Uint8Array
  readonly labels: Uint8Array
}

/** Writes a sealed file: how many are replayed (u32, little-endian), labels, images. */
export function writePrepared(file: string, { replayed, images, labels }: Prepared): void {
  const count = Buffer.alloc(4)
  count.writeUInt32LE(replayed)
  writeSealed(file, PREPARED, count, labels, images)
}

function readPrepared(file: string): Prepared {
  accessSync(file) // throws the file system's reason where there is no file
  const body = readSealed(file, PREPARED) ?? new Uint8Array(4)
  const count = (body.length - 4) / (SIZE + 1)
  const replayed = new DataView(body.buffer).getUint32(0, true)
  if (count % 1 !== 0 || replayed < 1 || replayed >= count) throw new Error('the prepared images are damaged')
  return { replayed, labels: body.subarray(4, 4 + count), images: body.subarray(4 + count) }
}
