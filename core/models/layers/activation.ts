/** The activations: layers without fields or parameters that change value by value. */

import type { Activation } from '../../kernels/activation.ts'
import { size } from '../shape.ts'
import type { LayerType } from './layer-type.ts'

interface SpecOf<Name extends Activation> {
  readonly type: Name
}

export type ActivationSpec = { [Name in Activation]: SpecOf<Name> }[Activation]

type Facts = Pick<LayerType<ActivationSpec>, 'gain' | 'zeros' | 'outputRead' | 'inPlace'>

/** A layer type for each pair of kernels. */
export const activations: { readonly [Name in Activation]: LayerType<SpecOf<Name>> } = {
  relu: activation('relu', { gain: 6, zeros: 'made', outputRead: 'sign', inPlace: 'sparing sign' }),
  sigmoid: activation('sigmoid', { gain: 1, zeros: 'none', outputRead: 'values', inPlace: 'sparing nothing' }),
}

// The entry of the layer that calls the kernels nameForward and nameBackward.
function activation(name: Activation, facts: Facts): LayerType<ActivationSpec> {
  return {
    fields: {},
    outputShape: (_, input) => input,
    parameters: () => [],
    ...facts,
    stage({ kernels }, _, { input, x, y }) {
      const values = size(input)
      const [forward, backward] = [kernels[`${name}Forward`], kernels[`${name}Backward`]]
      return {
        forward: (n) => forward(y, x, n * values),
        backward: (dx, dy, n) => backward(dx, dy, y, n * values),
      }
    },
  }
}
