/** Batch normalisation (Ioffe, Szegedy 2015), by the statistics of a minibatch or by running ones. */

import { size } from '../shape.ts'
import type { LayerType } from './layer-type.ts'

export interface BatchNormSpec {
  readonly type: 'batchnorm'
}

/** Added to variances before their root is taken. */
const EPSILON = 1e-3

export const batchnorm: LayerType<BatchNormSpec> = {
  fields: {},
  outputShape: (_, input) => input,

  parameters: (_, { channels }) => [
    { role: 'weight', shape: [channels], start: 1 },
    { role: 'bias', shape: [channels], start: 0 },
    { role: 'mean', shape: [channels], start: 0, statistic: true },
    { role: 'variance', shape: [channels], start: 1, statistic: true },
  ],

  gain: 'next',
  zeros: 'none',
  outputRead: 'no',
  inPlace: 'no',

  buffers(_, { input, learns }): Record<string, number> {
    const bytes = input.channels * 4
    return learns ? { zeros: bytes, mean: bytes, variance: bytes } : {}
  },

  stage({ kernels, arena }, _, { input, x, y, buffers, parameters: p, gradients: g }) {
    const C = input.channels
    const rows = size(input) / C
    const { zeros, mean, variance } = buffers
    return {
      forward(n, { share }) {
        if (share === undefined) {
          kernels.normalizeForward(y, x, p.mean, p.variance, p.weight, p.bias, EPSILON, n * rows, C)
          return
        }
        kernels.batchStatistics(mean, variance, x, n * rows, C)
        kernels.normalizeForward(y, x, mean, variance, p.weight, p.bias, EPSILON, n * rows, C)
      },
      backward(dx, dy, n, { share }) {
        if (share === undefined) {
          // the gradient of a fixed map: one factor per channel
          kernels.normalizeForward(dx, dy, zeros, p.variance, p.weight, zeros, EPSILON, n * rows, C)
          return
        }
        kernels.normalizeBackward(dx, g.weight, g.bias, dy, x, mean, variance, p.weight, EPSILON, n * rows, C)
        // the minibatch's statistics take the places of the running statistics' gradients
        for (const [to, from] of [
          [g.mean, mean],
          [g.variance, variance],
        ]) {
          const [sum, part] = [arena.f32(to, C), arena.f32(from, C)]
          for (let c = 0; c < C; c++) sum[c] += Math.fround(part[c] * share)
        }
      },
    }
  },
}
