/** How adjacent layers interact: the order they are computed in, which share memory, and which have sparse input. */

import { type LayerSpec, layerType } from './layer.ts'

/** The order in which layers are computed: a relu swaps places with a pooling after it, where it has fewer values. Same bits. */
export function computationOrder(layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const order = [...layers]
  for (let i = 1; i < order.length; i++) {
    if (order[i - 1].type === 'relu' && order[i].type === 'maxpool') [order[i - 1], order[i]] = [order[i], order[i - 1]]
  }
  return order
}

/** Whether layer i is a convolution followed by a pooling: the two are computed together. */
export function isPooled(layers: readonly LayerSpec[], i: number): boolean {
  return layers[i]?.type === 'conv' && layers[i + 1]?.type === 'maxpool'
}

/** Whether layer i can write its output over its input without destroying what backward passes of the layers before read. */
export function worksInPlace(layers: readonly LayerSpec[], i: number): boolean {
  const { inPlace } = layerType(layers[i])
  if (i === 0 || inPlace === 'no') return false
  for (let j = i - 1; ; j--) {
    const { outputRead } = layerType(layers[j])
    if (outputRead === 'values' || (outputRead === 'sign' && inPlace === 'sparing nothing')) return false
    if (!worksInPlace(layers, j)) return true
  }
}

/** Whether many inputs of layer i are zero: pixels of an image, and outputs of a relu. */
export function takesZeros(layers: readonly LayerSpec[], i: number): boolean {
  const before = layers.slice(0, i).map((layer) => layerType(layer).zeros)
  return (before.findLast((zeros) => zeros !== 'kept') ?? 'made') === 'made'
}
