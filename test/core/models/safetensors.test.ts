import { describe, expect, test } from 'vitest'
import { WeightsError } from '../../../core/models/errors.ts'
import { decodeSafetensors, decodeTensors, encodeTensors } from '../../../core/models/safetensors.ts'
import { checkTrained } from '../../../core/models/tensor.ts'
import { BAD, GOOD, HEADER, LAYOUT, VALUES, withHeader } from './bad-weights.ts'
import { DATA, MIXED } from './tensors.ts'

const code = (bytes: Uint8Array): string => {
  try {
    decodeSafetensors(bytes, LAYOUT)
    return 'accepted'
  } catch (error) {
    if (error instanceof WeightsError) return error.code
    throw error
  }
}

describe('a weights file', () => {
  test('gives back the values it was made from, bit for bit, and its data are aligned to 8 bytes', () => {
    expect(decodeSafetensors(GOOD, LAYOUT)).toEqual(VALUES)
    expect((GOOD.length - VALUES.length * 4) % 8).toBe(0)
    expect(code(withHeader(HEADER))).toBe('accepted')
  })

  test.each(BAD)('%s is refused', (_what, bytes, expected) => {
    expect(code(bytes)).toBe(expected)
  })

  test('with any one bit of its header flipped is refused, before any digest is compared', () => {
    for (let bit = 0; bit < (GOOD.length - 31_400) * 8; bit++) {
      const flipped = GOOD.slice()
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

  test('of zeros, or with a matrix of zeros, is refused as untrained', () => {
    const data = new Uint8Array(31_400)
    expect(() => checkTrained(data, LAYOUT)).toThrow(expect.objectContaining({ code: 'failed_selftest' }))
    expect(() => checkTrained(data.fill(1, 31_360), LAYOUT)).toThrow(
      expect.objectContaining({ code: 'failed_selftest' }),
    )
    expect(() => checkTrained(new Uint8Array(31_400).fill(1, 0, 4), LAYOUT)).not.toThrow()
  })

  test('read from the middle of a larger buffer is the same file', () => {
    const larger = new Uint8Array(GOOD.length + 5)
    larger.set(GOOD, 3)
    expect(decodeSafetensors(larger.subarray(3, 3 + GOOD.length), LAYOUT)).toEqual(VALUES)
  })
})
