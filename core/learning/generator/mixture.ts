/**
 * One digit as a mixture of clouds: its images are clustered, and each cluster becomes a Gaussian of low rank, which is a centre
 * and the directions in which its members differ most.
 */

import type { Random } from '../../random.ts'
import { eigen } from './eigen.ts'

const PASSES = 15 // of Lloyd's algorithm

/** A cloud, in the units of the points it was made from. */
export interface Cloud {
  readonly members: number
  readonly centre: Float64Array // [dimensions]
  readonly directions: Float64Array // [directions, dimensions], each as long as the standard deviation along it
}

/**
 * Clusters by Lloyd's algorithm (1957) from random members, then fits a Gaussian to each cluster.
 * @param points [count, dimensions], points of one digit
 * @throws RangeError when there are fewer points than clouds
 */
export function mixture(
  points: Float64Array,
  dimensions: number,
  clouds: number,
  directions: number,
  random: Random,
): Cloud[] {
  const count = points.length / dimensions
  if (count < clouds) throw new RangeError(`there are ${count} images of a digit, ${clouds} clouds are due`)
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  random.shuffle(order)
  const centres = new Float64Array(clouds * dimensions)
  for (let k = 0; k < clouds; k++) {
    centres.set(points.subarray(order[k] * dimensions, (order[k] + 1) * dimensions), k * dimensions)
  }
  const cluster = new Uint32Array(count)
  for (let pass = 0; pass < PASSES; pass++) {
    assign(cluster, points, centres, dimensions)
    moveToMeans(centres, cluster, points, dimensions)
  }
  return Array.from({ length: clouds }, (_, k) => {
    const centre = centres.slice(k * dimensions, (k + 1) * dimensions)
    const members = order.filter((i) => cluster[i] === k).sort()
    return { members: members.length, centre, directions: leading(points, members, centre, directions) }
  })
}

function assign(cluster: Uint32Array, points: Float64Array, centres: Float64Array, dimensions: number): void {
  for (let i = 0; i < cluster.length; i++) {
    let least = Infinity
    for (let c = 0; c < centres.length; c += dimensions) {
      let distance = 0
      for (let d = 0; d < dimensions; d++) {
        const difference = points[i * dimensions + d] - centres[c + d]
        distance += difference * difference
      }
      if (distance >= least) continue
      least = distance
      cluster[i] = c / dimensions
    }
  }
}

// A centre without members stays where it is.
function moveToMeans(centres: Float64Array, cluster: Uint32Array, points: Float64Array, dimensions: number): void {
  const sums = new Float64Array(centres.length)
  const counts = new Uint32Array(centres.length / dimensions)
  for (const [i, k] of cluster.entries()) {
    counts[k]++
    for (let d = 0; d < dimensions; d++) sums[k * dimensions + d] += points[i * dimensions + d]
  }
  for (let j = 0; j < centres.length; j++) {
    const members = counts[Math.floor(j / dimensions)]
    if (members > 0) centres[j] = sums[j] / members
  }
}

// The first `count` eigenvectors of the covariance of the members, each as long as the standard deviation along it.
function leading(points: Float64Array, members: Uint32Array, centre: Float64Array, count: number): Float64Array {
  const n = centre.length
  const covariance = new Float64Array(n * n)
  const difference = new Float64Array(n)
  for (const i of members) {
    for (let d = 0; d < n; d++) difference[d] = points[i * n + d] - centre[d]
    for (let d = 0; d < n; d++) for (let e = 0; e <= d; e++) covariance[d * n + e] += difference[d] * difference[e]
  }
  for (let d = 0; d < n; d++) {
    for (let e = 0; e <= d; e++) {
      covariance[d * n + e] /= Math.max(1, members.length)
      covariance[e * n + d] = covariance[d * n + e]
    }
  }
  const { values, vectors } = eigen(covariance, n)
  const directions = new Float64Array(count * n)
  for (let r = 0; r < count; r++) {
    const length = Math.sqrt(Math.max(0, values[r]))
    for (let d = 0; d < n; d++) directions[r * n + d] = length * vectors[r * n + d]
  }
  return directions
}
