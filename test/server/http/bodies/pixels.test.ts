/** `pixels` of a prediction as clients have them: any nesting, any length of numbers, 0..1 and 0..255. */

import { describe, expect, it } from 'vitest'
import type { PredictResponse, Problem } from '../../../../core/protocol.ts'
import { testApp } from '../application.ts'

const { predict } = testApp()

/** A 28x28 field with a vertical bar whose ink varies, 0..255. */
const LEVELS = Array.from({ length: 784 }, (_, k) =>
  k % 28 >= 12 && k % 28 < 16 && k > 84 && k < 700 ? 200 + (k % 56) : 0,
)
const rows = (values: readonly unknown[]) => Array.from({ length: 28 }, (_, y) => values.slice(28 * y, 28 * y + 28))

async function inputOf(pixels: unknown, indent?: number) {
  const response = await predict(JSON.stringify({ pixels }, null, indent), 'application/json', '?input=1')
  if (response.status !== 200) throw new Error(await response.text())
  return ((await response.json()) as PredictResponse).input
}

async function refusal(pixels: unknown): Promise<string> {
  const response = await predict(JSON.stringify({ pixels }))
  const { code, detail } = (await response.json()) as Problem
  expect([response.status, code, detail.length <= 120]).toEqual([422, 'bad_pixels', true])
  return detail
}

describe('pixels are taken', () => {
  it('as 784 numbers, 28x28, 1x784, 784x1, 1x28x28, 28x28x1, 1x28x28x1 and 1x1x28x28: all the same input', async () => {
    const expected = await inputOf(LEVELS)
    const square = rows(LEVELS)
    const deep = square.map((row) => row.map((value) => [value]))
    const forms = [square, [LEVELS], LEVELS.map((value) => [value]), [square], deep, [deep], [[square]]]
    for (const form of forms) expect(await inputOf(form)).toEqual(expected)
  })

  it('as levels 0..255, and as the same divided by 255', async () => {
    expect(await inputOf(LEVELS.map((level) => level / 255))).toEqual(await inputOf(LEVELS))
    expect(await inputOf(LEVELS.map((level) => level + 0.4))).toEqual(await inputOf(LEVELS))
  })

  it('as 0 and 1, which are no levels', async () => {
    const binary = LEVELS.map((level) => Math.sign(level))
    expect(await inputOf(binary)).toEqual(await inputOf(binary.map((ink) => 255 * ink)))
  })

  it('as float64 in 28 lists of 28 of one number, indented by 4: 64,000 bytes', async () => {
    const doubles = LEVELS.map((level, k) => level / 256 + 0.001 + k / 784e6)
    const nested = rows(doubles).map((row) => row.map((value) => [value]))
    const size = JSON.stringify({ pixels: nested }, null, 4).length
    expect(size).toBeGreaterThan(40_000)
    expect(await inputOf(nested, 4)).toHaveLength(784)
  })
})

describe('pixels are refused with', () => {
  it('the shape that came', async () => {
    expect(await refusal(LEVELS.slice(1))).toContain('got a list of 783')
    expect(await refusal(rows(LEVELS).slice(1))).toContain('got 27x28')
    expect(await refusal(rows(LEVELS).map((row) => row.map((value) => [value, value, value])))).toContain('got 28x28x3')
    expect(await refusal([])).toContain('got a list of 0')
    expect(await refusal(LEVELS.concat(LEVELS))).toContain('got a list of 1568')
    expect(await refusal({ 0: 1 })).toContain('must be a list')
    expect(await refusal('0'.repeat(784))).toContain('must be a list')
  })

  it('what is uneven, however it is', async () => {
    const uneven = rows(LEVELS)
    uneven[5] = uneven[5].slice(1)
    expect(await refusal(uneven)).toContain('the same length')
    uneven[6] = [...uneven[6], 0]
    expect(await refusal(uneven)).toContain('the same length')
    expect(await refusal([...rows(LEVELS).slice(1), LEVELS])).toContain('the same length')
    expect(await refusal(LEVELS.with(3, [0] as never))).toContain('number 3 (row 0, column 3, from 0) is not')
  })

  it('the place of a number that is none, below 0, above 255, or of neither range', async () => {
    expect(await refusal(LEVELS.with(400, null as never))).toContain('number 400 (row 14, column 8, from 0)')
    expect(await refusal(rows(LEVELS.with(400, -1)))).toContain('below 0 at number 400 (row 14, column 8')
    expect(await refusal(LEVELS.with(783, 256))).toContain('above 255 at number 783 (row 27, column 27')
    const ink = LEVELS.map((level) => level / 255)
    expect(await refusal(ink.with(0, 1.0001))).toContain('more than 1 and less than 2 at number 0')
  })
})
