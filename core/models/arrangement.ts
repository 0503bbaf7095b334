/** What layers mean for their neighbours: the order they are computed in, and which of them share memory or see zeros. */

import { type LayerSpec, layerType } from './layer.ts'

/** The order in which layers are computed: a relu after the pooling that follows it, where there is less to do. Same bits. */
export function computationOrder(layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const order = [...layers]
  for (let i = 1; i < order.length; i++) {
    if (order[i - 1].type === 'relu' && order[i].type === 'maxpool') [order[i - 1], order[i]] = [order[i], order[i - 1]]
  }
  return order
}

/** Whether layer i is a convolution that a pooling follows: the two are computed together. */
export function isPooled(layers: readonly LayerSpec[], i: number): boolean {
  return layers[i]?.type === 'conv' && layers[i + 1]?.type === 'maxpool'
}

/** Whether the output of layer i takes the place of its input, and leaves what the layers before need of theirs. */
export function worksInPlace(layers: readonly LayerSpec[], i: number): boolean {
  const { inPlace } = layerType(layers[i])
  if (i === 0 || inPlace === 'no') return false
  for (let j = i - 1; ; j--) {
    const { outputRead } = layerType(layers[j])
    if (outputRead === 'values' || (outputRead === 'sign' && inPlace === 'sparing nothing')) return false
    if (!worksInPlace(layers, j)) return true
  }
}

/** Whether many inputs of layer i are zero: those of a picture, and what a relu made zero. */
export function takesZeros(layers: readonly LayerSpec[], i: number): boolean {
  const before = layers.slice(0, i).map((layer) => layerType(layer).zeros)
  return (before.findLast((zeros) => zeros !== 'kept') ?? 'made') === 'made'
}
