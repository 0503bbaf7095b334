/**
 * The tensors of a model: name, type and shape of each, and its position in the model's bytes. Bytes are little-endian everywhere,
 * as are WebAssembly's memory and every machine this runs on.
 */

import { WeightsError } from './errors.ts'

/** Type of a value: IEEE 754 single precision, or an unsigned or two's complement integer. */
export type Dtype = 'F32' | 'U8' | 'I8' | 'U16' | 'I16' | 'I32'

/** Bytes of one value. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = { F32: 4, U8: 1, I8: 1, U16: 2, I16: 2, I32: 4 }

/** Least and largest value of the integer types. */
export const INTEGER_RANGE: Readonly<Record<Exclude<Dtype, 'F32'>, readonly [number, number]>> = {
  U8: [0, 255],
  I8: [-128, 127],
  U16: [0, 65_535],
  I16: [-32_768, 32_767],
  I32: [-2_147_483_648, 2_147_483_647],
}

const ARRAYS = {
  F32: Float32Array,
  U8: Uint8Array,
  I8: Int8Array,
  U16: Uint16Array,
  I16: Int16Array,
  I32: Int32Array,
} as const

/** The values of one tensor. */
export type TensorArray = Float32Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array

/** The description of a tensor in a file. */
export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[] // row-major
  readonly length: number // in values
  readonly dtype?: Dtype // F32 if absent
}

/** A named slice of a flat buffer whose values are all of one type. */
export interface Tensor extends TensorSpec {
  readonly offset: number // in values, from the start of the buffer
}

/** A tensor's position in the bytes of its model. */
export interface TensorPlace {
  readonly tensor: TensorSpec
  readonly dtype: Dtype
  readonly begin: number // bytes
  readonly end: number // bytes
}

/** Largest magnitude of a trained weight; larger ones mean that a file is broken. */
export const LARGEST_WEIGHT = 1e6

/** Positions of tensors that follow one another without gaps, in the order given. */
export function tensorPlaces(tensors: readonly TensorSpec[]): TensorPlace[] {
  let end = 0
  return tensors.map((tensor) => {
    const dtype = tensor.dtype ?? 'F32'
    const begin = end
    end += tensor.length * DTYPE_BYTES[dtype]
    return { tensor, dtype, begin, end }
  })
}

/** Bytes of all these tensors. */
export function tensorBytes(tensors: readonly TensorSpec[]): number {
  return tensorPlaces(tensors).at(-1)?.end ?? 0
}

/** An array for the values of a tensor, all zero. */
export function newTensorArray({ dtype = 'F32', length }: TensorSpec): TensorArray {
  return new ARRAYS[dtype](length)
}

/** The type of these values. */
export function dtypeOf(values: TensorArray): Dtype {
  if (values instanceof Float32Array) return 'F32'
  if (values instanceof Int32Array) return 'I32'
  if (values instanceof Int16Array) return 'I16'
  if (values instanceof Int8Array) return 'I8'
  return values instanceof Uint16Array ? 'U16' : 'U8'
}

/** A copy of one tensor's values from the bytes of its model. */
export function tensorValues(data: Uint8Array, { tensor, begin, end }: TensorPlace): TensorArray {
  const values = newTensorArray(tensor)
  bytesOf(values).set(data.subarray(begin, end))
  return values
}

/** The bytes of a model from the values of its tensors, in their order. */
export function joinTensors(tensors: readonly TensorArray[]): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(tensors.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const values of tensors) {
    data.set(bytesOf(values), at)
    at += values.byteLength
  }
  return data
}

/** The bytes of an array; a view. */
export function bytesOf(values: TensorArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/**
 * Checks every f32 of a model. All values of integer types are valid.
 * @throws WeightsError not_finite or out_of_range, naming tensor and value
 */
export function checkValues(data: Uint8Array, tensors: readonly TensorSpec[]): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  for (const { tensor, dtype, begin, end } of tensorPlaces(tensors)) {
    if (dtype !== 'F32' || areWeights(data, begin, end)) continue
    for (let at = begin; at < end; at += 4) {
      const value = view.getFloat32(at, true)
      if (Math.abs(value) <= LARGEST_WEIGHT) continue // false for NaN too
      const which = `weights: value ${(at - begin) / 4} of ${tensor.name}`
      if (!Number.isFinite(value)) throw new WeightsError('not_finite', `${which} is not finite`)
      throw new WeightsError('out_of_range', `${which} exceeds ${LARGEST_WEIGHT} in magnitude`)
    }
  }
}

// A loop as plain as can be: an old phone interprets most of it, over a quarter of a million values of the default model.
function areWeights(data: Uint8Array, begin: number, end: number): boolean {
  if ((data.byteOffset + begin) % 4 !== 0) return false
  const values = new Float32Array(data.buffer, data.byteOffset + begin, (end - begin) / 4)
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]) <= LARGEST_WEIGHT)) return false
  }
  return true
}

/**
 * Refuses a model with a weight matrix of zeros: it gives every picture the same answer, so it is not trained.
 * @throws WeightsError failed_selftest, naming the tensor
 */
export function checkTrained(data: Uint8Array, tensors: readonly TensorSpec[]): void {
  for (const { tensor, dtype, begin, end } of tensorPlaces(tensors)) {
    if (dtype !== 'F32' || tensor.shape.length < 2) continue
    if (data.subarray(begin, end).every((byte) => byte === 0)) {
      throw new WeightsError('failed_selftest', `weights: ${tensor.name} is all zeros, so every picture looks the same`)
    }
  }
  if (data.every((byte) => byte === 0)) throw new WeightsError('failed_selftest', 'weights: nothing but zeros')
}
