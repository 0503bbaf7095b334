import { describe, expect, test } from 'vitest'
import { fromFloats, toFloats } from '../../../core/models/floats.ts'
import { joinTensors, type TensorSpec } from '../../../core/models/tensor.ts'
import { DATA, MIXED, VALUES } from './tensors.ts'

const bytes: TensorSpec[] = [{ name: 'labels', shape: [2], length: 2, dtype: 'U8' }]

describe('a model as raw f32', () => {
  test('is read back bit for bit, integers too', () => {
    const file = toFloats(DATA, MIXED)
    expect(file.length).toBe(4 * 124)
    expect(joinTensors(fromFloats(file, MIXED))).toEqual(DATA)
  })

  test('of f32 only is its bytes', () => {
    const floats = MIXED.slice(0, 2)
    const data = joinTensors(VALUES.slice(0, 2))
    expect(toFloats(data, floats)).toEqual(data)
  })

  test('is refused where an integer is beyond what f32 holds exactly', () => {
    const data = joinTensors([Int32Array.of(16_777_217)])
    const links: TensorSpec[] = [{ name: 'links', shape: [1], length: 1, dtype: 'I32' }]
    expect(() => toFloats(data, links)).toThrow("links holds integers that f32 can't: choose another format")
  })

  test.each([
    ['a byte short', new Uint8Array(7), 'truncated'],
    ['a value long', new Uint8Array(12), 'bad_offsets'],
    ['of 256', new Uint8Array(Float32Array.of(1, 256).buffer), 'bad_number'],
    ['of 0.5', new Uint8Array(Float32Array.of(0.5, 6).buffer), 'bad_number'],
    ['of NaN', new Uint8Array(Float32Array.of(5, Number.NaN).buffer), 'bad_number'],
  ])('%s is refused where two bytes are due', (_, file, code) => {
    expect(() => fromFloats(file, bytes)).toThrow(expect.objectContaining({ code }))
  })
})
