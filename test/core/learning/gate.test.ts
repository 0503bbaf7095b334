/** The gate and the plausibility of labels, on small numbers. */

import { describe, expect, test } from 'vitest'
import { gateReport } from '../../../core/learning/gate.ts'
import { isPlausible } from '../../../core/learning/plausibility.ts'
import { NOT_A_DIGIT } from '../../../core/learning/round.ts'

const tally = (right: number[]) => ({ images: new Uint32Array(10).fill(500), right: Uint32Array.from(right) })
const SHIPPED = tally(new Array(10).fill(490))
const candidate = (...changes: [number, number][]) => {
  const right = new Array<number>(10).fill(490)
  for (const [c, by] of changes) right[c] += by
  return gateReport('replay', SHIPPED, tally(right))
}

describe('the gate', () => {
  test('lets a candidate pass that loses 0.1 points overall', () => {
    expect(candidate([3, -5])).toMatchObject({
      passed: true,
      images: 5000,
      reason: 'it loses 0.10 points of 0.10 points allowed',
    })
  })

  test('refuses one that loses more', () => {
    expect(candidate([3, -6])).toMatchObject({ passed: false, reason: 'it loses 0.12 points, 0.10 points are allowed' })
  })

  test('refuses one that loses more than 1 point on a digit, however much it gains on others', () => {
    expect(candidate([3, -6], [4, 10], [5, 10])).toMatchObject({
      passed: false,
      reason: 'it loses 1.20 points on the 3, 1.00 points are allowed',
    })
    expect(candidate([3, -5], [4, 10]).passed).toBe(true)
  })
})

describe('a label', () => {
  const of = (...values: [number, number][]) => {
    const p = new Float32Array(10)
    for (const [c, value] of values) p[c] = value
    return p
  }

  test('is believed when it is one of the three most probable and at least 0.1 % probable', () => {
    const p = of([1, 0.9], [7, 0.05], [2, 0.04], [9, 0.01])
    expect([1, 7, 2].every((label) => isPlausible(label, p, []))).toBe(true)
    expect(isPlausible(9, p, [])).toBe(false)
    expect(isPlausible(7, of([1, 0.9995], [7, 0.0005]), [])).toBe(false)
  })

  test('is believed when another model says so too', () => {
    const sure = of([1, 1])
    expect(isPlausible(7, sure, [of([1, 1]), of([7, 0.6], [1, 0.4])])).toBe(true)
    expect(isPlausible(7, sure, [of([1, 0.6], [7, 0.4])])).toBe(false)
  })

  test('"not a digit" is believed where the model is less than 90 % sure', () => {
    expect(isPlausible(NOT_A_DIGIT, of([1, 0.85], [2, 0.15]), [])).toBe(true)
    expect(isPlausible(NOT_A_DIGIT, of([1, 0.95], [2, 0.05]), [])).toBe(false)
  })
})
