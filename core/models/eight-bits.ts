/**
 * Weights in 8 bits: a matrix is stored as an integer of each weight and a scale of each output, its last axis, and each weight is
 * integer times scale, one f32 multiplication. That is the whole meaning of such a file: computing and learning are in f32.
 *
 * The scales written here have 17 significant bits. A product with an integer of 7 bits then needs no rounding, and rounding weights
 * that were rounded before changes nothing.
 */

import { SNAP } from '../kernels.ts'
import { WeightsError } from './errors.ts'
import { bytesOf, LARGEST_WEIGHT, type Tensor, type TensorPlace, type TensorSpec } from './tensor.ts'

/** Largest magnitude of an integer that is written. */
const MOST = 127

/** Weights of the smallest matrix that is rounded. Smaller ones, first and last layers mostly, save little and cost most. */
const WORTH_ROUNDING = 4096

/** Largest scale of a file. The least one is SNAP: kernels take smaller weights for 0. */
const LARGEST_SCALE = LARGEST_WEIGHT / 128

const PATTERN = new Int32Array(1)
const VALUE = new Float32Array(PATTERN.buffer)

/** Weights of one tensor in 8 bits. */
interface Packed {
  readonly integers: Int8Array
  readonly scales: Float32Array // one for each output
}

/** Whether a tensor may be stored in 8 bits: an f32 matrix of at least two rows, at a multiple of 4 in the bytes of its model. */
export function mayBePacked({ tensor, dtype, begin }: TensorPlace): boolean {
  return dtype === 'F32' && isMatrix(tensor) && begin % 4 === 0
}

/** The tensor of the scales of a tensor that is stored in 8 bits. */
export function scalesOf({ name, shape }: TensorSpec): TensorSpec {
  const outputs = shape[shape.length - 1]
  return { name: `${name}.scale`, shape: [outputs], length: outputs }
}

/** The tensor of its integers, which has its name. */
export function integersOf({ name, shape, length }: TensorSpec): TensorSpec {
  return { name, shape, length, dtype: 'I8' }
}

/** Rounds the weights of the larger matrices of one flat buffer, in place: to the nearest that 8 bits can hold. */
export function roundWeights(values: Float32Array, tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    const { offset, length, shape } = tensor
    if (!isMatrix(tensor) || length < WORTH_ROUNDING) continue
    const weights = values.subarray(offset, offset + length)
    const scales = fittingScales(weights, shape[shape.length - 1])
    for (let i = 0, o = 0; i < length; i++) {
      weights[i] = (Math.round(weights[i] / scales[o]) | 0) * scales[o] // | 0: no negative zero
      if (++o === scales.length) o = 0
    }
  }
}

/** A matrix in 8 bits; undefined where that would not give back every bit. */
export function packWeights({ shape }: TensorSpec, bytes: Uint8Array): Packed | undefined {
  const weights = new Float32Array(bytes.slice().buffer)
  const patterns = new Int32Array(weights.buffer)
  const scales = fittingScales(weights, shape[shape.length - 1])
  const integers = new Int8Array(weights.length)
  for (let i = 0, o = 0; i < weights.length; i++) {
    const integer = Math.round(weights[i] / scales[o]) | 0
    VALUE[0] = integer * scales[o]
    if (PATTERN[0] !== patterns[i]) return undefined
    integers[i] = integer
    if (++o === scales.length) o = 0
  }
  return { integers, scales }
}

/**
 * The bytes of the f32 weights of a matrix.
 * @throws WeightsError not_finite or out_of_range, naming tensor and scale
 */
export function unpackWeights({ name }: TensorSpec, integers: Int8Array, scales: Float32Array): Uint8Array {
  for (const [o, scale] of scales.entries()) {
    if (scale >= SNAP && scale <= LARGEST_SCALE) continue // false for NaN too
    const which = `weights: scale ${o} of ${name}`
    if (!Number.isFinite(scale)) throw new WeightsError('not_finite', `${which} is not finite`)
    throw new WeightsError('out_of_range', `${which} is not between ${SNAP} and ${LARGEST_SCALE}`)
  }
  const weights = new Float32Array(integers.length)
  const outputs = scales.length
  // as plain as can be: an old phone interprets most of it. The store rounds the product, which a double holds exactly.
  for (let i = 0, o = 0; i < weights.length; i++) {
    weights[i] = integers[i] * scales[o]
    if (++o === outputs) o = 0
  }
  return bytesOf(weights)
}

function isMatrix({ shape, length }: TensorSpec): boolean {
  return shape.length > 1 && length >= 2 * shape[shape.length - 1]
}

// For each output the scale with which its largest weight becomes 127; the least one for an output of zeros.
function fittingScales(weights: Float32Array, outputs: number): Float32Array {
  const scales = new Float32Array(outputs)
  for (let i = 0, o = 0; i < weights.length; i++) {
    const magnitude = Math.abs(weights[i])
    if (magnitude > scales[o]) scales[o] = magnitude
    if (++o === outputs) o = 0
  }
  for (let o = 0; o < outputs; o++) {
    VALUE[0] = scales[o] / MOST
    PATTERN[0] = (PATTERN[0] + 0x40) & ~0x7f // 24 - 7 significant bits
    scales[o] = Math.max(SNAP, VALUE[0])
  }
  return scales
}
