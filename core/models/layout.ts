/** Where the parameters of a network lie in its flat buffer, and what they are before training. */

import type { Random } from '../random.ts'
import { type LayerSpec, layerShapes } from './layer.ts'
import type { Tensor } from './tensor.ts'

/**
 * Names, shapes and places of the parameters of these layers, in file order: weights [in][out] or [K][K][in][out], then
 * bias, layer by layer; the running statistics of batch normalisations, which no gradient changes, come last.
 */
export function parameterLayout(layers: readonly LayerSpec[]): Tensor[] {
  const shapes = layerShapes(layers)
  const tensors: Tensor[] = []
  let offset = 0
  const add = (name: string, ...shape: number[]) => {
    const length = shape.reduce((product, size) => product * size, 1)
    tensors.push({ name, shape, offset, length })
    offset += length
  }
  for (const [i, layer] of layers.entries()) {
    if (layer.type === 'dense') add(`${i}.weight`, layer.inputs, layer.outputs)
    if (layer.type === 'conv') add(`${i}.weight`, layer.kernel, layer.kernel, layer.inputs, layer.outputs)
    if (layer.type === 'batchnorm') add(`${i}.weight`, shapes[i].channels)
    if (layer.type === 'conv' || layer.type === 'batchnorm' || (layer.type === 'dense' && layer.bias !== false)) {
      add(`${i}.bias`, shapes[i + 1].channels)
    }
  }
  for (const [i, layer] of layers.entries()) {
    if (layer.type !== 'batchnorm') continue
    add(`${i}.mean`, shapes[i].channels)
    add(`${i}.variance`, shapes[i].channels)
  }
  return tensors
}

/** Number of parameters of these layers, running statistics included. */
export function parameterCount(layers: readonly LayerSpec[]): number {
  return parameterLayout(layers).reduce((sum, tensor) => sum + tensor.length, 0)
}

/** Number of parameters that training changes by their gradient: the first ones of the buffer. */
export function trainableCount(layers: readonly LayerSpec[]): number {
  const statistics = parameterLayout(layers).find(({ name }) => isStatistic(name))
  return statistics?.offset ?? parameterCount(layers)
}

/** Whether a tensor of this name holds running statistics. */
export function isStatistic(name: string): boolean {
  return /\.(mean|variance)$/.test(name)
}

/**
 * Random start into the flat buffer: weights uniform in +-sqrt(6 / inputs) where a relu follows (He et al. 2015), else in
 * +-sqrt(1 / inputs) (LeCun et al. 1998), biases and means 0, scales and variances 1. Multiples of 2^-31 of a sqrt
 * rounded once, so the same everywhere.
 */
export function initialize(parameters: Float32Array, layers: readonly LayerSpec[], random: Random): void {
  parameters.fill(0)
  for (const { name, shape, offset, length } of parameterLayout(layers)) {
    const values = parameters.subarray(offset, offset + length)
    const layer = Number.parseInt(name, 10)
    if (shape.length === 1) {
      if (name.endsWith('.variance') || (layers[layer].type === 'batchnorm' && name.endsWith('.weight'))) values.fill(1)
      continue
    }
    const bound = Math.sqrt((feedsRelu(layers, layer) ? 6 : 1) / (length / shape[shape.length - 1]))
    for (let i = 0; i < length; i++) values[i] = bound * (2 * random.uniform() - 1)
  }
}

// Whether the next activation after layer i, before any other weights, is a relu.
function feedsRelu(layers: readonly LayerSpec[], i: number): boolean {
  const next = layers.slice(i + 1).find(({ type }) => ['relu', 'sigmoid', 'dense', 'conv'].includes(type))
  return next?.type === 'relu'
}
