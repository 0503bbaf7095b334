/**
 * Where trusted images come from: MNIST's training images where that data set is on this machine and has been made ready,
 * else generated ones. Images are compared on those that no shipped model was trained on. Test images are never touched.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrustedImages } from '../../core/learning/trusted.ts'
import { PREPROCESS_VERSION, preprocess } from '../../core/preprocess.ts'
import { Random } from '../../core/random.ts'
import { splitValidation } from '../../core/training/split.ts'
import { loadDataset } from '../dataset/load.ts'
import { writeWhole } from '../durable.ts'
import { haveTraining } from '../references/references.ts'
import { loadReplay } from '../replay.ts'
import { sha256 } from '../sha256.ts'

const DATA = 'mnist'

/** Images that take turns in replay: preprocessing all 60,000 would keep an old phone busy for half an hour. */
const REPLAYED = 12_000

/**
 * Held-out images to compare models on. The shipped models were trained with 6,000 of 74,988, 5,600 of 67,494 or 5,000 of
 * 60,000 held out, by this seed: of each digit the first of one shuffle, so that fewer are among those of all of them.
 */
const [GATE, SEED] = [4780, 1]

const SIZE = 784 // bytes per image
const STREAM_REPLAYED = 7 // of core/random.ts

/** Which images, and where they are. */
export interface TrustedChoice {
  readonly name: 'mnist' | 'replay'
  readonly file: string // prepared images of the data set
  readonly dataDir: string
}

/** The data set where it is prepared, else generated images. */
export function chooseTrusted(folder: string, dataDir: string): TrustedChoice {
  const file = join(folder, `${DATA}-${PREPROCESS_VERSION}.images`)
  return { name: existsSync(file) && haveTraining([DATA], dataDir) ? 'mnist' : 'replay', file, dataDir }
}

/** Whether there is a data set here that is not prepared. */
export function canPrepare({ name, dataDir }: TrustedChoice): boolean {
  return name !== 'mnist' && haveTraining([DATA], dataDir)
}

/**
 * The images chosen.
 * @throws Error with a sentence when they cannot be had, WeightsError, errors of the file system
 */
export async function loadTrusted({ name, file }: TrustedChoice): Promise<TrustedImages> {
  if (name === 'replay') return loadReplay()
  const bytes = readFileSync(file)
  const body = bytes.subarray(65)
  const count = REPLAYED + gateCount(body.length)
  if (bytes.subarray(0, 65).toString('latin1') !== `${sha256(body)}\n` || body.length !== count * (SIZE + 1)) {
    throw new Error('the prepared images are damaged')
  }
  const images = new Uint8Array(body.subarray(0, count * SIZE))
  const labels = new Uint8Array(body.subarray(count * SIZE))
  return {
    name,
    draw(target, index) {
      const i = index % REPLAYED
      target.set(images.subarray(i * SIZE, (i + 1) * SIZE))
      return labels[i]
    },
    gate: { images: images.subarray(REPLAYED * SIZE), labels: labels.subarray(REPLAYED), count: count - REPLAYED },
  }
}

/**
 * Prepares the data set: some seconds, on an old phone minutes.
 * @param breathe awaited after every image; what it throws ends this
 */
export async function prepareTrusted({ file, dataDir }: TrustedChoice, breathe: () => Promise<void>): Promise<void> {
  const { dataset } = await loadDataset(DATA, 'train', dataDir, () => {})
  const { labels } = dataset
  // the split is one of positions: four bytes each stand for an image
  const positions = Uint32Array.from({ length: labels.length }, (_, i) => i)
  const held = Math.round((GATE * labels.length) / 60_000)
  const set = { images: new Uint8Array(positions.buffer), labels, count: labels.length }
  const { training, validation } = splitValidation(set, held, SEED)
  const at = (part: { readonly images: Uint8Array }) => new Uint32Array(part.images.slice().buffer)
  const order = at(training)
  new Random(SEED, STREAM_REPLAYED).shuffle(order)
  const chosen = [...order.subarray(0, REPLAYED), ...at(validation)]
  const body = new Uint8Array(chosen.length * (SIZE + 1))
  for (const [to, from] of chosen.entries()) {
    const data = dataset.images.subarray(from * SIZE, (from + 1) * SIZE)
    body.set(preprocess({ width: 28, height: 28, channels: 1, data }), to * SIZE)
    body[chosen.length * SIZE + to] = labels[from]
    await breathe()
  }
  writeWhole(file, Buffer.concat([Buffer.from(`${sha256(body)}\n`), body]))
}

function gateCount(bytes: number): number {
  return Math.max(0, Math.floor(bytes / (SIZE + 1)) - REPLAYED)
}
