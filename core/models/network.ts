/**
 * A feed-forward network: a list of layers over one flat parameter buffer and one for its gradients, both in the arena.
 * The loss is not part of it. The bytes of the parameters are the data of the weights file.
 */

import type { Backend } from '../backend/backend.ts'
import { computationOrder, isPooled } from './arrangement.ts'
import { endsInSigmoid, type LayerSpec, layerShapes, layerType } from './layer.ts'
import { parameterCount, parameterLayout } from './layout.ts'
import { plan } from './plan.ts'
import { createPooledConv } from './pooled-conv.ts'
import { size } from './shape.ts'
import type { PassOptions, Stage } from './stage.ts'

const INFERENCE: PassOptions = {}

/** The stage of a pooling that is computed with the convolution before it. */
const DONE: Stage = { forward: () => {}, backward: () => {} }

/** Seed of the masks of Monte Carlo dropout: fixed, so that the same drawing gets the same answer. */
const SAMPLE_SEED = 0x5eed

/** A network placed in a backend's arena. Offsets are bytes. Methods take n <= batch, the number of images. */
export interface Network {
  readonly layers: readonly LayerSpec[]
  readonly batch: number
  readonly inputs: number // values per image
  readonly outputs: number // values per image
  readonly parameters: Float32Array<ArrayBuffer> // view of the flat buffer
  readonly parametersAt: number
  readonly gradientsAt: number // 0 if not for training
  readonly bytes: Uint8Array<ArrayBuffer> // view: put n images of `inputs` bytes here before `forward`
  readonly inputsAt: number // [batch, inputs], written by `forward`; put values here before `forwardValues`
  readonly outputsAt: number // [batch, outputs], written by `forward` and `forwardValues`
  readonly outputGradientsAt: number // [batch, outputs], read and overwritten by `backward`; 0 if not for training
  /** Computes the outputs from `bytes`: logits, or the outputs of a last sigmoid. */
  forward(n: number, pass?: PassOptions): void
  /** As `forward`, but from the values at `inputsAt`, for layers that are the last ones of a longer network. */
  forwardValues(n: number, pass?: PassOptions): void
  /** Adds the gradients of the last `forward`, which had the same pass, to the gradient buffer. */
  backward(n: number, pass: PassOptions): void
  /** Turns outputs into probabilities, in place: softmax of logits; after a last sigmoid, shares of the sum. */
  toProbabilities(n: number): void
  /**
   * Monte Carlo dropout (Gal, Ghahramani 2016) of the one image in `bytes`: calls `take` with the probabilities of each of
   * `count` passes, each with the masks of its number, counted from `first`.
   */
  sample(first: number, count: number, take: (probabilities: Float32Array) => void): void
}

/** Runs the first layer on m images, counted from `from`, whose inputs it puts in that layer's place. */
type FirstLayer = (from: number, m: number, pass: PassOptions) => void

/** Bytes of arena that a network takes. */
export function networkMemory(layers: readonly LayerSpec[], batch: number, training: boolean): number {
  let bytes = 64
  plan(computationOrder(layers), batch, training, (size) => {
    const at = bytes
    bytes += Math.ceil(size / 16) * 16
    return at
  })
  return bytes
}

/**
 * Places a network for up to `batch` images in the backend's arena.
 * @throws RangeError when layers do not fit each other or the arena is full
 */
export function createNetwork(
  backend: Backend,
  given: readonly LayerSpec[],
  batch: number,
  training: boolean,
): Network {
  const { kernels, arena } = backend
  const layers = computationOrder(given)
  const shapes = layerShapes(layers)
  const places = plan(layers, batch, training, (bytes) => arena.allocate(bytes))
  const { group, parametersAt, gradientsAt, bytesAt, inputsAt, outputsAt, gradients } = places
  const [firstAt, lastAt] = [places.stages[0].x, places.stages[layers.length - 1].y]
  const stages = layers.map((layer, i): Stage => {
    const [setup, next] = [places.stages[i], layers[i + 1]]
    if (layer.type === 'conv' && next?.type === 'maxpool') {
      return createPooledConv(backend, [layer, next], setup, shapes[i + 2], places.pooled)
    }
    return isPooled(layers, i - 1) ? DONE : layerType(layer).stage(backend, layer, setup)
  })
  const [inputs, outputs] = [size(shapes[0]), size(shapes[layers.length])]
  const firstDropout = layers.findIndex(({ type }) => type === 'dropout')
  // layers before the first parameters need no gradient
  const firstTrained = Math.min(layers.length, ...parameterLayout(layers).map(({ layer }) => layer))

  const values = new Float32Array(arena.buffer)
  function move(to: number, from: number, count: number): void {
    if (to !== from) values.copyWithin(to >> 2, from >> 2, (from >> 2) + count)
  }

  // The images from..from+m-1 to outputs.
  function run(from: number, m: number, pass: PassOptions, first: FirstLayer): void {
    first(from, m, pass)
    for (let i = 1; i < stages.length; i++) stages[i].forward(m, pass)
    move(outputsAt + from * outputs * 4, lastAt, m * outputs)
  }

  function runGroups(n: number, pass: PassOptions, first: FirstLayer): void {
    if (n <= group) run(0, n, pass, first)
    else
      for (let from = 0; from < n; from += group) {
        const m = Math.min(group, n - from)
        run(from, m, { ...pass, ...(pass.masks && { masks: { ...pass.masks, row: pass.masks.row + from } }) }, first)
      }
  }

  const fromBytes: FirstLayer = (from, m, pass) => {
    if (stages[0].forwardBytes) return stages[0].forwardBytes(bytesAt + from * inputs, m)
    kernels.inputFromBytes(firstAt, bytesAt + from * inputs, m * inputs)
    stages[0].forward(m, pass)
  }
  const fromValues: FirstLayer = (from, m, pass) => {
    move(firstAt, inputsAt + from * inputs * 4, m * inputs)
    stages[0].forward(m, pass)
  }

  function toProbabilities(n: number): void {
    if (!endsInSigmoid(layers)) {
      kernels.softmax(outputsAt, outputsAt, n, outputs)
      return
    }
    const values = arena.f32(outputsAt, n * outputs)
    for (let from = 0; from < values.length; from += outputs) {
      const row = values.subarray(from, from + outputs)
      const sum = row.reduce((total, value) => Math.fround(total + value), 0)
      for (let c = 0; c < outputs; c++) row[c] = sum > 0 ? row[c] / sum : 1 / outputs
    }
  }

  return {
    layers: given,
    batch,
    inputs,
    outputs,
    parameters: arena.f32(parametersAt, parameterCount(layers)),
    parametersAt,
    gradientsAt,
    bytes: arena.u8(bytesAt, batch * inputs),
    inputsAt,
    outputsAt,
    outputGradientsAt: gradients[0],

    forward: (n, pass = INFERENCE) => runGroups(n, pass, fromBytes),
    forwardValues: (n, pass = INFERENCE) => runGroups(n, pass, fromValues),

    backward(n, pass) {
      let [dy, other] = gradients
      for (let i = layers.length - 1; i >= firstTrained; i--) {
        const inPlace = places.stages[i].x === places.stages[i].y
        const dx = i === firstTrained ? 0 : inPlace ? dy : other
        stages[i].backward(dx, dy, n, pass)
        if (dx === other) [dy, other] = [other, dy]
      }
    },

    toProbabilities,

    sample(first, count, take) {
      kernels.inputFromBytes(firstAt, bytesAt, inputs)
      const start = firstDropout < 0 ? layers.length : firstDropout
      for (const stage of stages.slice(0, start)) stage.forward(1, INFERENCE)
      // the layers before the first mask give the same in every pass
      const at = start < layers.length ? places.stages[start].x : lastAt
      const values = arena.f32(at, size(shapes[start])).slice()
      for (let sample = first; sample < first + count; sample++) {
        arena.f32(at, values.length).set(values)
        const pass = { masks: { seed: SAMPLE_SEED, stream: sample, row: 0 } }
        for (const stage of stages.slice(start)) stage.forward(1, pass)
        move(outputsAt, lastAt, outputs)
        toProbabilities(1)
        take(arena.f32(outputsAt, outputs))
      }
    },
  }
}
