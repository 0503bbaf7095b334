/** Labelled digits in memory: what every reader of data sets returns and training and evaluation take. */

export const SIDE = 28 // px, width and height of an image
export const PIXELS = SIDE * SIDE // bytes per image, row-major
export const CLASSES = 10 // labels 0..9
export const OTHER = CLASSES // the label of what is not a digit
export const OUTPUTS = CLASSES + 1 // of a model that answers OTHER too
export const MAX_IMAGES = 1_000_000 // above the largest public set of this kind (814,255); bounds memory at 784 MB

export interface Dataset {
  readonly images: Uint8Array // [count][28][28] bytes, upright, ink bright as in MNIST
  readonly labels: Uint8Array // [count], 0..9, or OTHER
  readonly count: number // 1..MAX_IMAGES
}

/** The number of images of each digit, [10]; those of OTHER are not counted. */
export function classCounts(labels: Uint8Array): number[] {
  const counts = new Array<number>(CLASSES).fill(0)
  for (const label of labels) if (label < CLASSES) counts[label] += 1
  return counts
}
