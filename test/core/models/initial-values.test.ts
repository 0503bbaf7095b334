/** Initial values of parameters: the bounds of He and LeCun, computed here from the layers. */

import { expect, test } from 'vitest'
import type { LayerSpec } from '../../../core/models/layer.ts'
import { initialize, parameterCount, parameterLayout } from '../../../core/models/layout.ts'
import { Random } from '../../../core/random.ts'

const LAYERS: readonly LayerSpec[] = [
  { type: 'conv', kernel: 3, inputs: 1, outputs: 32 },
  { type: 'batchnorm' },
  { type: 'relu' },
  { type: 'conv', kernel: 5, inputs: 32, outputs: 16 },
  { type: 'maxpool', size: 2 },
  { type: 'relu' },
  { type: 'dense', inputs: 16 * 14 * 14, outputs: 40, bias: false },
  { type: 'batchnorm' },
  { type: 'dropout', rate: 0.5 },
  { type: 'relu' },
  { type: 'dense', inputs: 40, outputs: 30 },
  { type: 'sigmoid' },
  { type: 'dense', inputs: 30, outputs: 50 },
  { type: 'dense', inputs: 50, outputs: 10 },
]

/** Bound of the weights of each layer that has a matrix: 6 over the inputs of an output before a relu (He), else 1 over them (LeCun). */
const BOUNDS: Readonly<Record<string, number>> = {
  '0.weight': Math.sqrt(6 / 9),
  '3.weight': Math.sqrt(6 / (25 * 32)),
  '6.weight': Math.sqrt(6 / (16 * 14 * 14)),
  '10.weight': Math.sqrt(1 / 40),
  '12.weight': Math.sqrt(1 / 30),
  '13.weight': Math.sqrt(1 / 50),
}

/** Every tensor before training. */
function initial(seed = 4): Map<string, Float32Array> {
  const parameters = new Float32Array(parameterCount(LAYERS)).fill(7)
  initialize(parameters, LAYERS, new Random(seed, 0))
  return new Map(
    parameterLayout(LAYERS).map(({ name, offset, length }) => [name, parameters.subarray(offset, offset + length)]),
  )
}

test('weights before a relu are uniform in +-sqrt(6 / inputs), others in +-sqrt(1 / inputs): mean and variance within 5 standard errors', () => {
  const tensors = initial()
  for (const [name, bound] of Object.entries(BOUNDS)) {
    const values = tensors.get(name) ?? expect.fail(`there is no ${name}`)
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(largest, name).toBeLessThanOrEqual(Math.fround(bound))
    // the largest of n is below bound (1 - x) with a chance of (1 - x)^n
    expect(largest, name).toBeGreaterThan(bound * (1 - 12 / values.length))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length
    expect(Math.abs(mean), name).toBeLessThan((5 * bound) / Math.sqrt(3 * values.length))
    expect(Math.abs((3 * square) / bound ** 2 - 1), name).toBeLessThan(
      (5 * Math.sqrt(4 / 5)) / Math.sqrt(values.length),
    )
  }
})

test('biases and means are 0, scales and variances 1', () => {
  const tensors = [...initial()].filter(([name]) => !(name in BOUNDS))
  const biases = ['0.bias', '3.bias', '10.bias', '12.bias', '13.bias']
  const normalisations = ['weight', 'bias', 'mean', 'variance'].flatMap((name) => [`1.${name}`, `7.${name}`])
  expect(tensors.map(([name]) => name).sort()).toEqual([...biases, ...normalisations].sort())
  for (const [name, values] of tensors) {
    const one = name.endsWith('.variance') || name === '1.weight' || name === '7.weight'
    expect(new Set(values), name).toEqual(new Set([one ? 1 : 0]))
  }
})

test('the same seed gives the same bits, another seed other weights in every matrix', () => {
  const [first, again, other] = [initial(), initial(), initial(5)]
  expect(again).toEqual(first)
  for (const name of Object.keys(BOUNDS)) expect(other.get(name), name).not.toEqual(first.get(name))
})
