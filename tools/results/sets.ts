/** The images that results are measured on: test sets, preprocessed as in use. */

import { InputError } from '../../core/errors.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import { preprocess } from '../../core/preprocess.ts'
import { Random } from '../../core/random.ts'
import { loadDigits } from '../../server/dataset/digits.ts'
import { loadDataset } from '../../server/dataset/load.ts'
import { pasteOnCanvas } from '../../test/paste-on-canvas.ts'

export interface TestSets {
  readonly mnist: LabelledImages
  readonly canvases: LabelledImages // MNIST's test set pasted on 280x280 canvases
  readonly drawings: LabelledImages // pendigits-test
}

/** Loads and preprocesses all three; takes some seconds. */
export async function loadTestSets(dataDir: string): Promise<TestSets> {
  const { images: mnist } = await loadDigits(['mnist'], 'test', dataDir)
  const { images: drawings } = await loadDigits(['pendigits'], 'test', dataDir)
  return { mnist, canvases: await loadCanvases(dataDir), drawings }
}

// Images that preprocessing refuses are marked, and count as errors.
async function loadCanvases(dataDir: string): Promise<LabelledImages> {
  const { dataset } = await loadDataset('mnist', 'test', dataDir)
  const random = new Random(1, 7)
  const images = new Uint8Array(dataset.count * 784)
  const refused: number[] = []
  for (let i = 0; i < dataset.count; i++) {
    const canvas = pasteOnCanvas(dataset.images.subarray(i * 784, (i + 1) * 784), () => random.uniform())
    try {
      images.set(preprocess(canvas), i * 784)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      refused.push(i)
    }
  }
  return { images, labels: dataset.labels, count: dataset.count, refused }
}
