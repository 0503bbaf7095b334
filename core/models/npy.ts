/**
 * Tensors as NumPy's .npy (Kern, NEP 1, 2007): a magic, a Python dictionary of type, order and shape, the values. Writes version
 * 1.0 in C order, the same bytes as numpy.save; reads versions 1 to 3 in C or Fortran order.
 */

import { WeightsError } from './errors.ts'
import { bytesOf, DTYPE_BYTES, type Dtype, newTensorArray, type TensorArray, type TensorSpec } from './tensor.ts'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY
const DESCR: Readonly<Record<Dtype, string>> = { F32: '<f4', U8: '|u1', I8: '|i1', U16: '<u2', I16: '<i2', I32: '<i4' }
const ALIGNMENT = 64 // bytes, of the values
const GROWTH = 21 // characters NumPy reserves for the first axis, so that it can grow
const MAX_HEADER = 4096 // bytes; NumPy writes 118
const HEADER = /^\{'descr': ?'([^']*)', ?'fortran_order': ?(True|False), ?'shape': ?\(([\d, ]*)\),? ?\} *\n?$/

/** The .npy file of a tensor. */
export function tensorToNpy(values: TensorArray, { shape, dtype = 'F32' }: TensorSpec): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const room = shape.length > 0 ? GROWTH - String(shape[0]).length : 0
  const text = `{'descr': '${DESCR[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(room)}`
  const size = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT
  const file = new Uint8Array(size + values.byteLength)
  file.set([...MAGIC, 1, 0, (size - 10) & 0xff, (size - 10) >> 8])
  for (let i = 10; i < size - 1; i++) file[i] = i - 10 < text.length ? text.charCodeAt(i - 10) : 0x20
  file[size - 1] = 0x0a
  file.set(bytesOf(values), size)
  return file
}

/**
 * The values of a .npy file, which must have the type and shape of this tensor.
 * @throws WeightsError truncated, bad_header, unsupported_version, bad_dtype, bad_shape, bad_offsets
 */
export function npyToTensor(file: Uint8Array, tensor: TensorSpec): TensorArray {
  const { name, shape, length, dtype = 'F32' } = tensor
  const { begin, descr, fortran, given } = readHeader(file, name)
  if (descr !== DESCR[dtype]) {
    throw new WeightsError('bad_dtype', `${name}: type ${descr.slice(0, 16)}, ${DESCR[dtype]} expected`)
  }
  if (given.length !== shape.length || given.some((count, i) => count !== shape[i])) {
    throw new WeightsError('bad_shape', `${name}: shape ${given.slice(0, 8).join('x')}, ${shape.join('x')} expected`)
  }
  const size = length * DTYPE_BYTES[dtype]
  if (file.length - begin < size) {
    throw new WeightsError('truncated', `${name}: ${file.length - begin} bytes of values, ${size} expected`)
  }
  if (file.length - begin > size) {
    throw new WeightsError('bad_offsets', `${name}: ${file.length - begin} bytes of values, ${size} expected`)
  }
  const values = newTensorArray(tensor)
  bytesOf(values).set(file.subarray(begin))
  return fortran && shape.length > 1 ? toRowMajor(values, tensor) : values
}

function readHeader(file: Uint8Array, name: string) {
  if (file.length < 12) throw new WeightsError('truncated', `${name}: ${file.length} bytes, no .npy file is that short`)
  if (MAGIC.some((byte, i) => file[i] !== byte)) throw new WeightsError('bad_header', `${name}: not a .npy file`)
  const wide = file[6] > 1 // versions 2 and 3 have longer headers
  if (file[6] < 1 || file[6] > 3 || file[7] !== 0) {
    throw new WeightsError('unsupported_version', `${name}: .npy version ${file[6]}.${file[7]}, 1.0 to 3.0 expected`)
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const size = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const at = wide ? 12 : 10
  if (size > MAX_HEADER) throw new WeightsError('bad_header', `${name}: .npy header over ${MAX_HEADER} bytes`)
  if (at + size > file.length) throw new WeightsError('truncated', `${name}: ends within the .npy header`)
  const found = HEADER.exec(String.fromCharCode(...file.subarray(at, at + size)))
  if (!found) throw new WeightsError('bad_header', `${name}: .npy header tells no type, order and shape`)
  const given = found[3].split(',').flatMap((count) => (count.trim() === '' ? [] : [Number(count)]))
  return { begin: at + size, descr: found[1], fortran: found[2] === 'True', given }
}

// Converts values from Fortran order to C order.
function toRowMajor(values: TensorArray, tensor: TensorSpec): TensorArray {
  const { shape } = tensor
  const ordered = newTensorArray(tensor)
  const index = shape.map(() => 0)
  for (let to = 0; to < ordered.length; to++) {
    let from = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis] + index[axis]
    ordered[to] = values[from]
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
  return ordered
}
