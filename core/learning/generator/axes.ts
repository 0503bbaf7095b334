/** The axes along which images of digits differ most: principal components (Pearson 1901) of all images of a set. */

import { PIXELS } from '../../data/dataset.ts'
import type { LabelledImages } from '../../models/evaluation.ts'
import type { Random } from '../../random.ts'
import { eigen } from './eigen.ts'

const SPARE = 16 // more axes than asked for, so that the last ones converge sooner
const ITERATIONS = 60
const ROUNDING = 1e-18 // share of a squared length that is rounding error

export interface Axes {
  readonly mean: Float64Array // [784], levels 0..255
  readonly rows: Float64Array // [dimensions, 784], orthonormal, by descending variance
  readonly deviations: Float64Array // [dimensions], standard deviations of the images along each axis, levels
}

/** Mean and covariance of the pixels. The sums are of integers, so that the order of the images makes no difference. */
export function pixelStatistics({ images, count }: LabelledImages): { mean: Float64Array; covariance: Float64Array } {
  const sums = new Float64Array(PIXELS)
  const products = new Float64Array(PIXELS * PIXELS)
  const inked = new Int32Array(PIXELS)
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * PIXELS, (i + 1) * PIXELS)
    let n = 0
    for (let p = 0; p < PIXELS; p++) if (image[p] > 0) inked[n++] = p
    for (let a = 0; a < n; a++) {
      const p = inked[a]
      const ink = image[p]
      const row = p * PIXELS
      sums[p] += ink
      for (let b = 0; b <= a; b++) products[row + inked[b]] += ink * image[inked[b]]
    }
  }
  const mean = sums.map((sum) => sum / count)
  const covariance = new Float64Array(PIXELS * PIXELS)
  for (let p = 0; p < PIXELS; p++) {
    for (let q = 0; q <= p; q++) {
      const value = products[p * PIXELS + q] / count - mean[p] * mean[q]
      covariance[p * PIXELS + q] = value
      covariance[q * PIXELS + p] = value
    }
  }
  return { mean, covariance }
}

/**
 * The leading eigenvectors of the covariance, by orthogonal iteration from a random start (Rutishauser 1970).
 * @param tick called after each iteration with how many are done, of how many
 */
export async function principalAxes(
  { mean, covariance }: { mean: Float64Array; covariance: Float64Array },
  dimensions: number,
  random: Random,
  tick: (done: number, iterations: number) => Promise<void>,
): Promise<Axes> {
  const count = dimensions + SPARE
  let rows = Float64Array.from({ length: count * PIXELS }, () => random.uniform() - 0.5)
  orthonormalize(rows, count)
  for (let done = 1; done <= ITERATIONS; done++) {
    rows = multiply(rows, covariance, count)
    orthonormalize(rows, count)
    await tick(done, ITERATIONS)
  }
  // rotate the basis of the space found to the eigenvectors (Rayleigh and Ritz)
  const moved = multiply(rows, covariance, count)
  const small = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(rows, i * PIXELS, moved, j * PIXELS, PIXELS)
      small[i * count + j] = value
      small[j * count + i] = value
    }
  }
  const { values, vectors } = eigen(small, count)
  const turned = new Float64Array(dimensions * PIXELS)
  for (let d = 0; d < dimensions; d++) {
    for (let k = 0; k < count; k++) addScaled(turned, d * PIXELS, rows, k * PIXELS, vectors[d * count + k])
  }
  return { mean, rows: turned, deviations: values.slice(0, dimensions).map(Math.sqrt) }
}

/** Coordinates of images along the axes, relative to the mean: [count, dimensions], levels. */
export function project({ mean, rows, deviations }: Axes, { images, count }: LabelledImages): Float64Array {
  const dimensions = deviations.length
  const origin = Float64Array.from(deviations, (_, d) => dot(rows, d * PIXELS, mean, 0, PIXELS))
  const columns = new Float64Array(PIXELS * dimensions) // transposed, so that a pixel without ink is skipped once
  for (let d = 0; d < dimensions; d++) {
    for (let p = 0; p < PIXELS; p++) columns[p * dimensions + d] = rows[d * PIXELS + p]
  }
  const points = new Float64Array(count * dimensions)
  for (let i = 0; i < count; i++) {
    const point = points.subarray(i * dimensions, (i + 1) * dimensions)
    for (let d = 0; d < dimensions; d++) point[d] = -origin[d]
    for (let p = 0; p < PIXELS; p++) {
      const ink = images[i * PIXELS + p]
      if (ink === 0) continue
      const column = p * dimensions
      for (let d = 0; d < dimensions; d++) point[d] += ink * columns[column + d]
    }
  }
  return points
}

function multiply(rows: Float64Array, matrix: Float64Array, count: number): Float64Array<ArrayBuffer> {
  const product = new Float64Array(count * PIXELS)
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < PIXELS; p++) {
      const value = rows[i * PIXELS + p]
      if (value !== 0) addScaled(product, i * PIXELS, matrix, p * PIXELS, value)
    }
  }
  return product
}

// Gram-Schmidt, each row against those before it. A row that depends on them, but for rounding, becomes zero.
function orthonormalize(rows: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const row = i * PIXELS
    const before = dot(rows, row, rows, row, PIXELS)
    for (let j = 0; j < i; j++) addScaled(rows, row, rows, j * PIXELS, -dot(rows, row, rows, j * PIXELS, PIXELS))
    const squared = dot(rows, row, rows, row, PIXELS)
    const length = squared > before * ROUNDING ? Math.sqrt(squared) : Infinity
    for (let p = row; p < row + PIXELS; p++) rows[p] /= length
  }
}

function addScaled(y: Float64Array, yAt: number, x: Float64Array, xAt: number, factor: number): void {
  for (let p = 0; p < PIXELS; p++) y[yAt + p] += factor * x[xAt + p]
}

function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += a[aAt + i] * b[bAt + i]
  return sum
}
