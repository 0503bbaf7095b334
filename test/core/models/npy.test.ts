import { describe, expect, test } from 'vitest'
import { WeightsError } from '../../../core/models/errors.ts'
import { npyToTensor, tensorToNpy } from '../../../core/models/npy.ts'
import type { TensorArray, TensorSpec } from '../../../core/models/tensor.ts'
import { MIXED, sameBits, VALUES } from './tensors.ts'

const matrix: TensorSpec = { name: '0.weight', shape: [2, 3], length: 6 }
const values = Float32Array.of(1, 2, 3, 4, 5, 6)

/** A .npy file as NumPy 2 writes it, with any header. */
function npy(header: string, data: TensorArray = values, version = 1): Uint8Array {
  const text = Buffer.from(`${header.padEnd(version === 1 ? 117 : 115, ' ')}\n`, 'latin1')
  const head = Buffer.alloc(version === 1 ? 10 : 12)
  head.write('\x93NUMPY', 'latin1')
  head[6] = version
  if (version === 1) head.writeUInt16LE(text.length, 8)
  else head.writeUInt32LE(text.length, 8)
  return new Uint8Array(Buffer.concat([head, text, Buffer.from(data.buffer)]))
}

const describing = (descr: string, order: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`

const good = describing('<f4', 'False', '(2, 3)')

describe('a .npy file', () => {
  test('is byte for byte what numpy.save writes (NumPy 2.4)', () => {
    expect(Buffer.from(tensorToNpy(values, matrix)).equals(npy(good))).toBe(true)
    const vector = tensorToNpy(values, { name: 'bias', shape: [6], length: 6 })
    expect(Buffer.from(vector).equals(npy(describing('<f4', 'False', '(6,)')))).toBe(true)
  })

  test.each(
    MIXED.map((tensor, i) => [tensor, VALUES[i]] as const),
  )('$name ($dtype) comes back bit for bit, its values on a multiple of 64', (tensor, values) => {
    const file = tensorToNpy(values, tensor)
    expect((file.length - values.byteLength) % 64).toBe(0)
    expect(sameBits(npyToTensor(file, tensor), values)).toBe(true)
  })

  test('is read in versions 1, 2 and 3 and from the middle of a larger buffer', () => {
    for (const version of [1, 2, 3]) expect(npyToTensor(npy(good, values, version), matrix)).toEqual(values)
    const larger = new Uint8Array(200)
    larger.set(npy(good), 3)
    expect(npyToTensor(larger.subarray(3, 3 + 152), matrix)).toEqual(values)
  })

  test('in Fortran order, as a transposed array is saved, gives the same matrix', () => {
    const columns = npy(describing('<f4', 'True', '(2, 3)'), Float32Array.of(1, 4, 2, 5, 3, 6))
    expect(npyToTensor(columns, matrix)).toEqual(values)
    // np.asfortranarray(np.arange(24).reshape(2, 3, 4)).ravel('K')
    const order = [0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23]
    const cube = npy(describing('<f4', 'True', '(2, 3, 4)'), Float32Array.from(order))
    expect(npyToTensor(cube, { name: 'cube', shape: [2, 3, 4], length: 24 })).toEqual(
      Float32Array.from({ length: 24 }, (_, i) => i),
    )
  })
})

describe('a .npy file is refused if it', () => {
  const cut = (file: Uint8Array, length: number) => file.subarray(0, length)
  const patched = (at: number, ...bytes: number[]) => {
    const file = npy(good)
    file.set(bytes, at)
    return file
  }
  test.each([
    ['has 0 bytes', new Uint8Array(0), 'truncated', '0.weight: 0 bytes, no .npy file is that short'],
    ['ends within its header', cut(npy(good), 60), 'truncated', '0.weight: ends within the .npy header'],
    ['lacks a byte', cut(npy(good), 151), 'truncated', '0.weight: 23 bytes of values, 24 expected'],
    ['has a byte more', new Uint8Array([...npy(good), 0]), 'bad_offsets', '0.weight: 25 bytes of values, 24 expected'],
    ['is no .npy file', patched(0, 0x80), 'bad_header', '0.weight: not a .npy file'],
    ['is of version 4', patched(6, 4), 'unsupported_version', '0.weight: .npy version 4.0, 1.0 to 3.0 expected'],
    ['is of version 1.1', patched(7, 1), 'unsupported_version', '0.weight: .npy version 1.1, 1.0 to 3.0 expected'],
    [
      'announces a header of 4 GiB',
      npy(good, values, 2).map((byte, i) => (i > 7 && i < 12 ? 255 : byte)),
      'bad_header',
      '0.weight: .npy header over 4096 bytes',
    ],
    [
      'has a header that is code',
      npy('__import__("os")'),
      'bad_header',
      '0.weight: .npy header tells no type, order and shape',
    ],
    [
      'has a structured type',
      npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }"),
      'bad_header',
      '0.weight: .npy header tells no type, order and shape',
    ],
    ['has doubles', npy(describing('<f8', 'False', '(2, 3)')), 'bad_dtype', '0.weight: type <f8, <f4 expected'],
    [
      'has big-endian floats',
      npy(describing('>f4', 'False', '(2, 3)')),
      'bad_dtype',
      '0.weight: type >f4, <f4 expected',
    ],
    ['has Python objects', npy(describing('|O', 'False', '(2, 3)')), 'bad_dtype', '0.weight: type |O, <f4 expected'],
    ['is transposed', npy(describing('<f4', 'False', '(3, 2)')), 'bad_shape', '0.weight: shape 3x2, 2x3 expected'],
    ['is flat', npy(describing('<f4', 'False', '(6,)')), 'bad_shape', '0.weight: shape 6, 2x3 expected'],
    [
      'has a negative shape',
      npy(describing('<f4', 'False', '(-2, -3)')),
      'bad_header',
      '0.weight: .npy header tells no type, order and shape',
    ],
    [
      'has a huge shape',
      npy(describing('<f4', 'False', '(4194305, 4194305, 211106198978564)')),
      'bad_shape',
      '0.weight: shape 4194305x4194305x211106198978564, 2x3 expected',
    ],
  ] as const)('%s', (_, file, code, message) => {
    let thrown: unknown
    try {
      npyToTensor(file, matrix)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(WeightsError)
    expect(thrown).toMatchObject({ code, message })
  })
})
