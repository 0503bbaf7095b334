/** The memory layout of a network in the arena. */

import { isPooled, takesZeros, worksInPlace } from './arrangement.ts'
import { type LayerSpec, layerShapes, layerType } from './layer.ts'
import { parameterCount, parameterLayout } from './layout.ts'
import { GROUP_BYTES, type PooledPlaces, pooledGroup } from './pooled-conv.ts'
import { size } from './shape.ts'
import type { StageSetup } from './stage.ts'

/** Offsets in the arena, bytes. */
export interface Plan {
  readonly group: number // images that go through the layers together
  readonly parametersAt: number
  readonly gradientsAt: number
  readonly bytesAt: number
  readonly inputsAt: number
  readonly outputsAt: number
  readonly gradients: readonly [number, number] // two buffers that take turns as dy and dx
  readonly pooled: PooledPlaces
  readonly stages: readonly StageSetup[]
}

/**
 * Allocates all buffers. In training each layer has an output of its own, for the backward pass; otherwise two buffers alternate.
 * @param layers in `computationOrder`
 * @param allocate takes a number of bytes, returns the offset of the first
 */
export function plan(
  layers: readonly LayerSpec[],
  batch: number,
  training: boolean,
  allocate: (bytes: number) => number,
): Plan {
  const shapes = layerShapes(layers)
  const layout = parameterLayout(layers)
  const floats = (count: number) => allocate(count * 4)
  const count = parameterCount(layers)
  // shape of the output of layer i; for a convolution followed by a pooling, that of the pooling
  const handedOn = (i: number) => shapes[isPooled(layers, i) ? i + 2 : i + 1]
  const sizes = layers.map((_, i) => size(handedOn(i)))
  const group = training ? batch : Math.min(batch, groupSize(Math.max(...sizes)))
  const largest = group * Math.max(size(shapes[0]), ...sizes)
  const pooled = shapes.slice(1).filter((_, i) => isPooled(layers, i))
  const images = Math.min(group, ...pooled.map((shape) => pooledGroup(shape)))
  const widest = Math.max(...shapes.map(({ channels }) => channels))
  const inputs = size(shapes[0])

  const parametersAt = floats(count)
  const gradientsAt = training ? floats(count) : 0
  const bytesAt = allocate(batch * inputs)
  const scratches = layers.map((layer, i) => layerType(layer).scratch?.(layer, shapes[i], training) ?? 0)
  const scratch = allocate(Math.max(0, ...scratches))
  const [noBias, noBiasGradient] = lacksBias(layers) ? [floats(widest), floats(widest)] : [0, 0]
  const turns = training ? [] : [floats(largest), floats(largest)]
  const fresh = (length: number, not: number) => (training ? floats(length) : turns[0] === not ? turns[1] : turns[0])

  const most = images * Math.max(0, ...pooled.map(size))
  const [at, gradientAt] = pooled.length > 0 ? [floats(most), training ? floats(most) : 0] : [0, 0]

  let x = fresh(group * inputs, 0)
  const inputsAt = group < batch ? floats(batch * inputs) : x
  const stages = layers.map((layer, i): StageSetup => {
    const done = isPooled(layers, i - 1)
    const y = done || worksInPlace(layers, i) ? x : fresh(group * sizes[i], x)
    const [parameters, gradients]: Record<string, number>[] = [{ bias: noBias }, { bias: noBiasGradient }]
    for (const { role, offset } of layout.filter((parameter) => parameter.layer === i)) {
      parameters[role] = parametersAt + offset * 4
      gradients[role] = gradientsAt + offset * 4
    }
    // a convolution followed by a pooling has the buffers of the pooling
    const owner = isPooled(layers, i) ? layers[i + 1] : layer
    const needs = {
      input: shapes[i],
      output: handedOn(i),
      images: group,
      learns: training,
      zeros: takesZeros(layers, i),
    }
    const buffers = done ? {} : (layerType(owner).buffers?.(owner, needs) ?? {})
    const stage = {
      number: i,
      input: shapes[i],
      output: shapes[i + 1],
      x,
      y,
      learns: training,
      scratch,
      buffers: Object.fromEntries(Object.entries(buffers).map(([name, bytes]) => [name, allocate(bytes)])),
      parameters,
      gradients,
    }
    x = y
    return stage
  })
  const gradients: [number, number] = training ? [floats(largest), floats(largest)] : [0, 0]
  const outputsAt = group < batch ? floats(batch * size(shapes[layers.length])) : x
  const places = { group, parametersAt, gradientsAt, bytesAt, inputsAt, outputsAt, gradients, stages }
  return { ...places, pooled: { images, at, gradientAt } }
}

// Images that go through the layers together outside of training: as many as fit the second-level cache with `most` values each, in
// tiles of four; at least two tiles, so that both use weights that were read once.
function groupSize(most: number): number {
  return Math.max(8, Math.floor(GROUP_BYTES / (most * 4)) & ~3)
}

// Whether any layer has weights but no bias: its kernel adds zeros instead.
function lacksBias(layers: readonly LayerSpec[]): boolean {
  const roles = layers.map((_, i) => parameterLayout(layers).flatMap(({ layer, role }) => (layer === i ? [role] : [])))
  return roles.some((ofLayer) => ofLayer.includes('weight') && !ofLayer.includes('bias'))
}
