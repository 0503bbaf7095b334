/** The time it takes to refuse a CSV file that is not a matrix. */

import { expect, test } from 'vitest'
import { csvToTensor } from '../../../core/models/csv.ts'

test('20 MB without a comma or newline are refused within a second, at the best of three', () => {
  const csv = new Uint8Array(20_000_000).fill(0x31)
  const times = [1, 2, 3].map(() => {
    const started = performance.now()
    expect(() => csvToTensor(csv, { name: '0.weight', shape: [2, 3], length: 6 })).toThrow('a decimal number expected')
    return performance.now() - started
  })
  expect(Math.min(...times)).toBeLessThan(1000)
})
