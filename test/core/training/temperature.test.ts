/** What is changed after training: the temperature that was put in is found, and few digits are taken for none. */

import { describe, expect, test } from 'vitest'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { Random } from '../../../core/random.ts'
import { fitOtherBias, withOtherBias } from '../../../core/training/other-bias.ts'
import { atTemperature, fitTemperature, takesTemperature } from '../../../core/training/temperature.ts'

const LAYERS: readonly LayerSpec[] = [
  { type: 'dense', inputs: 784, outputs: 3 },
  { type: 'relu' },
  { type: 'dense', inputs: 3, outputs: 11 },
]

/** Logits whose softmax is the truth, and labels drawn by it. */
function honest(count: number): { logits: Float32Array; labels: Uint8Array } {
  const random = new Random(5, 0)
  const logits = Float32Array.from({ length: count * 10 }, () => 6 * random.uniform())
  const labels = Uint8Array.from({ length: count }, (_, i) => {
    const odds = Array.from(logits.subarray(i * 10, (i + 1) * 10), Math.exp)
    const at = random.uniform() * odds.reduce((sum, odd) => sum + odd)
    return odds.findIndex((_, c) => at < odds.slice(0, c + 1).reduce((sum, odd) => sum + odd))
  })
  return { logits, labels }
}

describe('the temperature', () => {
  const { logits, labels } = honest(3000)

  test.each([1, 0.5, 2])('of logits that are %d times the honest ones is that, within 6 %%', (factor) => {
    const found = fitTemperature(
      logits.map((logit) => factor * logit),
      labels,
    )
    expect(Math.abs(found / factor - 1)).toBeLessThan(0.06)
  })

  test('is between 0.25 and 4, and a multiple of 0.001', () => {
    const wrong = labels.map((label) => (label + 1) % 10)
    const sure = Float32Array.from(logits, (_, i) => (labels[Math.floor(i / 10)] === i % 10 ? 1 : 0))
    expect(fitTemperature(sure, labels)).toBe(0.25)
    expect(fitTemperature(sure, wrong)).toBeCloseTo(4, 1)
  })
})

test('a network with eleven outputs takes a temperature, one with ten or with a last sigmoid does not', () => {
  expect(takesTemperature(LAYERS)).toBe(true)
  expect(takesTemperature([{ type: 'dense', inputs: 784, outputs: 10 }])).toBe(false)
  expect(takesTemperature([...LAYERS, { type: 'sigmoid' }])).toBe(false)
})

test('only weights and biases of the last layer are divided', () => {
  const parameters = Float32Array.from({ length: 784 * 3 + 3 + 33 + 11 }, (_, i) => i + 1)
  const scaled = atTemperature(parameters, LAYERS, 2)
  const last = 784 * 3 + 3
  expect(scaled.subarray(0, last)).toEqual(parameters.subarray(0, last))
  expect(scaled.subarray(last)).toEqual(parameters.subarray(last).map((value) => value / 2))
})

describe('the bias of OTHER', () => {
  test('is lowered until it takes at most 0.45 % of the digits', () => {
    // of 1,000 digits, 20 are taken, by margins of 0.1 to 2
    const margins = Float32Array.from({ length: 1000 }, (_, i) => (i < 20 ? (i + 1) / 10 : -1))
    const added = fitOtherBias(margins) ?? expect.fail('it stays')
    expect(added).toBeCloseTo(-1.601, 6)
    expect(margins.filter((margin) => margin + added > 0)).toHaveLength(4)
    expect(fitOtherBias(margins.map((margin) => (margin > 1.65 ? margin : -1)))).toBeUndefined()
    expect(fitOtherBias(new Float32Array())).toBeUndefined()
  })

  test('is the only value that changes, and none does where the layer has no biases', () => {
    const parameters = new Float32Array(784 * 3 + 3 + 33 + 11)
    const changed = withOtherBias(parameters, LAYERS, -0.5)
    expect(changed.at(-1)).toBe(-0.5)
    expect(changed.subarray(0, -1)).toEqual(parameters.subarray(0, -1))
    const bare: LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 11, bias: false }]
    expect(withOtherBias(new Float32Array(784 * 11), bare, -0.5)).toEqual(new Float32Array(784 * 11))
  })
})
