/** The layers of a network, as data in a model card, and the table of their types. */

import { InputError, messageOf } from '../errors.ts'
import { kindOf } from './fields.ts'
import { type ActivationSpec, activations } from './layers/activation.ts'
import { type BatchNormSpec, batchnorm } from './layers/batchnorm.ts'
import { type ConvSpec, conv } from './layers/conv.ts'
import { type DenseSpec, dense } from './layers/dense.ts'
import { type DropoutSpec, dropout } from './layers/dropout.ts'
import type { LayerType } from './layers/layer-type.ts'
import { type MaxPoolSpec, maxpool } from './layers/maxpool.ts'
import { IMAGE, type Shape } from './shape.ts'

export type LayerSpec = DenseSpec | ConvSpec | MaxPoolSpec | ActivationSpec | DropoutSpec | BatchNormSpec

type TypeName = LayerSpec['type']

const LAYER_TYPES: { readonly [Name in TypeName]: LayerType<Extract<LayerSpec, { readonly type: Name }>> } = {
  dense,
  conv,
  maxpool,
  ...activations,
  dropout,
  batchnorm,
}

/** The entry of a layer's type in the table. */
export function layerType({ type }: LayerSpec): LayerType<LayerSpec> {
  return LAYER_TYPES[type]
}

/** Whether the outputs are sigmoids, 0..1 each, trained with a squared error; otherwise they are logits. */
export function endsInSigmoid(layers: readonly LayerSpec[]): boolean {
  return layers[layers.length - 1].type === 'sigmoid'
}

/**
 * The shapes before, between and after the layers. The first is IMAGE, or the inputs of a first dense layer.
 * @throws RangeError naming the first layer that does not fit the one before
 */
export function layerShapes(layers: readonly LayerSpec[]): Shape[] {
  const [first] = layers
  const flat = first?.type === 'dense' ? { height: 1, width: 1, channels: first.inputs } : IMAGE
  const shapes: Shape[] = [flat]
  for (const [i, layer] of layers.entries()) {
    const shape = layerType(layer).outputShape(layer, shapes[i])
    if (typeof shape === 'string') throw new RangeError(`layer ${i} ${shape}`)
    shapes.push(shape)
  }
  return shapes
}

/**
 * Layers from parsed JSON.
 * @throws InputError 422 bad_card
 */
export function parseLayers(json: unknown): readonly LayerSpec[] {
  if (!Array.isArray(json) || json.length === 0 || json.length > 64) throw bad('layers must be a list of 1 to 64')
  for (const layer of json) checkLayer(layer)
  try {
    layerShapes(json)
  } catch (error) {
    throw bad(messageOf(error))
  }
  return json
}

function checkLayer(layer: Record<string, unknown> | null): void {
  const names = Object.keys(LAYER_TYPES) as TypeName[]
  const type = names.find((name) => name === layer?.type)
  if (!layer || !type) throw bad(`layer type must be ${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`)
  const checks = Object.entries(LAYER_TYPES[type].fields)
  for (const [field, check] of checks) {
    const requirement = check(layer[field])
    if (requirement) throw bad(`${type} layer: ${field} must ${requirement}; it is ${kindOf(layer[field])}`)
  }
}

function bad(what: string): InputError {
  return new InputError(422, 'bad_card', `model card: ${what}`)
}
