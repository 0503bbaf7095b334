/**
 * The orientation in which a data set stores its images, decided from images and labels alone. MNIST stores them upright, EMNIST
 * transposed (Cohen et al. 2017; its files were written from column-major arrays).
 */

import { type Dataset, PIXELS, SIDE } from './dataset.ts'
import { DIGIT_MEANS, MEAN_SIDE } from './digit-means.ts'

const BLOCK = SIDE / MEAN_SIDE // px
const BLOCKS = MEAN_SIDE * MEAN_SIDE
const SAMPLE = 2_000 // images examined, spread evenly; more do not improve the decision in practice
const LEAST_IMAGES = 100 // fewer images lead to wrong decisions too often
const LEAST_MARGIN = 5 // standard errors; 100 images of MNIST have 7.8 or more in 1,000 draws
const LEAST_LIKENESS = 0.4 // mean correlation; MNIST has 0.82, EMNIST 0.67, noise 0.01, dark ink on white below 0

/** The orientation found, and how certain it is. */
export interface Orientation {
  /** `unknown`: too few images, too small a margin, or images that look like digits in neither orientation. */
  readonly stored: 'upright' | 'transposed' | 'unknown'
  readonly likeness: number // -1..1, mean correlation with the class means in the best of the eight orientations
  readonly margin: number // standard errors by which the best orientation leads the next best
  readonly images: number // examined
}

const LAST = MEAN_SIDE - 1

// The eight orientations of a square: the place in the stored image of block (row, column) of the class mean.
const WAYS: readonly ((row: number, column: number) => number)[] = [
  (row, column) => row * MEAN_SIDE + column, // upright
  (row, column) => column * MEAN_SIDE + row, // transposed
  (row, column) => row * MEAN_SIDE + LAST - column,
  (row, column) => (LAST - row) * MEAN_SIDE + column,
  (row, column) => (LAST - row) * MEAN_SIDE + LAST - column,
  (row, column) => column * MEAN_SIDE + LAST - row,
  (row, column) => (LAST - column) * MEAN_SIDE + row,
  (row, column) => (LAST - column) * MEAN_SIDE + LAST - row,
]

/** Scales to mean 0 and length 1, in place, so that a dot product is a correlation. Zeros stay zeros. */
function normalise(values: Float64Array): Float64Array {
  let [sum, squares] = [0, 0]
  for (const value of values) sum += value
  const mean = sum / values.length
  for (let i = 0; i < values.length; i++) {
    values[i] -= mean
    squares += values[i] * values[i]
  }
  const length = Math.sqrt(squares)
  for (let i = 0; length > 0 && i < values.length; i++) values[i] /= length
  return values
}

/** Block sums of one image, normalised, into `out` [7][7]. */
function blocks(out: Float64Array, images: Uint8Array, image: number): Float64Array {
  out.fill(0)
  for (let row = 0; row < SIDE; row++) {
    const [from, to] = [image * PIXELS + row * SIDE, Math.floor(row / BLOCK) * MEAN_SIDE]
    for (let column = 0; column < SIDE; column++) out[to + Math.floor(column / BLOCK)] += images[from + column]
  }
  return normalise(out)
}

/** The class means in each orientation: [10][8][49]. */
function turnedMeans(): Float64Array[][] {
  return DIGIT_MEANS.map((digit) => {
    const mean = normalise(Float64Array.from(digit))
    return WAYS.map((way) => {
      const turned = new Float64Array(BLOCKS)
      for (let row = 0; row < MEAN_SIDE; row++)
        for (let column = 0; column < MEAN_SIDE; column++) turned[way(row, column)] = mean[row * MEAN_SIDE + column]
      return turned
    })
  })
}

function correlation(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < BLOCKS; i++) sum += a[i] * b[i]
  return sum
}

/** Mean of left[i] - right[i] in units of its standard error; 0 where there is no difference at all. */
function standardErrors(left: Float64Array, right: Float64Array): number {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < left.length; i++) sum += left[i] - right[i]
  if (sum === 0) return 0
  const mean = sum / left.length
  for (let i = 0; i < left.length; i++) squares += (left[i] - right[i] - mean) ** 2
  return mean / Math.sqrt(squares / (left.length - 1) / left.length)
}

/**
 * Correlates up to 2,000 images with the mean of their class in all eight orientations of a square. The best one must lead the
 * next by 5 standard errors (paired over the images), and be one of the two that data sets are known to use.
 */
export function findOrientation(dataset: Dataset): Orientation {
  const count = Math.min(dataset.count, SAMPLE)
  const means = turnedMeans()
  const scores = WAYS.map(() => new Float64Array(count))
  const image = new Float64Array(BLOCKS)
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * dataset.count) / count)
    blocks(image, dataset.images, from)
    const ofDigit = means[dataset.labels[from]]
    for (let way = 0; way < WAYS.length; way++) scores[way][i] = correlation(image, ofDigit[way])
  }
  const likeness = scores.map((values) => values.reduce((sum, value) => sum + value, 0) / count)
  const [best, next] = likeness.map((_, way) => way).sort((a, b) => likeness[b] - likeness[a])
  const margin = count < 2 ? 0 : standardErrors(scores[best], scores[next])
  const sure = count >= LEAST_IMAGES && margin >= LEAST_MARGIN && likeness[best] >= LEAST_LIKENESS
  const stored = sure && best === 0 ? 'upright' : sure && best === 1 ? 'transposed' : 'unknown'
  return { stored, likeness: likeness[best], margin, images: count }
}

/** Whether the images are stored transposed; undefined if that cannot be decided. */
export function isTransposed(dataset: Dataset): boolean | undefined {
  const { stored } = findOrientation(dataset)
  return stored === 'unknown' ? undefined : stored === 'transposed'
}

/**
 * Transposes every image in place.
 * @param images [count][28][28]
 */
export function transpose(images: Uint8Array): void {
  for (let base = 0; base < images.length; base += PIXELS) {
    for (let row = 1; row < SIDE; row++) {
      for (let column = 0; column < row; column++) {
        const [a, b] = [base + row * SIDE + column, base + column * SIDE + row]
        const value = images[a]
        images[a] = images[b]
        images[b] = value
      }
    }
  }
}
