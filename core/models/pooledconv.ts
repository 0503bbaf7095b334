/**
 * A convolution and the pooling of its output, computed together: a few images at a time, so that the large values between
 * the two stay in the cache, and need no memory for a whole batch.
 */

import type { Backend } from '../backend/backend.ts'
import { type LayerSpec, type Shape, size } from './layer.ts'
import type { Stage, StagePlaces } from './stage.ts'

/** Bytes of values that images go through layers with: the least second cache of a phone. */
export const GROUP_BYTES = 262_144

/** Images that should go through together; `between` are the values of one after the convolution. */
export function pooledGroup(between: Shape): number {
  return Math.max(1, Math.floor(GROUP_BYTES / (size(between) * 4)))
}

/** Whether layer i is a convolution that a pooling follows. */
export function isPooled(layers: readonly LayerSpec[], i: number): boolean {
  return layers[i]?.type === 'conv' && layers[i + 1]?.type === 'maxpool'
}

/**
 * Sets up a convolution and the pooling after it; `places` are the convolution's, with the pooling's y and which.
 * @param sides of the kernel and of the window
 * @param group images that `places.between` and `places.betweenGradient` have room for
 */
export function createPooledConv(
  { kernels }: Backend,
  [K, S]: readonly [number, number],
  [input, between, output]: readonly [Shape, Shape, Shape],
  places: StagePlaces,
  group: number,
): Stage {
  const { x, y, which, scratch, parameters: p, gradients: g, between: z, betweenGradient: dz } = places
  const { height: H, width: W, channels: I } = input
  const O = between.channels
  const [inputBytes, outputs] = [size(input) * 4, size(output)]

  return {
    forward(n) {
      for (let from = 0; from < n; from += group) {
        const m = Math.min(group, n - from)
        kernels.convForward(z, x + from * inputBytes, p.weight, p.bias, scratch, m, H, W, I, O, K)
        kernels.maxPoolForward(y + from * outputs * 4, which + from * outputs, z, m, H, W, O, S)
      }
    },

    backward(dx, dy, n) {
      for (let from = 0; from < n; from += group) {
        const m = Math.min(group, n - from)
        kernels.maxPoolBackward(dz, dy + from * outputs * 4, which + from * outputs, m, H, W, O, S)
        kernels.convBackwardWeight(g.weight, g.bias, x + from * inputBytes, dz, scratch, m, H, W, I, O, K)
        if (dx) kernels.convBackwardInput(dx + from * inputBytes, dz, p.weight, scratch, m, H, W, I, O, K)
      }
    },
  }
}
