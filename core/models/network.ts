/**
 * A feed-forward network: a list of layers over one flat parameter buffer and one for its gradients, both in the arena.
 * It ends in logits; softmax and loss belong to whoever calls. The bytes of the parameters are the weights file's data.
 */

import type { Backend } from '../backend.ts'
import type { Random } from '../random.ts'
import type { LayerSpec } from './card.ts'

/** A named slice of the flat parameter buffer. */
export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly offset: number // in values, from the start of the buffer
  readonly length: number // in values
}

/** Names, shapes and places of the parameters of these layers, in file order: weights [in][out], then bias, layer by layer. */
export function parameterLayout(layers: readonly LayerSpec[]): Tensor[] {
  const tensors: Tensor[] = []
  let offset = 0
  const add = (name: string, ...shape: number[]) => {
    const length = shape.reduce((product, size) => product * size, 1)
    tensors.push({ name, shape, offset, length })
    offset += length
  }
  for (const [i, { inputs, outputs }] of layers.entries()) {
    add(`${i}.weight`, inputs, outputs)
    add(`${i}.bias`, outputs)
  }
  return tensors
}

/** Number of parameters of these layers. */
export function parameterCount(layers: readonly LayerSpec[]): number {
  return parameterLayout(layers).reduce((sum, tensor) => sum + tensor.length, 0)
}

/** Bytes of arena a network takes; add them up to size a backend's memory. */
export function networkMemory(layers: readonly LayerSpec[], batch: number, training: boolean): number {
  const [{ inputs }] = layers
  const outputs = layers.reduce((sum, layer) => sum + layer.outputs, 0)
  const activations = batch * (inputs + (1 + inputs) + outputs) // and the index of the ink
  const gradients = training ? batch * outputs + parameterCount(layers) : 0
  return (parameterCount(layers) + activations + gradients) * 4 + batch * inputs + 4096
}

/** A network placed in a backend's arena. Offsets are bytes. Methods take n <= batch, the number of images at hand. */
export interface Network {
  readonly layers: readonly LayerSpec[]
  readonly batch: number
  readonly inputs: number // values per image
  readonly outputs: number // values per image
  readonly parameters: Float32Array<ArrayBuffer> // view of the flat buffer
  readonly parametersAt: number
  readonly gradientsAt: number // 0 if not for training
  readonly bytes: Uint8Array<ArrayBuffer> // view: put n images of `inputs` bytes here before `forward`
  readonly logitsAt: number // [batch, outputs], written by `forward`
  readonly logitGradientsAt: number // [batch, outputs], read by `backward`; 0 if not for training
  /** Bytes to logits. */
  forward(n: number): void
  /** Adds the gradients of the last `forward` onto the gradient buffer. */
  backward(n: number): void
}

/**
 * Places a network for up to `batch` images in the backend's arena.
 * @throws RangeError when layers do not fit each other or the arena is full
 */
export function createNetwork(
  { kernels, arena }: Backend,
  layers: readonly LayerSpec[],
  batch: number,
  training: boolean,
): Network {
  for (const [i, { inputs }] of layers.entries()) {
    if (i > 0 && inputs !== layers[i - 1].outputs) {
      throw new RangeError(`layer ${i} takes ${inputs} inputs, layer ${i - 1} gives ${layers[i - 1].outputs}`)
    }
  }
  const floats = (count: number) => arena.allocate(count * 4)
  const count = parameterCount(layers)
  const [inputs, outputs] = [layers[0].inputs, layers[layers.length - 1].outputs]
  const parametersAt = floats(count)
  const gradientsAt = training ? floats(count) : 0
  const bytesAt = arena.allocate(batch * inputs)
  const index = floats(batch * (inputs + 1))
  const activations = [floats(batch * inputs), ...layers.map((layer) => floats(batch * layer.outputs))]
  const activationGradients = training ? layers.map((layer) => floats(batch * layer.outputs)) : []

  const layout = parameterLayout(layers)
  const places = layers.map((_, i) => ({ weight: layout[2 * i].offset * 4, bias: layout[2 * i + 1].offset * 4 }))

  return {
    layers,
    batch,
    inputs,
    outputs,
    parameters: arena.f32(parametersAt, count),
    parametersAt,
    gradientsAt,
    bytes: arena.u8(bytesAt, batch * inputs),
    logitsAt: activations[layers.length],
    logitGradientsAt: training ? activationGradients[layers.length - 1] : 0,

    forward(n) {
      kernels.inputFromBytes(activations[0], bytesAt, n * inputs)
      // only the picture is mostly zeros: deeper layers are dense
      kernels.sparseIndex(index, activations[0], n, inputs)
      for (const [i, layer] of layers.entries()) {
        const [x, y] = [activations[i], activations[i + 1]]
        const [w, b] = [parametersAt + places[i].weight, parametersAt + places[i].bias]
        if (i === 0) kernels.denseForwardSparse(y, x, index, w, b, n, layer.inputs, layer.outputs)
        else kernels.denseForward(y, x, w, b, n, layer.inputs, layer.outputs)
      }
    },

    backward(n) {
      for (let i = layers.length - 1; i >= 0; i--) {
        const { inputs: I, outputs: O } = layers[i]
        const [x, dy] = [activations[i], activationGradients[i]]
        const [w, dw, db] = [
          parametersAt + places[i].weight,
          gradientsAt + places[i].weight,
          gradientsAt + places[i].bias,
        ]
        if (i === 0) kernels.denseBackwardWeightSparse(dw, db, x, index, dy, n, I, O)
        else {
          kernels.denseBackwardWeight(dw, db, x, dy, n, I, O)
          kernels.denseBackwardInput(activationGradients[i - 1], dy, w, n, I, O)
        }
      }
    },
  }
}

/**
 * Random start: weights uniform in +-sqrt(1 / inputs) (LeCun et al. 1998), biases zero. Multiples of 2^-31 of a sqrt
 * rounded once, so the same everywhere.
 */
export function initialize(network: Network, random: Random): void {
  network.parameters.fill(0)
  for (const { shape, offset, length } of parameterLayout(network.layers)) {
    if (shape.length === 1) continue
    const bound = Math.sqrt(1 / shape[0])
    for (let i = 0; i < length; i++) network.parameters[offset + i] = bound * (2 * random.uniform() - 1)
  }
}
