/** Plain JavaScript's kernels, the benchmark's opponent: the twins' results but for the last digits. */

import { describe, expect, test } from 'vitest'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import { plainBackend } from '../../../core/benchmark/plain/backend.ts'
import { plainConv } from '../../../core/benchmark/plain/conv.ts'
import { plainDense } from '../../../core/benchmark/plain/dense.ts'
import { plainElements } from '../../../core/benchmark/plain/elements.ts'
import { CASE_MEMORY, type Case, outcome } from '../../../core/kernels/case.ts'
import { allCases } from '../../../core/kernels/cases.ts'

const none = new ArrayBuffer(0)
const KERNELS = Object.keys({ ...plainDense(none), ...plainConv(none), ...plainElements(none) })

const plain = plainBackend(CASE_MEMORY)
const twin = typescriptBackend(CASE_MEMORY)

// Sums of integers are kept as such: their bits are not those of an f32.
const EXACT = ['distances']

/** The largest difference of the two, as a share of the twin's value or of 1 where that is smaller. */
function difference(tested: Case): number {
  const expected = outcome(twin, tested)
  let worst = 0
  for (const [k, bits] of outcome(plain, tested).entries()) {
    if (EXACT.includes(tested.kernel)) {
      if (bits.some((value, i) => value !== expected[k][i])) return Infinity
      continue
    }
    const wanted = new Float32Array(expected[k].buffer)
    for (const [i, value] of new Float32Array(bits.buffer).entries()) {
      const off = Math.abs(value - wanted[i]) / Math.max(1, Math.abs(wanted[i]))
      worst = Math.max(worst, Number.isNaN(off) ? Infinity : off)
    }
  }
  return worst
}

const cases = allCases().filter(
  ({ kernel, benchmark, title }) => KERNELS.includes(kernel) && (benchmark || / (normal|ink|relu)$/.test(title)),
)

describe('plain JavaScript', () => {
  test('has dense layers, convolutions, softmax, optimizers and distances of its own', () => {
    expect(KERNELS).toHaveLength(16)
    expect(new Set(cases.map(({ kernel }) => kernel)).size).toBe(16)
  })

  test.each(KERNELS)('%s agrees with the twin within 1e-4 on the benchmark’s shapes and on small ones', (kernel) => {
    const wrong = cases
      .filter((tested) => tested.kernel === kernel)
      .map((tested) => [tested.title, difference(tested)])
      .filter(([, off]) => Number(off) > 1e-4)
    expect(wrong).toEqual([])
  })

  test('and its peak, whose 10,000 rounds add up what a factor loses when it is rounded, within 1e-3', () => {
    const peak = allCases().filter(({ kernel, benchmark }) => kernel === 'geometric' && benchmark)
    expect(peak.length).toBeGreaterThan(0)
    for (const tested of peak) expect(difference(tested), tested.title).toBeLessThan(1e-3)
  })
})
