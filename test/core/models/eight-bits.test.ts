/** Weights in 8 bits: what such a file says, to the bit, and what is refused. */

import { describe, expect, test } from 'vitest'
import { roundWeights } from '../../../core/models/eight-bits.ts'
import type { WeightsError } from '../../../core/models/errors.ts'
import { decodeTensors, encodeTensors } from '../../../core/models/safetensors.ts'
import { bytesOf, joinTensors, type Tensor } from '../../../core/models/tensor.ts'
import { Random } from '../../../core/random.ts'
import { sameBits } from './tensors.ts'

const SHAPES: readonly (readonly [string, readonly number[]])[] = [
  ['0.weight', [3, 3, 12, 40]],
  ['0.bias', [40]],
  ['2.weight', [1400, 3]],
  ['3.weight', [5, 9]],
  ['3.bias', [9]],
]

/** Convolution, dense layer of three outputs and one too small to be rounded, with their places in a flat buffer. */
const LAYOUT: readonly Tensor[] = SHAPES.map(([name, shape], i) => {
  const lengths = SHAPES.map(([, of]) => of.reduce((product, size) => product * size))
  return { name, shape, length: lengths[i], offset: lengths.slice(0, i).reduce((sum, length) => sum + length, 0) }
})
const COUNT = LAYOUT.reduce((sum, { length }) => sum + length, 0)

function weights(seed: number): Float32Array<ArrayBuffer> {
  const random = new Random(seed, 0)
  return Float32Array.from({ length: COUNT }, () => (random.uniform() - 0.5) * 2 ** (random.below(9) - 6))
}

function rounded(seed: number): Float32Array<ArrayBuffer> {
  const values = weights(seed)
  roundWeights(values, LAYOUT)
  return values
}

/** A file by hand: one matrix of three rows and two outputs, and a bias. */
function file(scales: readonly number[], integers: readonly number[] = [1, -2, 127, -128, 0, 5], change: object = {}) {
  const header = {
    __metadata__: { format: 'inkling', version: '1' },
    'w.scale': { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    b: { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
    w: { dtype: 'I8', shape: [3, 2], data_offsets: [16, 22] },
    ...change,
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = new Uint8Array(8)
  new DataView(length.buffer).setUint32(0, json.length, true)
  const data = joinTensors([Float32Array.from(scales), Float32Array.of(0.5, -1), Int8Array.from(integers)])
  return new Uint8Array([...length, ...json, ...data])
}

const BY_HAND = [
  { name: 'w', shape: [3, 2], length: 6 },
  { name: 'b', shape: [2], length: 2 },
]

function refusal(bytes: Uint8Array): string {
  try {
    decodeTensors(bytes, BY_HAND)
    return 'accepted'
  } catch (error) {
    const { code, message } = error as WeightsError
    return `${code}: ${message}`
  }
}

describe('a file in 8 bits', () => {
  test('is f32 when it is read: each integer times the scale of its output, rounded once', () => {
    const [tenth, third] = [Math.fround(0.1), Math.fround(1 / 3)]
    const values = new Float32Array(decodeTensors(file([0.1, 1 / 3]), BY_HAND).buffer)
    const expected = [tenth, -2 * third, Math.fround(127 * tenth), Math.fround(-128 * third), 0, Math.fround(5 * third)]
    expect([...values]).toEqual([...expected, 0.5, -1])
    const shifted = new Uint8Array([1, ...file([0.1, 1 / 3])]).subarray(1) // at no multiple of 4
    expect([...new Float32Array(decodeTensors(shifted, BY_HAND).buffer)]).toEqual([...values])
  })

  test.each([
    [[Number.NaN, 1], 'not_finite'],
    [[1, Number.POSITIVE_INFINITY], 'not_finite'],
    [[1, 0], 'out_of_range: weights: scale 1 of w is not between'],
    [[-0.5, 1], 'out_of_range: weights: scale 0 of w'],
    [[1e-40, 1], 'out_of_range'],
    [[1, 8000], 'out_of_range'],
  ])('with scales %j is refused: %s', (scales, expected) => {
    expect(refusal(file(scales))).toContain(expected)
  })

  test.each([
    ['with a scale for each input', { 'w.scale': { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, 'bad_shape'],
    ['with scales in 16 bits', { 'w.scale': { dtype: 'F16', shape: [2], data_offsets: [0, 8] } }, 'bad_dtype'],
    ['without scales', { 'w.scale': undefined }, 'bad_tensors'],
    ['of another shape', { w: { dtype: 'I8', shape: [2, 3], data_offsets: [16, 22] } }, 'bad_shape'],
    ['with integers before the scales', { w: { dtype: 'I8', shape: [3, 2], data_offsets: [0, 6] } }, 'bad_offsets'],
    ['with a bias in 8 bits', { b: { dtype: 'I8', shape: [2], data_offsets: [8, 16] } }, 'bad_dtype'],
    ['without sign', { w: { dtype: 'U8', shape: [3, 2], data_offsets: [16, 22] } }, 'bad_dtype'],
  ])('%s is refused', (_what, change, code) => {
    expect(refusal(file([1, 1], undefined, change))).toContain(code)
  })

  test('is refused where a byte is missing or too many', () => {
    expect(refusal(file([1, 1]).subarray(0, -1))).toBe('bad_offsets: weights: 21 bytes of data, 22 expected')
    expect(refusal(file([1, 1], [1, 2, 3, 4, 5, 6, 7]))).toContain('bad_offsets')
  })

  test('is written where that loses no bit, matrix by matrix, and comes back bit for bit', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const values = rounded(seed)
      const stored = encodeTensors(LAYOUT, bytesOf(values))
      expect(sameBits(decodeTensors(stored, LAYOUT), bytesOf(values))).toBe(true)
      const dtypes = [...new TextDecoder().decode(stored.subarray(8)).matchAll(/"([\w.]+)":\{"dtype":"(\w+)"/g)]
      expect(dtypes.map(([, name, dtype]) => `${name} ${dtype}`).join()).toBe(
        '0.weight.scale F32,0.bias F32,2.weight.scale F32,3.weight F32,3.bias F32,0.weight I8,2.weight I8',
      )
      // one bit of one weight, and its matrix is f32
      values[LAYOUT[2].offset] += 1e-6
      const learned = encodeTensors(LAYOUT, bytesOf(values))
      expect(sameBits(decodeTensors(learned, LAYOUT), bytesOf(values))).toBe(true)
      expect(learned.length - stored.length).toBeGreaterThan(2.9 * 4200)
    }
  })

  test('is not written where a zero is negative: the bits would change', () => {
    const values = rounded(1)
    values[0] = -0
    expect(sameBits(decodeTensors(encodeTensors(LAYOUT, bytesOf(values)), LAYOUT), bytesOf(values))).toBe(true)
  })
})

describe('rounded weights', () => {
  test('are at most half a step from those that they were, and a second rounding changes nothing', () => {
    const [before, after] = [weights(3), rounded(3)]
    for (const { name, shape, offset, length } of LAYOUT) {
      const outputs = shape[shape.length - 1]
      const isRounded = name === '0.weight' || name === '2.weight'
      for (let i = offset; i < offset + length; i++) {
        if (!isRounded) expect(after[i]).toBe(before[i])
        const column = Array.from(
          { length: length / outputs },
          (_, row) => offset + row * outputs + ((i - offset) % outputs),
        )
        const step = Math.max(...column.map((at) => Math.abs(before[at]))) / 127
        if (Math.abs(after[i] - before[i]) > 0.5001 * step) expect(i).toBe('near')
      }
    }
    const twice = after.slice()
    roundWeights(twice, LAYOUT)
    expect(twice).toEqual(after)
  })

  test('of an output of zeros are zeros, none of them negative', () => {
    const values = new Float32Array(COUNT)
    values.fill(-1e-30, 3, 43)
    values[80] = 1
    roundWeights(values, LAYOUT)
    expect(values.some((value) => Object.is(value, -0))).toBe(false)
    expect(values.reduce((sum, value) => sum + Math.abs(value), 0)).toBeCloseTo(1, 5)
    expect(sameBits(decodeTensors(encodeTensors(LAYOUT, bytesOf(values)), LAYOUT), bytesOf(values))).toBe(true)
  })
})
