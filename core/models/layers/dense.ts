/** The dense layer: every output is a weighted sum of all inputs, plus a bias. */

import { size } from '../shape.ts'
import { type LayerType, wholeNumber } from './layer-type.ts'

export interface DenseSpec {
  readonly type: 'dense'
  readonly inputs: number // values per image
  readonly outputs: number // values per image
  readonly bias?: boolean // true if absent
}

/** Least number of images that a dense layer computes together (assembly/dense.ts). */
const TILE = 4

export const dense: LayerType<DenseSpec> = {
  fields: {
    inputs: wholeNumber(65_536),
    outputs: wholeNumber(65_536),
    bias: (value) => (value === undefined || typeof value === 'boolean' ? undefined : 'be true or false'),
  },

  outputShape({ inputs, outputs }, input) {
    if (inputs !== size(input)) return `takes ${inputs} inputs, the layer before gives ${size(input)}`
    return { height: 1, width: 1, channels: outputs }
  },

  parameters({ inputs, outputs, bias = true }) {
    const weight = { role: 'weight', shape: [inputs, outputs], start: 'random' } as const
    return bias ? [weight, { role: 'bias', shape: [outputs], start: 0 }] : [weight]
  },

  gain: 1,
  zeros: 'none',
  outputRead: 'no',
  inPlace: 'no',

  // i32[images, 1 + inputs]: the inputs that are not zero
  buffers: (_, { input, images, zeros }): Record<string, number> =>
    zeros ? { index: images * (1 + size(input)) * 4 } : {},

  stage({ kernels }, { inputs, outputs }, { number, x, y, learns, buffers, parameters: p, gradients: g }) {
    const { index } = buffers
    // in training only half of a relu's outputs are zero: too few to skip when weights serve several images at once
    const walks = (n: number) => index !== undefined && (number === 0 || n < TILE || !learns)
    const fromBytes = (bytes: number, n: number) => {
      kernels.sparseFromBytes(x, index, bytes, n, inputs)
      kernels.denseForwardSparse(y, x, index, p.weight, p.bias, n, inputs, outputs)
    }
    return {
      ...(number === 0 && index !== undefined && { forwardBytes: fromBytes }),
      forward(n) {
        if (!walks(n)) return kernels.denseForward(y, x, p.weight, p.bias, n, inputs, outputs)
        kernels.sparseIndex(index, x, n, inputs)
        kernels.denseForwardSparse(y, x, index, p.weight, p.bias, n, inputs, outputs)
      },
      backward(dx, dy, n) {
        if (walks(n)) kernels.denseBackwardWeightSparse(g.weight, g.bias, x, index, dy, n, inputs, outputs)
        else kernels.denseBackwardWeight(g.weight, g.bias, x, dy, n, inputs, outputs)
        if (!dx) return
        // where the input is zero, the relu before it passes no gradient
        if (walks(n)) kernels.denseBackwardInputSparse(dx, index, dy, p.weight, n, inputs, outputs)
        else kernels.denseBackwardInput(dx, dy, p.weight, n, inputs, outputs)
      },
    }
  },
}
