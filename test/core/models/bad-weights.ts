/**
 * Weights files that must be refused: the rows of a catalogue of bad input, each with the code that names its fault. They
 * are made from one good file of a softmax regression.
 */

import type { WeightsErrorCode } from '../../../core/models/errors.ts'
import { encodeSafetensors } from '../../../core/models/safetensors.ts'
import type { Tensor } from '../../../core/models/tensor.ts'

export const LAYOUT: Tensor[] = [
  { name: '0.weight', shape: [784, 10], offset: 0, length: 7840 },
  { name: '0.bias', shape: [10], offset: 7840, length: 10 },
]
export const VALUES = Float32Array.from({ length: 7850 }, (_, i) => Math.fround(Math.sin(i) / 7))
export const GOOD = encodeSafetensors(LAYOUT, VALUES)

/** A file with another header before the same data. */
export function withHeader(header: unknown, data: Uint8Array = GOOD.subarray(GOOD.length - 7850 * 4)): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setUint32(0, json.length, true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

function headerLength(length: bigint): Uint8Array {
  const bytes = GOOD.slice()
  new DataView(bytes.buffer).setBigUint64(0, length, true)
  return bytes
}

const weight = { dtype: 'F32', shape: [784, 10], data_offsets: [0, 31_360] }
const bias = { dtype: 'F32', shape: [10], data_offsets: [31_360, 31_400] }
const metadata = { __metadata__: { format: 'inkling', version: '1' } }
export const HEADER = { ...metadata, '0.weight': weight, '0.bias': bias }

function withValue(i: number, value: number): Uint8Array {
  return encodeSafetensors(
    LAYOUT,
    VALUES.map((old, at) => (at === i ? value : old)),
  )
}

function notUtf8(): Uint8Array {
  const bytes = withHeader(HEADER)
  bytes.set([0xc3, 0x28], 10)
  return bytes
}

/** [what it is, the file, the code] */
export const BAD: readonly (readonly [string, Uint8Array, WeightsErrorCode])[] = [
  ['of 0 bytes', new Uint8Array(0), 'truncated'],
  ['of 7 bytes', GOOD.subarray(0, 7), 'truncated'],
  ['with header length 0', headerLength(0n), 'bad_header_length'],
  ['with header length over 64 KiB', headerLength(65_537n), 'bad_header_length'],
  ['with header length 2^63', headerLength(1n << 63n), 'bad_header_length'],
  ['with a header longer than the file', headerLength(40_000n), 'bad_header_length'],
  ['with a header that is not ASCII', withHeader('{"é":1}'), 'bad_header'],
  ['with a header that is not UTF-8', notUtf8(), 'bad_header'],
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
    withHeader(JSON.stringify(HEADER).replace('{', '{"\\u0030.bias":1,')),
    'bad_header',
  ],
  ['with a field twice', withHeader(JSON.stringify(HEADER).replace('"dtype"', '"dtype":"F64","dtype"')), 'bad_header'],
  ['with metadata twice', withHeader(JSON.stringify(HEADER).replace('{', '{"__metadata__":{},')), 'bad_header'],
  ['with a number in another spelling', withHeader(JSON.stringify(HEADER).replace('31400', '3.14e4')), 'bad_header'],
  ['without a version', withHeader({ ...HEADER, __metadata__: null }), 'unsupported_version'],
  ['of another format', withHeader({ ...HEADER, __metadata__: { format: 'pt', version: '1' } }), 'bad_header'],
  ['with more metadata', withHeader({ ...HEADER, __metadata__: { ...metadata.__metadata__, more: '' } }), 'bad_header'],
  ['from another version', withHeader({ ...HEADER, __metadata__: { version: '2' } }), 'unsupported_version'],
  ['of F64', withHeader({ ...HEADER, '0.bias': { ...bias, dtype: 'F64' } }), 'bad_dtype'],
  ['of BF16', withHeader({ ...HEADER, '0.bias': { ...bias, dtype: 'BF16' } }), 'bad_dtype'],
  ['of BOOL', withHeader({ ...HEADER, '0.weight': { ...weight, dtype: 'BOOL' } }), 'bad_dtype'],
  ['of U8 where F32 is due', withHeader({ ...HEADER, '0.bias': { ...bias, dtype: 'U8' } }), 'bad_dtype'],
  ['of lower-case f32', withHeader({ ...HEADER, '0.bias': { ...bias, dtype: 'f32' } }), 'bad_dtype'],
  ['with a negative shape', withHeader({ ...HEADER, '0.bias': { ...bias, shape: [-1] } }), 'bad_shape'],
  ['with a fractional shape', withHeader({ ...HEADER, '0.weight': { ...weight, shape: [784.5, 10] } }), 'bad_shape'],
  ['with shape 1e308', withHeader(JSON.stringify(HEADER).replace('[10]', '[1e308]')), 'bad_shape'],
  [
    'with a shape whose product wraps to 4 in 64 bits',
    withHeader({ ...HEADER, '0.bias': { ...bias, shape: [4_194_305, 4_194_305, 211_106_198_978_564] } }),
    'bad_shape',
  ],
  ['with an empty axis', withHeader({ ...HEADER, '0.weight': { ...weight, shape: [0, 10] } }), 'bad_shape'],
  ['with a shape that is no list', withHeader({ ...HEADER, '0.bias': { ...bias, shape: '10' } }), 'bad_shape'],
  ['transposed', withHeader({ ...HEADER, '0.weight': { ...weight, shape: [10, 784] } }), 'bad_shape'],
  [
    'with begin after end',
    withHeader({ ...HEADER, '0.bias': { ...bias, data_offsets: [31_400, 31_360] } }),
    'bad_offsets',
  ],
  [
    'with overlapping tensors',
    withHeader({ ...HEADER, '0.bias': { ...bias, data_offsets: [31_320, 31_360] } }),
    'bad_offsets',
  ],
  [
    'with a hole',
    withHeader({ ...HEADER, '0.bias': { ...bias, data_offsets: [31_364, 31_404] } }, new Uint8Array(31_404)),
    'bad_offsets',
  ],
  [
    'with a tensor past the end',
    withHeader({ ...HEADER, '0.bias': { ...bias, data_offsets: [31_360, 99_400] } }),
    'bad_offsets',
  ],
  [
    'with a tensor at no multiple of 4',
    withHeader({ ...HEADER, '0.bias': { ...bias, data_offsets: [31_361, 31_401] } }),
    'bad_offsets',
  ],
  ['with too little data', GOOD.subarray(0, GOOD.length - 1), 'bad_offsets'],
  ['with trailing bytes', new Uint8Array([...GOOD, 0]), 'bad_offsets'],
  ['with a tensor missing', withHeader({ ...metadata, '0.weight': weight }), 'bad_tensors'],
  ['with a tensor more', withHeader({ ...HEADER, extra: bias }), 'bad_tensors'],
  ['with a tensor named __proto__', withHeader(`${JSON.stringify(HEADER).slice(0, -1)},"__proto__":1}`), 'bad_header'],
  ['with NaN', withValue(3, NaN), 'not_finite'],
  ['with infinity', withValue(7849, Infinity), 'not_finite'],
  ['with -infinity', withValue(0, -Infinity), 'not_finite'],
  ['with 1e30', withValue(9, 1e30), 'out_of_range'],
  ['that is a pickle', new Uint8Array([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0]), 'bad_header_length'],
  ['that is HDF5', new Uint8Array([0x89, 0x48, 0x44, 0x46, 13, 10, 0x1a, 10, 0, 0]), 'bad_header_length'],
  ['that is CSV', new TextEncoder().encode('0.0033064925,0.016252408\n'), 'bad_header_length'],
  ['that is a zip', new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0]), 'bad_header_length'],
]
