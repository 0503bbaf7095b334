import { describe, expect, test } from 'vitest'
import { csvToTensor, matrixToCsv, shortestDecimal, tensorToCsv } from '../../../core/models/csv.ts'
import { WeightsError } from '../../../core/models/errors.ts'
import type { TensorSpec } from '../../../core/models/tensor.ts'
import { philox } from '../../../core/random.ts'
import { MIXED, sameBits, VALUES } from './tensors.ts'

const text = (csv: string) => new TextEncoder().encode(csv)
const read = (csv: Uint8Array) => new TextDecoder().decode(csv)
const matrix: TensorSpec = { name: '0.weight', shape: [2, 3], length: 6 }
const vector: TensorSpec = { name: '0.bias', shape: [3], length: 3 }
const bytes: TensorSpec = { name: 'labels', shape: [2, 3], length: 6, dtype: 'U8' }

test('every f32 is written in the fewest digits that read back as the same bits', () => {
  const [float, bits] = [new Float32Array(1), new Uint32Array(1)]
  const powers = Array.from({ length: 254 }, (_, i) => (i + 1) << 23) // where a binade begins, rounding is lopsided
  for (const pattern of [...powers, ...Array.from({ length: 20_000 }, (_, i) => philox(1, 2, i))]) {
    bits[0] = pattern
    float.set(new Float32Array(bits.buffer))
    if (!Number.isFinite(float[0])) continue
    const text = shortestDecimal(float[0])
    if (Math.fround(Number(text)) !== float[0]) expect(text).toBe(float[0])
    const digits = text
      .replace(/e.*/, '')
      .replace(/[-.]/g, '')
      .replace(/^0+|0+$/g, '').length
    const lengths = Array.from({ length: digits - 1 }, (_, i) => i + 1)
    const shorter = lengths.filter((fewer) => Math.fround(Number(float[0].toPrecision(fewer))) === float[0])
    if (shorter.length > 0) expect(`${text}, ${shorter[0]} digits will do`).toBe(text)
  }
  expect([0.1, 1 / 3, 1e-7, 0, -0].map((value) => shortestDecimal(Math.fround(value)))).toEqual([
    '0.1',
    '0.33333334',
    '1e-7',
    '0',
    '-0',
  ])
})

test('a matrix is one line a row', () => {
  expect(read(matrixToCsv(Float32Array.of(1, 2.5, -3, 0, 0.25, 6), 3))).toBe('1,2.5,-3\n0,0.25,6\n')
})

test('the longest numbers of every type fit', () => {
  const [f32, i32] = [Float32Array.of(-3.4028234e38, -3.4e20, -1.23456789e-6), Int32Array.of(-2147483648)]
  expect(read(matrixToCsv(f32, 3))).toBe('-3.4028235e+38,-340000000000000000000,-0.0000012345679\n')
  expect(read(matrixToCsv(i32, 1))).toBe('-2147483648\n')
})

test('numbers stay numbers: no cell is prefixed, not even a negative one, and there is no text that could be a formula', () => {
  const cells = MIXED.map((tensor, i) => read(tensorToCsv(VALUES[i], tensor))).join('')
  for (const cell of cells.trim().split(/[,\n]/)) expect(cell).toMatch(/^-?\d+(\.\d+)?(e[+-]\d+)?$/)
  expect(cells).toContain('-0.25')
})

test.each(
  MIXED.map((tensor, i) => [tensor, VALUES[i]] as const),
)('$name ($dtype) comes back bit for bit', (tensor, values) => {
  expect(sameBits(csvToTensor(tensorToCsv(values, tensor), tensor), values)).toBe(true)
})

describe('variants that other programs write are read alike:', () => {
  const expected = Float32Array.of(1, 2.5, -3, 0, 0.25, 6)
  test.each([
    ['CR LF', '1,2.5,-3\r\n0,0.25,6\r\n'],
    ['CR alone', '1,2.5,-3\r0,0.25,6\r'],
    ['no last newline', '1,2.5,-3\n0,0.25,6'],
    ['empty lines', '\n1,2.5,-3\n\n0,0.25,6\n \n'],
    ['blanks and quotes', ' 1 , "2.5" ,\t-3\n"0",.25,6.\n'],
    ['a byte order mark', '\ufeff1,2.5,-3\n0,0.25,6\n'],
    ['exponents', '1.0e+00,25e-1,-3.000000000e+00\n0e0,2.5E-1,6\n'],
  ])('%s', (_, csv) => {
    expect(csvToTensor(text(csv), matrix)).toEqual(expected)
  })

  test('a vector in a column', () => {
    expect(csvToTensor(text('1\n-2\n3\n'), vector)).toEqual(Float32Array.of(1, -2, 3))
  })
})

describe('a CSV file is refused, saying where and what was expected, if it', () => {
  test.each([
    ['is empty', '', matrix, 'bad_shape', '0.weight: 0 rows, 2 rows of 3 columns expected'],
    ['has a row too few', '1,2,3\n', matrix, 'bad_shape', '0.weight: 1 rows, 2 rows of 3 columns expected'],
    [
      'has a row too many',
      '1,2,3\n1,2,3\n1,2,3\n',
      matrix,
      'bad_shape',
      '0.weight: 3 rows, 2 rows of 3 columns expected',
    ],
    ['is transposed', '1,2\n3,4\n5,6\n', matrix, 'bad_shape', '0.weight: line 1 has 2 columns, 3 expected'],
    ['is ragged', '1,2,3\n1,2,3,4\n', matrix, 'bad_shape', '0.weight: line 2 has 4 columns, 3 expected'],
    ['ends a row in a comma', '1,2,3\n1,2,3,\n', matrix, 'bad_shape', '0.weight: line 2 has 4 columns, 3 expected'],
    [
      'has a matrix in one column',
      '1\n2\n3\n4\n5\n6\n',
      matrix,
      'bad_shape',
      '0.weight: line 1 has 1 columns, 3 expected',
    ],
    ['has a header', 'a,b,c\n1,2,3\n', matrix, 'bad_number', '0.weight: line 1, column 1: a decimal number expected'],
    [
      'has an empty cell',
      '1,2,3\r\n1,,3\r\n',
      matrix,
      'bad_number',
      '0.weight: line 2, column 2: a decimal number expected',
    ],
    ['has 0x10', '1,2,3\n1,0x10,3\n', matrix, 'bad_number', '0.weight: line 2, column 2: a decimal number expected'],
    [
      'has a formula',
      '=1+1,2,3\n1,1,3\n',
      matrix,
      'bad_number',
      '0.weight: line 1, column 1: a decimal number expected',
    ],
    ['has nan', '1,2,3\n1,nan,3\n', matrix, 'not_finite', '0.weight: line 2, column 2: a finite number expected'],
    [
      'has -Infinity',
      '-Infinity,2,3\n1,1,3\n',
      matrix,
      'not_finite',
      '0.weight: line 1, column 1: a finite number expected',
    ],
    ['has 1e999', '1,1e999,3\n1,1,3\n', matrix, 'not_finite', '0.weight: line 1, column 2: a finite number expected'],
    [
      'has 1e39, more than f32 holds',
      '1,1e39,3\n1,1,3\n',
      matrix,
      'not_finite',
      '0.weight: line 1, column 2: a finite number expected',
    ],
    [
      'has 256 where bytes are due',
      '1,2,256\n1,1,3\n',
      bytes,
      'bad_number',
      'labels: line 1, column 3: a whole number from 0 to 255 expected',
    ],
    [
      'has -1 where bytes are due',
      '-1,2,6\n1,1,3\n',
      bytes,
      'bad_number',
      'labels: line 1, column 1: a whole number from 0 to 255 expected',
    ],
    [
      'has 0.5 where bytes are due',
      '1,2,0.5\n1,1,3\n',
      bytes,
      'bad_number',
      'labels: line 1, column 3: a whole number from 0 to 255 expected',
    ],
    ['is UTF-16', '1\0,\0', matrix, 'not_text', '0.weight: line 1 holds a zero byte: no text, or UTF-16'],
  ] as const)('%s', (_, csv, tensor, code, message) => {
    let thrown: unknown
    try {
      csvToTensor(text(csv), tensor)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(WeightsError)
    expect(thrown).toMatchObject({ code, message })
  })
})
