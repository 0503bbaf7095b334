/** Creates a model of any type from its card and weights. */

import type { Backend } from '../backend/backend.ts'
import { CLASSES, OUTPUTS, PIXELS } from '../data/dataset.ts'
import { boostedMemory, boostedModel, boostedTensors } from './boosted.ts'
import type { Card, NetworkCard } from './card.ts'
import { forestMemory, forestModel, forestTensors } from './forest.ts'
import { layerShapes } from './layer.ts'
import { parameterLayout } from './layout.ts'
import type { Model } from './model.ts'
import { neighboursMemory, neighboursModel, neighboursTensors } from './neighbours.ts'
import { createNetwork, networkMemory } from './network.ts'
import { size } from './shape.ts'
import type { TensorSpec } from './tensor.ts'
import { digitProbabilities } from './verdict.ts'

/** The tensors of a model's weights file, in file order. */
export function modelTensors(card: Card): readonly TensorSpec[] {
  switch (card.type) {
    case 'network':
      return parameterLayout(card.layers)
    case 'neighbours':
      return neighboursTensors(card)
    case 'forest':
      return forestTensors(card)
    case 'boosted':
      return boostedTensors(card)
    default:
      throw unknownType(card)
  }
}

/** Bytes of arena that a model takes, for one image at a time. */
export function modelMemory(card: Card): number {
  switch (card.type) {
    case 'network':
      return networkMemory(card.layers, 1, false)
    case 'neighbours':
      return neighboursMemory(card)
    case 'forest':
      return forestMemory(card)
    case 'boosted':
      return boostedMemory(card)
    default:
      throw unknownType(card)
  }
}

/**
 * Places a model in the arena of a backend.
 * @param data the bytes of its tensors, one after another, little-endian
 * @throws RangeError when this program cannot run such a model, or the data do not fit the card
 */
export function createModel(backend: Backend, card: Card, data: Uint8Array): Model {
  switch (card.type) {
    case 'network':
      return networkModel(backend, card, data)
    case 'neighbours':
      return neighboursModel(backend, card, data)
    case 'forest':
      return forestModel(backend, card, data)
    case 'boosted':
      return boostedModel(backend, card, data)
    default:
      throw unknownType(card)
  }
}

/** The number of a model's scores: CLASSES, or OUTPUTS where it knows what is no digit. */
export function modelOutputs(card: Card): number {
  switch (card.type) {
    case 'network': {
      const shapes = layerShapes(card.layers)
      return size(shapes[shapes.length - 1])
    }
    case 'neighbours':
      return card.neighbours.classes ?? CLASSES
    case 'forest':
      return card.forest.classes ?? CLASSES
    default:
      return card.boosted.classes
  }
}

/** Whether a model has dropout, and so can give samples. */
export function hasDropout(card: Card): boolean {
  return card.type === 'network' && card.layers.some(({ type }) => type === 'dropout')
}

function networkModel(backend: Backend, card: NetworkCard, data: Uint8Array): Model {
  const network = createNetwork(backend, card.layers, 1, false)
  const { inputs, outputs, parameters, parametersAt, outputsAt } = network
  if (inputs !== PIXELS || (outputs !== CLASSES && outputs !== OUTPUTS)) {
    throw new RangeError(
      `the layers map ${inputs} to ${outputs} values, ${PIXELS} to ${CLASSES} or ${OUTPUTS} expected`,
    )
  }
  if (data.length !== parameters.byteLength) {
    throw new RangeError(`the weights have ${data.length} bytes, the layers take ${parameters.byteLength}`)
  }
  new Uint8Array(parameters.buffer, parameters.byteOffset, data.length).set(data)
  // snaps them: the kernels' contract on stored values, which a file from elsewhere may not fulfil
  backend.kernels.scale(parametersAt, parametersAt, 1, parameters.length)

  const scores = (input: Uint8Array) => {
    network.bytes.set(input)
    network.forward(1)
    network.toProbabilities(1)
    return backend.arena.f32(outputsAt, outputs)
  }
  return {
    scores,
    probabilities: (input) => digitProbabilities(scores(input)),
    ...(hasDropout(card) && {
      sample: (input, first, count, take) => {
        network.bytes.set(input)
        network.sample(first, count, take)
      },
    }),
  }
}

function unknownType({ type }: { readonly type: string }): RangeError {
  return new RangeError(`this program has no models of type ${type}`)
}
