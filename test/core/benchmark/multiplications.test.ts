/** The products that kernels compute, counted one by one by the formulas of their contract. */

import { describe, expect, test } from 'vitest'
import { isMultiplying, workOf } from '../../../core/benchmark/multiplications.ts'
import { type Case, placeCase } from '../../../core/kernels/case.ts'
import { convCases } from '../../../core/kernels/cases/conv.ts'
import { denseCases } from '../../../core/kernels/cases/dense.ts'
import { allCases } from '../../../core/kernels/cases.ts'
import { allBackends } from '../backends.ts'

const [typescript] = allBackends(1_048_576)

function counted(tested: Case): number {
  const mark = typescript.arena.mark()
  const { arguments: values } = placeCase(typescript, tested)
  const work = workOf(tested, typescript.arena, values)
  typescript.arena.release(mark)
  return work
}

// Products within the image, of which the factor that is walked is not zero.
function products(tested: Case, operand: number, side: 'inputs' | 'outputs'): number {
  const mark = typescript.arena.mark()
  const { arguments: values } = placeCase(typescript, tested)
  const [N, H, W, I, O, K] = tested.args.filter((arg) => typeof arg === 'number')
  const channels = side === 'inputs' ? I : O
  const factors = typescript.arena.f32(values[operand], N * H * W * channels)
  let sum = 0
  for (let n = 0; n < N; n++)
    for (let h = 0; h < H; h++)
      for (let w = 0; w < W; w++)
        for (let ky = 0; ky < K; ky++)
          for (let kx = 0; kx < K; kx++) {
            const [row, column] = [h + ky - (K - 1) / 2, w + kx - (K - 1) / 2]
            if (row < 0 || row >= H || column < 0 || column >= W) continue
            const [y, x] = side === 'inputs' ? [row, column] : [h, w]
            for (let c = 0; c < channels; c++)
              if (factors[((n * H + y) * W + x) * channels + c] !== 0) sum += side === 'inputs' ? O : I
          }
  typescript.arena.release(mark)
  return sum
}

describe('the work of a convolution', () => {
  for (const [I, O, K] of [
    [1, 3, 3],
    [2, 5, 3],
    [3, 2, 5],
  ]) {
    const [forward, input, weight] = convCases([2, 5, 4, I, O, K], 'ink', true)

    test(`of ${I} to ${O} channels, ${K}x${K}, is the products within the image whose walked factor is not zero`, () => {
      expect(counted(forward)).toBe(products(forward, 1, 'inputs'))
      expect(counted(input)).toBe(products(input, 1, 'outputs'))
      expect(counted(weight)).toBe(I === 1 ? products(weight, 2, 'inputs') : products(weight, 3, 'outputs'))
    })

    test(`of ${I} to ${O} channels, ${K}x${K}, is less than half of all products where 81 % of the inputs are zero`, () => {
      expect(counted(forward)).toBeGreaterThan(0)
      expect(counted(forward)).toBeLessThan(forward.work / 2)
    })
  }
})

describe('the work of a dense layer', () => {
  const cases = denseCases(3, 40, 7, 'ink')
  const named = (kernel: string) => cases.find((one) => one.kernel === kernel) as Case

  test('is every product in dense kernels, and the products of the listed inputs in sparse ones', () => {
    expect(counted(named('denseForward'))).toBe(3 * 40 * 7)
    const x = named('denseForward')
    const mark = typescript.arena.mark()
    const { arguments: values } = placeCase(typescript, x)
    const inked = typescript.arena.f32(values[1], 120).reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0)
    typescript.arena.release(mark)
    expect(inked).toBeGreaterThan(5)
    expect(counted(named('denseForwardSparse'))).toBeCloseTo(inked * 7, 6)
  })
})

test('the kernels whose work is compared with the peak are the dense ones, the convolutions and the peak’s own', () => {
  const names = new Set(allCases().flatMap((one) => (isMultiplying(one) ? [one.kernel] : [])))
  expect([...names].filter((name) => !/^(dense|conv|geometric)/.test(name))).toEqual([])
  expect(names.size).toBe(10)
})
