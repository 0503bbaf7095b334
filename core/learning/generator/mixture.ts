/**
 * One digit as a mixture of clouds: its images fall into clusters, and each cluster is a centre with the directions in which
 * its members differ most. Every cloud is a Gaussian of low rank.
 */

import type { Random } from '../../random.ts'
import { eigen } from './eigen.ts'

const PASSES = 15

/** A cloud of places, all in the units of the places it was made of. */
export interface Cloud {
  readonly members: number
  readonly centre: Float64Array // [dimensions]
  readonly directions: Float64Array // [directions, dimensions], each as long as one standard deviation along it
}

/**
 * Clusters by Lloyd's algorithm (1957) from centres chosen at random, then a Gaussian around each.
 * @param places [count, dimensions] of one digit
 */
export function mixture(
  places: Float64Array,
  dimensions: number,
  clouds: number,
  directions: number,
  random: Random,
): Cloud[] {
  const count = places.length / dimensions
  if (count < clouds) throw new RangeError(`there are ${count} images of a digit, ${clouds} clouds are due`)
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  random.shuffle(order)
  const centres = new Float64Array(clouds * dimensions)
  for (let k = 0; k < clouds; k++) {
    centres.set(places.subarray(order[k] * dimensions, (order[k] + 1) * dimensions), k * dimensions)
  }
  const owner = new Uint32Array(count)
  for (let pass = 0; pass < PASSES; pass++) {
    assign(owner, places, centres, dimensions)
    moveToMeans(centres, owner, places, dimensions)
  }
  return Array.from({ length: clouds }, (_, k) => {
    const centre = centres.slice(k * dimensions, (k + 1) * dimensions)
    const members = order.filter((i) => owner[i] === k).sort()
    return { members: members.length, centre, directions: leading(places, members, centre, directions) }
  })
}

function assign(owner: Uint32Array, places: Float64Array, centres: Float64Array, dimensions: number): void {
  for (let i = 0; i < owner.length; i++) {
    let least = Infinity
    for (let c = 0; c < centres.length; c += dimensions) {
      let distance = 0
      for (let d = 0; d < dimensions; d++) {
        const difference = places[i * dimensions + d] - centres[c + d]
        distance += difference * difference
      }
      if (distance >= least) continue
      least = distance
      owner[i] = c / dimensions
    }
  }
}

// A centre that is nearest to nothing stays.
function moveToMeans(centres: Float64Array, owner: Uint32Array, places: Float64Array, dimensions: number): void {
  const sums = new Float64Array(centres.length)
  const counts = new Uint32Array(centres.length / dimensions)
  for (const [i, k] of owner.entries()) {
    counts[k]++
    for (let d = 0; d < dimensions; d++) sums[k * dimensions + d] += places[i * dimensions + d]
  }
  for (let j = 0; j < centres.length; j++) {
    const members = counts[Math.floor(j / dimensions)]
    if (members > 0) centres[j] = sums[j] / members
  }
}

// Eigenvectors of the covariance of the members, as long as their standard deviations.
function leading(places: Float64Array, members: Uint32Array, centre: Float64Array, wanted: number): Float64Array {
  const n = centre.length
  const covariance = new Float64Array(n * n)
  const away = new Float64Array(n)
  for (const i of members) {
    for (let d = 0; d < n; d++) away[d] = places[i * n + d] - centre[d]
    for (let d = 0; d < n; d++) for (let e = 0; e <= d; e++) covariance[d * n + e] += away[d] * away[e]
  }
  for (let d = 0; d < n; d++) {
    for (let e = 0; e <= d; e++) {
      covariance[d * n + e] /= Math.max(1, members.length)
      covariance[e * n + d] = covariance[d * n + e]
    }
  }
  const { values, vectors } = eigen(covariance, n)
  const directions = new Float64Array(wanted * n)
  for (let r = 0; r < wanted; r++) {
    const length = Math.sqrt(Math.max(0, values[r]))
    for (let d = 0; d < n; d++) directions[r * n + d] = length * vectors[r * n + d]
  }
  return directions
}
