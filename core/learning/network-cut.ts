/**
 * A network cut in two: the trunk (convolutions), which stays as shipped, and the head (dense layers), which learns. The features
 * that convolutions extract suit every writer, so each image goes through the trunk once, however often it is learned from.
 */

import type { Backend } from '../backend/backend.ts'
import { type LayerSpec, layerShapes } from '../models/layer.ts'
import { parameterLayout } from '../models/layout.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import { size } from '../models/shape.ts'

export interface Cut {
  readonly trunk: readonly LayerSpec[] // none where the network begins with a dense layer
  readonly head: readonly LayerSpec[]
  readonly features: number // values per image between trunk and head
}

/**
 * Cuts before the first dense layer.
 * @throws RangeError when there is none
 */
export function cutNetwork(layers: readonly LayerSpec[]): Cut {
  const first = layers.findIndex(({ type }) => type === 'dense')
  if (first < 0) throw new RangeError('a network without dense layers has nothing that learns')
  return { trunk: layers.slice(0, first), head: layers.slice(first), features: size(layerShapes(layers)[first]) }
}

/** Copies the head's parameters out of those of the whole network. Both are in the order of `parameterLayout`. */
export function headParameters({ trunk, head }: Cut, whole: Float32Array): Float32Array<ArrayBuffer> {
  const parts = parameterLayout(head)
  const parameters = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  for (const { from, to, length } of headSpans({ trunk, head })) parameters.set(whole.subarray(from, from + length), to)
  return parameters
}

/** A copy of the whole network's parameters with another head. */
export function withHead(cut: Cut, whole: Float32Array, head: Float32Array): Float32Array<ArrayBuffer> {
  const parameters = Float32Array.from(whole)
  for (const { from, to, length } of headSpans(cut)) parameters.set(head.subarray(to, to + length), from)
  return parameters
}

// Where each tensor of the head lies in the whole network (`from`) and in the head alone (`to`).
function headSpans({ trunk, head }: Pick<Cut, 'trunk' | 'head'>) {
  const whole = new Map(parameterLayout([...trunk, ...head]).map(({ name, offset }) => [name, offset]))
  return parameterLayout(head).map(({ layer, role, offset, length }) => {
    return { from: whole.get(`${layer + trunk.length}.${role}`) ?? 0, to: offset, length }
  })
}

/** Computes the features of images. */
export interface Trunk {
  readonly batch: number // images per call, at most
  /**
   * Features of n <= batch images.
   * @param images [n, 784] bytes
   * @returns [n, features], a view that is valid until the next call
   */
  features(images: Uint8Array, n: number): Float32Array
}

/** Bytes of arena that `createTrunk` takes. */
export function trunkMemory({ trunk, features }: Cut, batch: number): number {
  return trunk.length > 0 ? networkMemory(trunk, batch, false) : batch * features * 5 + 64
}

/** @param whole parameters of the whole network */
export function createTrunk(
  backend: Backend,
  { trunk, head, features }: Cut,
  whole: Float32Array,
  batch: number,
): Trunk {
  const { kernels, arena } = backend
  if (trunk.length === 0) {
    const [bytesAt, valuesAt] = [arena.allocate(batch * features), arena.allocate(batch * features * 4)]
    return {
      batch,
      features(images, n) {
        arena.u8(bytesAt, n * features).set(images.subarray(0, n * features))
        kernels.inputFromBytes(valuesAt, bytesAt, n * features)
        return arena.f32(valuesAt, n * features)
      },
    }
  }
  const network = createNetwork(backend, trunk, batch, false)
  const offsets = new Map(parameterLayout([...trunk, ...head]).map(({ name, offset }) => [name, offset]))
  for (const { name, offset, length } of parameterLayout(trunk)) {
    const from = offsets.get(name) ?? 0
    network.parameters.set(whole.subarray(from, from + length), offset)
  }
  return {
    batch,
    features(images, n) {
      network.bytes.set(images.subarray(0, n * network.inputs))
      network.forward(n)
      return arena.f32(network.outputsAt, n * features)
    },
  }
}
