/**
 * A model as little-endian f32, tensor after tensor, for programs that read nothing else. For a network it is the flat buffer
 * itself; integers are converted and must be exact.
 */

import { WeightsError } from './errors.ts'
import { newTensorArray, type TensorArray, type TensorSpec, tensorPlaces, tensorValues } from './tensor.ts'

/**
 * All values as f32.
 * @throws RangeError when an integer is not exact in f32
 */
export function toFloats(data: Uint8Array, tensors: readonly TensorSpec[]): Uint8Array<ArrayBuffer> {
  const floats = new Float32Array(tensors.reduce((sum, { length }) => sum + length, 0))
  const bytes = new Uint8Array(floats.buffer)
  let at = 0 // values
  for (const place of tensorPlaces(tensors)) {
    if (place.dtype === 'F32') bytes.set(data.subarray(place.begin, place.end), at * 4)
    else {
      const values = tensorValues(data, place)
      floats.set(values, at)
      if (values.some((value, i) => floats[at + i] !== value)) {
        throw new RangeError(`${place.tensor.name} holds integers that f32 can't: choose another format`)
      }
    }
    at += place.tensor.length
  }
  return bytes
}

/**
 * The values of each tensor from a file of f32.
 * @throws WeightsError truncated or bad_offsets for too few or too many values, bad_number where a tensor needs an integer
 */
export function fromFloats(file: Uint8Array, tensors: readonly TensorSpec[]): TensorArray[] {
  const size = tensors.reduce((sum, { length }) => sum + length * 4, 0)
  if (file.length !== size) {
    const code = file.length < size ? 'truncated' : 'bad_offsets'
    throw new WeightsError(code, `weights: ${file.length} bytes of f32, ${size} expected`)
  }
  const floats = new Float32Array(file.slice().buffer)
  let at = 0 // values
  return tensors.map((tensor) => {
    const { name, length, dtype = 'F32' } = tensor
    const given = floats.subarray(at, at + length)
    at += length
    const values = newTensorArray(tensor)
    values.set(given)
    const wrong = dtype === 'F32' ? -1 : given.findIndex((value, i) => values[i] !== value)
    if (wrong >= 0) throw new WeightsError('bad_number', `${name}: value ${wrong} is not one that ${dtype} holds`)
    return values
  })
}
