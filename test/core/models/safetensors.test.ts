import { describe, expect, test } from 'vitest'
import { WeightsError } from '../../../core/models/errors.ts'
import { decodeSafetensors, decodeTensors, encodeSafetensors, encodeTensors } from '../../../core/models/safetensors.ts'
import { checkTrained, type Tensor } from '../../../core/models/tensor.ts'
import { DATA, MIXED } from './tensors.ts'

const layout: Tensor[] = [
  { name: '0.weight', shape: [784, 10], offset: 0, length: 7840 },
  { name: '0.bias', shape: [10], offset: 7840, length: 10 },
]
const values = Float32Array.from({ length: 7850 }, (_, i) => Math.fround(Math.sin(i) / 7))
const file = encodeSafetensors(layout, values)

function code(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, layout)
    return 'accepted'
  } catch (error) {
    if (error instanceof WeightsError) return error.code
    throw error
  }
}

// A file with another header before the same data.
function withHeader(header: unknown, data: Uint8Array = file.subarray(file.length - 7850 * 4)): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setUint32(0, json.length, true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

function headerLength(length: bigint): Uint8Array {
  const bytes = file.slice()
  new DataView(bytes.buffer).setBigUint64(0, length, true)
  return bytes
}

const weight = { dtype: 'F32', shape: [784, 10], data_offsets: [0, 31_360] }
const bias = { dtype: 'F32', shape: [10], data_offsets: [31_360, 31_400] }
const metadata = { __metadata__: { format: 'inkling', version: '1' } }
const header = { ...metadata, '0.weight': weight, '0.bias': bias }

function withValue(i: number, value: number): Uint8Array {
  return encodeSafetensors(
    layout,
    values.map((old, at) => (at === i ? value : old)),
  )
}

describe('a weights file', () => {
  test('gives back the values it was made of, bit for bit, and its data begin on a multiple of 8', () => {
    expect(decodeSafetensors(file, layout)).toEqual(values)
    expect((file.length - values.length * 4) % 8).toBe(0)
    expect(code(withHeader(header))).toBe('accepted')
  })

  test.each([
    ['of 0 bytes', new Uint8Array(0), 'truncated'],
    ['of 7 bytes', file.subarray(0, 7), 'truncated'],
    ['with header length 0', headerLength(0n), 'bad_header_length'],
    ['with header length over 64 KiB', headerLength(65_537n), 'bad_header_length'],
    ['with header length 2^63', headerLength(1n << 63n), 'bad_header_length'],
    ['with a header longer than the file', headerLength(40_000n), 'bad_header_length'],
    ['with a header that is not ASCII', withHeader('{"é":1}'), 'bad_header'],
    ['with a header that is not JSON', withHeader('{"0.weight":'), 'bad_header'],
    ['with a header that does not begin with {', withHeader(' {}'), 'bad_header'],
    ['with an array for a header', withHeader('[]'), 'bad_header'],
    [
      'with a name twice',
      withHeader(`{"__metadata__":{"version":"1"},"0.bias":${JSON.stringify(bias)},"0.bias":${JSON.stringify(bias)}}`),
      'bad_header',
    ],
    [
      'with a name twice, once in another spelling',
      withHeader(JSON.stringify(header).replace('{', '{"\\u0030.bias":1,')),
      'bad_header',
    ],
    [
      'with a field twice',
      withHeader(JSON.stringify(header).replace('"dtype"', '"dtype":"F64","dtype"')),
      'bad_header',
    ],
    ['with metadata twice', withHeader(JSON.stringify(header).replace('{', '{"__metadata__":{},')), 'bad_header'],
    ['with a number in another spelling', withHeader(JSON.stringify(header).replace('31400', '3.14e4')), 'bad_header'],
    ['without a version', withHeader({ ...header, __metadata__: null }), 'unsupported_version'],
    ['of another format', withHeader({ ...header, __metadata__: { format: 'pt', version: '1' } }), 'bad_header'],
    [
      'with more metadata',
      withHeader({ ...header, __metadata__: { ...metadata.__metadata__, more: '' } }),
      'bad_header',
    ],
    ['from another version', withHeader({ ...header, __metadata__: { version: '2' } }), 'unsupported_version'],
    ['of F64', withHeader({ ...header, '0.bias': { ...bias, dtype: 'F64' } }), 'bad_dtype'],
    ['of BF16', withHeader({ ...header, '0.bias': { ...bias, dtype: 'BF16' } }), 'bad_dtype'],
    ['of BOOL', withHeader({ ...header, '0.weight': { ...weight, dtype: 'BOOL' } }), 'bad_dtype'],
    ['of U8 where F32 is due', withHeader({ ...header, '0.bias': { ...bias, dtype: 'U8' } }), 'bad_dtype'],
    ['of lower-case f32', withHeader({ ...header, '0.bias': { ...bias, dtype: 'f32' } }), 'bad_dtype'],
    ['with a negative shape', withHeader({ ...header, '0.bias': { ...bias, shape: [-1] } }), 'bad_shape'],
    ['with a fractional shape', withHeader({ ...header, '0.weight': { ...weight, shape: [784.5, 10] } }), 'bad_shape'],
    ['with shape 1e308', withHeader(JSON.stringify(header).replace('[10]', '[1e308]')), 'bad_shape'],
    [
      'with a shape whose product wraps to 4 in 64 bits',
      withHeader({ ...header, '0.bias': { ...bias, shape: [4_194_305, 4_194_305, 211_106_198_978_564] } }),
      'bad_shape',
    ],
    ['with an empty axis', withHeader({ ...header, '0.weight': { ...weight, shape: [0, 10] } }), 'bad_shape'],
    ['with a shape that is no list', withHeader({ ...header, '0.bias': { ...bias, shape: '10' } }), 'bad_shape'],
    ['transposed', withHeader({ ...header, '0.weight': { ...weight, shape: [10, 784] } }), 'bad_shape'],
    [
      'with begin after end',
      withHeader({ ...header, '0.bias': { ...bias, data_offsets: [31_400, 31_360] } }),
      'bad_offsets',
    ],
    [
      'with overlapping tensors',
      withHeader({ ...header, '0.bias': { ...bias, data_offsets: [31_320, 31_360] } }),
      'bad_offsets',
    ],
    [
      'with a hole',
      withHeader({ ...header, '0.bias': { ...bias, data_offsets: [31_364, 31_404] } }, new Uint8Array(31_404)),
      'bad_offsets',
    ],
    [
      'with a tensor past the end',
      withHeader({ ...header, '0.bias': { ...bias, data_offsets: [31_360, 99_400] } }),
      'bad_offsets',
    ],
    [
      'with a tensor at no multiple of 4',
      withHeader({ ...header, '0.bias': { ...bias, data_offsets: [31_361, 31_401] } }),
      'bad_offsets',
    ],
    ['with too little data', file.subarray(0, file.length - 1), 'bad_offsets'],
    ['with trailing bytes', new Uint8Array([...file, 0]), 'bad_offsets'],
    ['with a tensor missing', withHeader({ ...metadata, '0.weight': weight }), 'bad_tensors'],
    ['with a tensor more', withHeader({ ...header, extra: bias }), 'bad_tensors'],
    [
      'with a tensor named __proto__',
      withHeader(`${JSON.stringify(header).slice(0, -1)},"__proto__":1}`),
      'bad_header',
    ],
    ['with NaN', withValue(3, NaN), 'not_finite'],
    ['with infinity', withValue(7849, Infinity), 'not_finite'],
    ['with -infinity', withValue(0, -Infinity), 'not_finite'],
    ['with 1e30', withValue(9, 1e30), 'out_of_range'],
    ['that is a pickle', new Uint8Array([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0]), 'bad_header_length'],
    ['that is HDF5', new Uint8Array([0x89, 0x48, 0x44, 0x46, 13, 10, 0x1a, 10, 0, 0]), 'bad_header_length'],
    ['that is CSV', new TextEncoder().encode('0.0033064925,0.016252408\n'), 'bad_header_length'],
    ['that is a zip', new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0]), 'bad_header_length'],
  ])('%s is refused', (_, bytes, expected) => {
    expect(code(bytes)).toBe(expected)
  })

  test('with any one bit of its header flipped is refused, before any digest is compared', () => {
    for (let bit = 0; bit < (file.length - 31_400) * 8; bit++) {
      const flipped = file.slice()
      flipped[bit >> 3] ^= 1 << (bit & 7)
      if (code(flipped) === 'accepted') expect(bit).toBe('refused')
    }
  })

  test('holds bytes and integers beside floats, one after another, and gives them back bit for bit', () => {
    const mixed = encodeTensors(MIXED, DATA)
    expect(decodeTensors(mixed, MIXED)).toEqual(DATA)
    expect(mixed.subarray(mixed.length - DATA.length)).toEqual(DATA)
    expect(() => encodeTensors(MIXED, DATA.subarray(1))).toThrow(RangeError)
  })

  test('of nothing but zeros, or with a matrix of zeros, is no trained model', () => {
    const data = new Uint8Array(31_400)
    expect(() => checkTrained(data, layout)).toThrow(expect.objectContaining({ code: 'failed_selftest' }))
    expect(() => checkTrained(data.fill(1, 31_360), layout)).toThrow(
      expect.objectContaining({ code: 'failed_selftest' }),
    )
    expect(() => checkTrained(new Uint8Array(31_400).fill(1, 0, 4), layout)).not.toThrow()
  })

  test('read from the middle of a larger buffer is the same file', () => {
    const larger = new Uint8Array(file.length + 5)
    larger.set(file, 3)
    expect(decodeSafetensors(larger.subarray(3, 3 + file.length), layout)).toEqual(values)
  })
})
