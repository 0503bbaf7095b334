/** Dropout (Srivastava et al. 2014): in passes with masks, a random share of the values is set to zero and the others are scaled up. */

import { size } from '../shape.ts'
import type { PassOptions } from '../stage.ts'
import type { LayerType } from './layer-type.ts'

export interface DropoutSpec {
  readonly type: 'dropout'
  readonly rate: number // share that is dropped, above 0 and below 1
}

export const dropout: LayerType<DropoutSpec> = {
  fields: {
    rate: (value) => (typeof value === 'number' && value > 0 && value < 1 ? undefined : 'lie between 0 and 1'),
  },

  outputShape: (_, input) => input,
  parameters: () => [],

  gain: 'next',
  zeros: 'kept',
  outputRead: 'no',
  inPlace: 'sparing sign',

  stage({ kernels, arena }, { rate }, { number, input, x, y }) {
    const values = size(input)
    const threshold = Math.round(rate * 65_536)
    const scale = 1 / (1 - threshold / 65_536)
    const drop = (to: number, from: number, n: number, { masks }: PassOptions) => {
      if (masks) {
        const key = (masks.seed ^ Math.imul(number + 1, 0x9e3779b9)) >>> 0 // layers share no draws
        kernels.dropout(to, from, threshold, scale, key, masks.stream, masks.row, n, values)
      } else if (to !== from) arena.f32(to, n * values).set(arena.f32(from, n * values))
    }
    return {
      forward: (n, pass) => drop(y, x, n, pass),
      backward: (dx, dy, n, pass) => drop(dx, dy, n, pass),
    }
  },
}
