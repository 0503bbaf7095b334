/** The images of a training run: for training, for validation and for tests. */

import { OTHER } from '../../core/data/dataset.ts'
import { splitValidation } from '../../core/training/split.ts'
import { type Digits, loadDigits } from '../dataset/digits.ts'
import { DataFileError } from '../dataset/errors.ts'
import type { OthersSet, TrainingData } from './run.ts'

const DRAWINGS = 'pendigits' // nobody wrote for both its training and its test part
const OTHERS = ['letters', 'characters', 'others'] // measured beside the digits where a model learns what is none

/**
 * Loads the training parts of some sets, the test part of the first, and the drawings if they are on this machine; and where there is
 * anything but digits among the training images, the test parts of the sets of such.
 * @param names sets below `dataDir`, or paths
 * @param held images to hold out for validation
 * @throws DataFileError, or Error when the test images would be among the training images
 */
export async function loadTrainingData(
  names: readonly string[],
  held: number,
  seed: number,
  dataDir: string,
  note: (line: string) => void,
): Promise<TrainingData> {
  const learned = await loadDigits(names, 'train', dataDir)
  const test = await loadDigits([names[0]], 'test', dataDir)
  const digests = new Set(learned.data.flatMap(({ files }) => Object.values(files)))
  for (const { name, files } of test.data) {
    if (Object.values(files).some((digest) => digests.has(digest))) {
      throw new Error(
        `${name} is one set: a folder with a training and a test set is due, to measure on what was not learned`,
      )
    }
  }
  const refused = learned.images.refused?.length
  if (refused) note(`${refused} of ${learned.images.count} training images hold no digit`)
  const drawings = await loadIfThere(DRAWINGS, dataDir)
  const others: OthersSet[] = []
  for (const name of learned.images.labels.includes(OTHER) ? OTHERS : []) {
    const loaded = await loadIfThere(name, dataDir)
    if (loaded) others.push({ images: loaded.images, source: loaded.data[0] })
  }
  return {
    ...splitValidation(learned.images, held, seed),
    test: test.images,
    sources: learned.data,
    testSource: test.data[0],
    ...(drawings ? { drawings: drawings.images, drawingsSource: drawings.data[0] } : {}),
    ...(others.length > 0 && { others }),
  }
}

async function loadIfThere(name: string, dataDir: string): Promise<Digits | undefined> {
  try {
    return await loadDigits([name], 'test', dataDir)
  } catch (error) {
    if (error instanceof DataFileError && error.code === 'not_found') return undefined
    throw error
  }
}
