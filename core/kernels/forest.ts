/** Twin of assembly/forest.ts: the search for a node's best split while a tree grows, and the trees' votes. */

import type { Kernels } from '../kernels.ts'

const BINS = 16 // levels a feature is cut into while a tree grows: the high four bits of its byte
const LANES = 16 // classes a row of the histogram has room for; the labels in `samples` stay below
const LABELS = 12
const LEAF = 0x8000 // set in a reference to a leaf

export function forestKernels(memory: ArrayBuffer): Pick<Kernels, 'splitSearch' | 'forestVotes'> {
  const bytes = new Uint8Array(memory)
  const words = new Uint16Array(memory)
  const integers = new Int32Array(memory)

  function rowSum(row: number): number {
    let sum = 0
    for (let c = 0; c < LABELS; c++) sum += integers[row + c]
    return sum
  }

  // The sum of the squares of what is left of the threshold or, if `total` is given, of the rest.
  function squares(left: number, total?: number): number {
    let sum = 0
    for (let c = 0; c < LABELS; c++) {
      const value = total === undefined ? integers[left + c] : integers[total + c] - integers[left + c]
      sum += value * value
    }
    return sum
  }

  return {
    splitSearch(best, histogram, columns, candidates, samples, L, K, n) {
      const rows = histogram >> 2
      const total = rows + BINS * LANES
      const left = total + LANES
      const [from, end] = [samples >> 2, (samples >> 2) + n]
      integers.fill(0, total, total + LANES)
      for (let at = from; at < end; at++) integers[total + (integers[at] & 15)]++

      let [bestScore, position, threshold] = [-1, -1, 0]
      for (let k = 0; k < K; k++) {
        const column = columns + integers[(candidates >> 2) + k] * L
        integers.fill(0, rows, total)
        integers.fill(0, left, left + LANES)
        for (let at = from; at < end; at++) {
          const sample = integers[at]
          integers[rows + (bytes[column + (sample >>> 4)] | (sample & 15))]++
        }
        let [leftCount, previous] = [0, 0]
        for (let bin = 0; bin < BINS; bin++) {
          const row = rows + bin * LANES
          const count = rowSum(row)
          if (count === 0) continue
          if (leftCount > 0) {
            const score = squares(left) / leftCount + squares(left, total) / (n - leftCount)
            if (score > bestScore) {
              bestScore = score
              position = k
              threshold = (((previous + bin - 1) >> 1) << 4) | 15
            }
          }
          for (let c = 0; c < LABELS; c++) integers[left + c] += integers[row + c]
          leftCount += count
          previous = bin
        }
      }
      integers[best >> 2] = position
      integers[(best >> 2) + 1] = threshold
    },

    forestVotes(votes, f, splits, roots, leaves, N, F, T, C) {
      integers.fill(0, votes >> 2, (votes >> 2) + N * C)
      for (let t = 0; t < T; t++) {
        const root = (splits >> 1) + integers[(roots >> 2) + t] * 3
        for (let n = 0; n < N; n++) {
          let reference = 0
          do {
            const split = root + reference * 3
            const test = words[split]
            reference = words[split + (bytes[f + n * F + (test >> 8)] > (test & 255) ? 2 : 1)]
          } while (reference < LEAF)
          const leaf = leaves + (reference - LEAF) * C
          const to = (votes >> 2) + n * C
          for (let c = 0; c < C; c++) integers[to + c] += bytes[leaf + c]
        }
      }
    },
  }
}
