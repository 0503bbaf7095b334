/** Made-up digits for tests of learning: each class is a bar at its own height, with noise and gaps. */

import { PIXELS, SIDE } from '../../../core/data/dataset.ts'
import type { ReplaySet } from '../../../core/learning/replay-set.ts'
import type { Correction } from '../../../core/learning/round.ts'
import type { LabelledImages } from '../../../core/models/evaluation.ts'
import { Random } from '../../../core/random.ts'

/** @param shift px by which a writer draws bars lower than others */
export function drawBar(target: Uint8Array, label: number, index: number, shift = 0): void {
  target.fill(0)
  const random = new Random(11, index)
  for (let i = 0; i < 60; i++) {
    const [row, column] = [label * 2 + 4 + shift + random.below(2), random.below(SIDE)]
    target[row * SIDE + column] = 1 + random.below(255)
  }
}

export function bars(count: number, from = 0): LabelledImages {
  const images = new Uint8Array(count * PIXELS)
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
  for (let i = 0; i < count; i++) drawBar(images.subarray(i * PIXELS, (i + 1) * PIXELS), labels[i], from + i)
  return { images, labels, count }
}

// A round draws 16,000 images, which takes longer than learning, so that they are cached.
const drawn = new Map<number, Uint8Array>()

export const REPLAY_SET: ReplaySet = {
  name: 'bars',
  draw(target, index) {
    let image = drawn.get(index)
    if (!image) {
      image = new Uint8Array(PIXELS)
      drawBar(image, index % 10, index)
      drawn.set(index, image)
    }
    target.set(image)
    return index % 10
  },
  gate: bars(400, 1_000_000),
}

/** Bars of a writer who draws them one px lower than others, between two digits. */
export function corrections(count: number, clientNetwork = 1): Correction[] {
  return Array.from({ length: count }, (_, i) => {
    const input = new Uint8Array(PIXELS)
    drawBar(input, i % 9, 2_000_000 + i, 1)
    return { input, label: i % 9, clientNetwork, fromOwner: true }
  })
}
