/** The convolution with "same" borders. If a pooling follows, ../pooled-conv.ts computes both. */

import { convBackwardScratch, convScratch } from '../../kernels/contract/convolution.ts'
import { type LayerType, wholeNumber } from './layer-type.ts'

export interface ConvSpec {
  readonly type: 'conv'
  readonly inputs: number // channels
  readonly outputs: number // channels
  readonly kernel: number // px, odd
}

const side = wholeNumber(15)

export const conv: LayerType<ConvSpec> = {
  fields: {
    inputs: wholeNumber(4096),
    outputs: wholeNumber(4096),
    kernel: (value) => side(value) ?? (Number(value) % 2 === 0 ? 'be odd' : undefined),
  },

  outputShape({ inputs, outputs }, input) {
    if (inputs !== input.channels) return `takes ${inputs} channels, the layer before gives ${input.channels}`
    return { ...input, channels: outputs }
  },

  parameters: ({ inputs, outputs, kernel }) => [
    { role: 'weight', shape: [kernel, kernel, inputs, outputs], start: 'random' },
    { role: 'bias', shape: [outputs], start: 0 },
  ],

  gain: 1,
  zeros: 'none',
  outputRead: 'no',
  inPlace: 'no',

  scratch({ outputs, kernel }, { height, width, channels }, learns) {
    const dimensions = [height, width, channels, outputs, kernel] as const
    return Math.max(convScratch(...dimensions), learns ? convBackwardScratch(...dimensions) : 0)
  },

  stage({ kernels }, { outputs: O, kernel: K }, { input, x, y, scratch, parameters: p, gradients: g }) {
    const { height: H, width: W, channels: I } = input
    return {
      forward: (n) => kernels.convForward(y, x, p.weight, p.bias, scratch, n, H, W, I, O, K, 1),
      backward(dx, dy, n) {
        kernels.convBackwardWeight(g.weight, g.bias, x, dy, scratch, n, H, W, I, O, K)
        if (dx) kernels.convBackwardInput(dx, dy, p.weight, scratch, n, H, W, I, O, K)
      },
    }
  },
}
