/** Tensors of every type with values that are hard to represent, for the tests of file formats. */

import { bytesOf, joinTensors, type TensorArray, type TensorSpec } from '../../../core/models/tensor.ts'

/** A small model of all five types. */
export const MIXED: readonly TensorSpec[] = [
  { name: '0.weight', shape: [3, 3, 2, 5], length: 90 },
  { name: '0.bias', shape: [5], length: 5 },
  { name: 'references', shape: [3, 4], length: 12, dtype: 'U8' },
  { name: 'nodes', shape: [2, 3], length: 6, dtype: 'U16' },
  { name: 'links', shape: [7], length: 7, dtype: 'I32' },
  { name: 'values', shape: [4], length: 4, dtype: 'I16' },
]

// The ends of the range, the least normal and subnormal number, both zeros, neighbours of 1.
const HARD = [-0, 0, 1e6, -1e6, 1.1754944e-38, 1e-45, -1e-45, 1.0000001, 0.99999994, 0.1, 1 / 3, 16777217]

/** Values of `MIXED`, in its order. */
export const VALUES: readonly TensorArray[] = [
  Float32Array.from({ length: 90 }, (_, i) => (i < 11 ? HARD[i] : Math.sin(i * 7.7) / (i + 1))),
  Float32Array.of(-0, 0.5, -0.25, 1e-7, 3),
  Uint8Array.from({ length: 12 }, (_, i) => (i * 23) % 256).fill(255, 11),
  Uint16Array.of(0, 1, 255, 256, 32_768, 65_535),
  Int32Array.of(0, 1, -1, 16_777_216, -16_777_216, 65_536, -65_537),
  Int16Array.of(0, -1, 32_767, -32_768),
]

/** Their bytes, one after another. */
export const DATA = joinTensors(VALUES)

/** Whether two arrays hold the same bits: -0 is not 0. */
export function sameBits(a: TensorArray, b: TensorArray): boolean {
  return Buffer.from(bytesOf(a)).equals(bytesOf(b))
}
