/** The layout of a network's parameters in its flat buffer, and their values before training. */

import type { Random } from '../random.ts'
import { type LayerSpec, layerShapes, layerType } from './layer.ts'
import type { ParameterSpec } from './layers/layer-type.ts'
import type { Tensor } from './tensor.ts'

/** A tensor of the flat buffer. Its name is the layer's number and the role. */
export interface Parameter extends Tensor, ParameterSpec {
  readonly layer: number
  readonly shape: readonly number[]
}

/**
 * The parameters of these layers, in file order: weights [in][out] or [K][K][in][out], then bias, layer by layer; then the running
 * statistics of batch normalisations, which gradients do not change.
 */
export function parameterLayout(layers: readonly LayerSpec[]): Parameter[] {
  const shapes = layerShapes(layers)
  const specs = layers.flatMap((layer, i) =>
    layerType(layer)
      .parameters(layer, shapes[i])
      .map((spec) => ({ ...spec, layer: i })),
  )
  const ordered = [...specs.filter(({ statistic }) => !statistic), ...specs.filter(({ statistic }) => statistic)]
  let end = 0
  return ordered.map((spec) => {
    const length = spec.shape.reduce((product, size) => product * size, 1)
    const offset = end
    end += length
    return { ...spec, name: `${spec.layer}.${spec.role}`, offset, length }
  })
}

/** Number of parameters of these layers, running statistics included. */
export function parameterCount(layers: readonly LayerSpec[]): number {
  return parameterLayout(layers).reduce((sum, { length }) => sum + length, 0)
}

/** Number of parameters that gradients change; they come first in the buffer. */
export function trainableCount(layers: readonly LayerSpec[]): number {
  return parameterLayout(layers).reduce((sum, { length, statistic }) => sum + (statistic ? 0 : length), 0)
}

/**
 * Writes initial values into the flat buffer: weights uniform in +-sqrt(gain / inputs), with the gain of the next layer that has
 * one; others as their layer type says. Multiples of 2^-31 of a sqrt that is rounded once, so the same everywhere.
 */
export function initialize(parameters: Float32Array, layers: readonly LayerSpec[], random: Random): void {
  for (const { layer, shape, start, offset, length } of parameterLayout(layers)) {
    const values = parameters.subarray(offset, offset + length)
    if (start !== 'random') {
      values.fill(start)
      continue
    }
    const bound = Math.sqrt(gainAfter(layers, layer) / (length / shape[shape.length - 1]))
    for (let i = 0; i < length; i++) values[i] = bound * (2 * random.uniform() - 1)
  }
}

function gainAfter(layers: readonly LayerSpec[], i: number): number {
  const gains = layers.slice(i + 1).map((layer) => layerType(layer).gain)
  return gains.find((gain) => gain !== 'next') ?? 1
}
