/** Max-pooling: the largest value of each window. */

import { size as valuesOf } from '../shape.ts'
import { type LayerType, wholeNumber } from './layer-type.ts'

export interface MaxPoolSpec {
  readonly type: 'maxpool'
  readonly size: number // px, side of the window
}

export const maxpool: LayerType<MaxPoolSpec> = {
  fields: { size: wholeNumber(28) },

  outputShape({ size }, input) {
    const [height, width] = [Math.floor(input.height / size), Math.floor(input.width / size)]
    if (height === 0 || width === 0) return `pools ${size}x${size} of an image of ${input.height}x${input.width}`
    return { height, width, channels: input.channels }
  },

  parameters: () => [],

  gain: 'next',
  zeros: 'kept',
  outputRead: 'no',
  inPlace: 'no',

  // u8[images, output shape]: places of the largest values in their windows, for the backward pass
  buffers: (_, { output, images, learns }): Record<string, number> =>
    learns ? { which: images * valuesOf(output) } : {},

  stage({ kernels }, { size }, { input, x, y, buffers: { which = 0 } }) {
    const { height: H, width: W, channels: C } = input
    return {
      forward: (n) => kernels.maxPoolForward(y, which, x, n, H, W, C, size),
      backward: (dx, dy, n) => kernels.maxPoolBackward(dx, dy, which, n, H, W, C, size),
    }
  },
}
