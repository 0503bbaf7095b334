/** A data set as a network wants it: every image through the one preprocessing. */

import type { Dataset } from '../core/data/dataset.ts'
import { InputError } from '../core/errors.ts'
import type { LabelledImages } from '../core/evaluation.ts'
import { preprocess } from '../core/preprocess.ts'

const SIZE = 784 // bytes per image

/** Preprocesses every image of a data set. `progress` hears the number done, every 1,000 images. */
export function preprocessDataset(dataset: Dataset, progress: (done: number) => void = () => {}): LabelledImages {
  const images = new Uint8Array(dataset.count * SIZE)
  const refused: number[] = []
  for (let i = 0; i < dataset.count; i++) {
    const data = dataset.images.subarray(i * SIZE, (i + 1) * SIZE)
    try {
      images.set(preprocess({ width: 28, height: 28, channels: 1, data }), i * SIZE)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      refused.push(i)
    }
    if ((i + 1) % 1000 === 0) progress(i + 1)
  }
  return { images, labels: dataset.labels, count: dataset.count, refused }
}
