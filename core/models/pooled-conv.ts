/**
 * A convolution and the pooling of its output, computed together, a few images at a time: the many values between them stay in the
 * cache and need no memory for a whole batch.
 */

import type { Backend } from '../backend/backend.ts'
import type { ConvSpec } from './layers/conv.ts'
import type { MaxPoolSpec } from './layers/maxpool.ts'
import { type Shape, size } from './shape.ts'
import type { Stage, StageSetup } from './stage.ts'

/** Bytes of values per group of images: the smallest second-level cache of a phone. */
export const GROUP_BYTES = 262_144

/** Number of images to compute together; `between` is the shape of one after the convolution. */
export function pooledGroup(between: Shape): number {
  return Math.max(1, Math.floor(GROUP_BYTES / (size(between) * 4)))
}

/** Memory for the values between a convolution and its pooling, shared by all such pairs of a network. */
export interface PooledPlaces {
  readonly images: number // there is room for
  readonly at: number // f32[images, shape between], offset in bytes
  readonly gradientAt: number // the same for its gradient; 0 if not for training
}

/** Creates the stage of a convolution and its pooling. The setup is the convolution's, with the pooling's y and buffers. */
export function createPooledConv(
  { kernels }: Backend,
  [{ outputs: O, kernel: K }, { size: S }]: readonly [ConvSpec, MaxPoolSpec],
  { input, x, y, buffers: { which = 0 }, scratch, parameters: p, gradients: g }: StageSetup,
  output: Shape,
  { images, at: z, gradientAt: dz }: PooledPlaces,
): Stage {
  const { height: H, width: W, channels: I } = input
  const [inputBytes, outputs] = [size(input) * 4, size(output)]

  return {
    forward(n) {
      for (let from = 0; from < n; from += images) {
        const m = Math.min(images, n - from)
        kernels.convForward(z, x + from * inputBytes, p.weight, p.bias, scratch, m, H, W, I, O, K, S)
        kernels.maxPoolForward(y + from * outputs * 4, which && which + from * outputs, z, m, H, W, O, S)
      }
    },

    backward(dx, dy, n) {
      for (let from = 0; from < n; from += images) {
        const m = Math.min(images, n - from)
        kernels.maxPoolBackward(dz, dy + from * outputs * 4, which + from * outputs, m, H, W, O, S)
        kernels.convBackwardWeight(g.weight, g.bias, x + from * inputBytes, dz, scratch, m, H, W, I, O, K)
        if (dx) kernels.convBackwardInput(dx + from * inputBytes, dz, p.weight, scratch, m, H, W, I, O, K)
      }
    },
  }
}
