/** The layers a network is made of, as data: what stands in a model card. Images are 28x28x1 at the start, then [height, width, channels]. */

import { InputError } from '../errors.ts'

/** One layer. A conv counts channels, a dense layer values per image; the others keep the shape they are given or follow from it. */
export type LayerSpec =
  | { readonly type: 'dense'; readonly inputs: number; readonly outputs: number; readonly bias?: boolean }
  | { readonly type: 'conv'; readonly inputs: number; readonly outputs: number; readonly kernel: number }
  | { readonly type: 'maxpool'; readonly size: number }
  | { readonly type: 'relu' }
  | { readonly type: 'sigmoid' }
  | { readonly type: 'dropout'; readonly rate: number }
  | { readonly type: 'batchnorm' }

/** Values of one image between two layers. */
export interface Shape {
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** What a digit is when it enters a network. */
export const IMAGE: Shape = { height: 28, width: 28, channels: 1 }

export function size({ height, width, channels }: Shape): number {
  return height * width * channels
}

/**
 * The shapes between the layers: one more than there are layers, the first is IMAGE, or what the first dense layer takes.
 * @throws RangeError naming the first layer that does not fit the one before
 */
export function layerShapes(layers: readonly LayerSpec[]): Shape[] {
  const [first] = layers
  const flat = first?.type === 'dense' ? { height: 1, width: 1, channels: first.inputs } : IMAGE
  const shapes: Shape[] = [flat]
  for (const [i, layer] of layers.entries()) shapes.push(outputShape(layer, shapes[i], i))
  return shapes
}

function outputShape(layer: LayerSpec, input: Shape, i: number): Shape {
  switch (layer.type) {
    case 'dense':
      if (layer.inputs !== size(input)) {
        throw new RangeError(`layer ${i} takes ${layer.inputs} inputs, the layer before gives ${size(input)}`)
      }
      return { height: 1, width: 1, channels: layer.outputs }
    case 'conv':
      if (layer.inputs !== input.channels) {
        throw new RangeError(`layer ${i} takes ${layer.inputs} channels, the layer before gives ${input.channels}`)
      }
      return { ...input, channels: layer.outputs }
    case 'maxpool': {
      const [height, width] = [Math.floor(input.height / layer.size), Math.floor(input.width / layer.size)]
      if (height === 0 || width === 0) {
        throw new RangeError(
          `layer ${i} pools ${layer.size}x${layer.size} of an image of ${input.height}x${input.width}`,
        )
      }
      return { height, width, channels: input.channels }
    }
    default:
      return input
  }
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
    throw bad(error instanceof Error ? error.message : String(error))
  }
  return json
}

function checkLayer(layer: Record<string, unknown> | null): void {
  const count = (field: string, most: number): void => {
    const value = layer?.[field]
    if (!Number.isSafeInteger(value) || Number(value) < 1 || Number(value) > most) {
      throw bad(`${layer?.type} layer: ${field} must be a whole number from 1 to ${most}`)
    }
  }
  switch (layer?.type) {
    case 'dense':
      count('inputs', 65_536)
      count('outputs', 65_536)
      if (layer.bias !== undefined && typeof layer.bias !== 'boolean')
        throw bad('dense layer: bias must be true or false')
      return
    case 'conv':
      count('inputs', 4096)
      count('outputs', 4096)
      count('kernel', 15)
      if (Number(layer.kernel) % 2 === 0) throw bad('conv layer: kernel must be odd')
      return
    case 'maxpool':
      count('size', 28)
      return
    case 'dropout':
      if (typeof layer.rate !== 'number' || !(layer.rate > 0 && layer.rate < 1)) {
        throw bad('dropout layer: rate must lie between 0 and 1')
      }
      return
    case 'relu':
    case 'sigmoid':
    case 'batchnorm':
      return
    default:
      throw bad('layer type must be dense, conv, maxpool, relu, sigmoid, dropout or batchnorm')
  }
}

function bad(what: string): InputError {
  return new InputError(422, 'bad_card', `model card: ${what}`)
}
