import { expect, test } from 'vitest'
import { matrixToCsv, shortestDecimal } from '../../../core/models/csv.ts'
import { philox } from '../../../core/random.ts'

test('every f32 is written in the fewest digits that read back as the same bits', () => {
  const [float, bits] = [new Float32Array(1), new Uint32Array(1)]
  for (let i = 0; i < 20_000; i++) {
    bits[0] = philox(1, 2, i)
    float.set(new Float32Array(bits.buffer))
    if (!Number.isFinite(float[0])) continue
    const text = shortestDecimal(float[0])
    expect(Math.fround(Number(text))).toBe(float[0])
    const digits = text
      .replace(/e.*/, '')
      .replace(/[-.]/g, '')
      .replace(/^0+|0+$/g, '').length
    if (digits > 1) expect(Math.fround(Number(float[0].toPrecision(digits - 1)))).not.toBe(float[0])
  }
  expect([0.1, 1 / 3, 1e-7, 0].map((value) => shortestDecimal(Math.fround(value)))).toEqual([
    '0.1',
    '0.33333334',
    '1e-7',
    '0',
  ])
})

test('a matrix is one line a row', () => {
  expect(matrixToCsv(Float32Array.of(1, 2.5, -3, 0, 0.25, 6), 3)).toBe('1,2.5,-3\n0,0.25,6\n')
})
