/**
 * A feed-forward network: a list of layers over one flat parameter buffer and one for its gradients, both in the arena.
 * The loss belongs to whoever trains it. The bytes of the parameters are the weights file's data.
 */

import type { Backend } from '../backend/backend.ts'
import { convBackwardScratch, convScratch } from '../kernels.ts'
import { type LayerSpec, layerShapes, type Shape, size } from './layer.ts'
import { parameterCount, parameterLayout } from './layout.ts'
import { createPooledConv, GROUP_BYTES, isPooled, pooledGroup } from './pooledconv.ts'
import {
  arranged,
  createStage,
  type PassOptions,
  type Stage,
  type StagePlaces,
  takesZeros,
  worksInPlace,
} from './stage.ts'

const INFERENCE: PassOptions = {}

/** The stage of a pooling that has been computed with the convolution before it. */
const DONE: Stage = { forward: () => {}, backward: () => {} }

/** Masks of Monte Carlo dropout: any fixed number, so that the same drawing gets the same answer. */
const SAMPLE_SEED = 0x5eed

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
  readonly inputsAt: number // [batch, inputs], written by `forward`; put values here before `forwardValues`
  readonly outputsAt: number // [batch, outputs], written by `forward` and `forwardValues`
  readonly outputGradientsAt: number // [batch, outputs], read and overwritten by `backward`; 0 if not for training
  /** Bytes to outputs: logits, or what a last sigmoid makes of them. */
  forward(n: number, pass?: PassOptions): void
  /** Values at `inputsAt` to outputs, where the layers are the last ones of a longer network; as `forward` otherwise. */
  forwardValues(n: number, pass?: PassOptions): void
  /** Adds the gradients of the last `forward`, with the same pass, onto the gradient buffer. */
  backward(n: number, pass: PassOptions): void
  /** Outputs to probabilities, in place: softmax of logits, the share of the sum where the last layer is a sigmoid. */
  toProbabilities(n: number): void
  /**
   * Monte Carlo dropout (Gal, Ghahramani 2016) of the one image in `bytes`: calls `take` with the probabilities of each of
   * `count` passes, each with the masks of its number, counted from `first`.
   */
  sample(first: number, count: number, take: (probabilities: Float32Array) => void): void
}

/** Bytes of arena a network takes; add them up to size a backend's memory. */
export function networkMemory(layers: readonly LayerSpec[], batch: number, training: boolean): number {
  let bytes = 64
  plan(arranged(layers), batch, training, (size) => {
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
  const layers = arranged(given)
  const shapes = layerShapes(layers)
  const places = plan(layers, batch, training, (bytes) => arena.allocate(bytes))
  const { group, parametersAt, gradientsAt, bytesAt, inputsAt, outputsAt, gradients } = places
  const [firstAt, lastAt] = [places.stages[0].x, places.stages[layers.length - 1].y]
  const stages: Stage[] = layers.map((layer, i) => {
    const next = layers[i + 1]
    if (layer.type === 'conv' && next?.type === 'maxpool') {
      const around = [shapes[i], shapes[i + 1], shapes[i + 2]] as const
      return createPooledConv(backend, [layer.kernel, next.size], around, places.stages[i], places.pooledGroup)
    }
    return isPooled(layers, i - 1) ? DONE : createStage(backend, layer, i, [shapes[i], shapes[i + 1]], places.stages[i])
  })
  const [inputs, outputs] = [size(shapes[0]), size(shapes[layers.length])]
  const firstDropout = layers.findIndex(({ type }) => type === 'dropout')
  // layers before the first parameters have no use for a gradient
  const firstTrained = layers.findIndex(({ type }) => ['dense', 'conv', 'batchnorm'].includes(type))

  const values = new Float32Array(arena.buffer)
  function move(to: number, from: number, count: number): void {
    if (to !== from) values.copyWithin(to >> 2, from >> 2, (from >> 2) + count)
  }

  // The images from..from+m-1, whose inputs are in the first layer's place, to outputs.
  function run(from: number, m: number, pass: PassOptions): void {
    for (const stage of stages) stage.forward(m, pass)
    move(outputsAt + from * outputs * 4, lastAt, m * outputs)
  }

  // Group by group; `enter` puts the inputs of m images, counted from `from`, in the first layer's place.
  function runGroups(n: number, pass: PassOptions, enter: (from: number, m: number) => void): void {
    for (let from = 0; from < n; from += group) {
      const m = Math.min(group, n - from)
      enter(from, m)
      run(from, m, { ...pass, ...(pass.masks && { masks: { ...pass.masks, row: pass.masks.row + from } }) })
    }
  }

  const enterBytes = (from: number, m: number) => kernels.inputFromBytes(firstAt, bytesAt + from * inputs, m * inputs)
  const enterValues = (from: number, m: number) => move(firstAt, inputsAt + from * inputs * 4, m * inputs)

  function toProbabilities(n: number): void {
    if (layers[layers.length - 1].type !== 'sigmoid') {
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

    forward(n, pass = INFERENCE) {
      if (n > group) return runGroups(n, pass, enterBytes)
      enterBytes(0, n)
      run(0, n, pass)
    },

    forwardValues(n, pass = INFERENCE) {
      if (n > group) return runGroups(n, pass, enterValues)
      enterValues(0, n)
      run(0, n, pass)
    },

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
      // what comes before the first mask is the same in every pass
      const at = start < layers.length ? places.stages[start].x : lastAt
      const kept = arena.f32(at, size(shapes[start])).slice()
      for (let sample = first; sample < first + count; sample++) {
        arena.f32(at, kept.length).set(kept)
        const pass = { masks: { seed: SAMPLE_SEED, stream: sample, row: 0 } }
        for (const stage of stages.slice(start)) stage.forward(1, pass)
        move(outputsAt, lastAt, outputs)
        toProbabilities(1)
        take(arena.f32(outputsAt, outputs))
      }
    },
  }
}

interface Places {
  readonly group: number // images that go through the layers together
  readonly pooledGroup: number // images that go through a convolution and its pooling together
  readonly parametersAt: number
  readonly gradientsAt: number
  readonly bytesAt: number
  readonly inputsAt: number
  readonly outputsAt: number
  readonly gradients: readonly [number, number] // two buffers that take turns as dy and dx
  readonly stages: readonly StagePlaces[]
}

// Gives every buffer its place. While training each layer keeps its output for the way back; else two take turns.
function plan(
  layers: readonly LayerSpec[],
  batch: number,
  training: boolean,
  allocate: (bytes: number) => number,
): Places {
  const shapes = layerShapes(layers)
  const floats = (count: number) => allocate(count * 4)
  const count = parameterCount(layers)
  // what layer i hands on: of a convolution that a pooling follows what that gives
  const handedOn = (i: number) => shapes[isPooled(layers, i) ? i + 2 : i + 1]
  const sizes = layers.map((_, i) => size(handedOn(i)))
  const group = training ? batch : Math.min(batch, groupSize(Math.max(...sizes)))
  const largest = group * Math.max(size(shapes[0]), ...sizes)
  const pooled = shapes.slice(1).filter((_, i) => isPooled(layers, i))
  const images = Math.min(group, ...pooled.map((shape) => pooledGroup(shape)))
  const widest = Math.max(...shapes.map(({ channels }) => channels))
  const inputs = size(shapes[0])

  const parametersAt = floats(count)
  const gradientsAt = training ? floats(count) : 0
  const bytesAt = allocate(batch * inputs)
  const scratch = allocate(Math.max(0, ...layers.map((layer, i) => scratchBytes(layer, shapes[i], training))))
  const absent = layers.some((layer) => layer.type === 'dense' && layer.bias === false)
  const [noBias, noBiasGradient] = absent ? [floats(widest), floats(widest)] : [0, 0]
  const turns = training ? [] : [floats(largest), floats(largest)]
  const fresh = (length: number, not: number) => (training ? floats(length) : turns[0] === not ? turns[1] : turns[0])

  const most = images * Math.max(0, ...pooled.map(size))
  const [between, betweenGradient] = pooled.length > 0 ? [floats(most), training ? floats(most) : 0] : [0, 0]

  let x = fresh(group * inputs, 0)
  const inputsAt = group < batch ? floats(batch * inputs) : x
  const layout = parameterLayout(layers)
  const stages = layers.map((layer, i): StagePlaces => {
    const length = group * sizes[i]
    const done = isPooled(layers, i - 1)
    const y = done || worksInPlace(layers, i) ? x : fresh(length, x)
    const [parameters, gradients]: Record<string, number>[] = [{ bias: noBias }, { bias: noBiasGradient }]
    for (const { name, offset } of layout) {
      const [number, role] = name.split('.')
      if (Number(number) !== i) continue
      parameters[role] = parametersAt + offset * 4
      gradients[role] = gradientsAt + offset * 4
    }
    const normalizes = training && layer.type === 'batchnorm'
    const stage = {
      x,
      y,
      which: isPooled(layers, i) || (layer.type === 'maxpool' && !done) ? allocate(length) : 0,
      between,
      betweenGradient,
      zeros: normalizes ? floats(shapes[i].channels) : 0,
      mean: normalizes ? floats(shapes[i].channels) : 0,
      variance: normalizes ? floats(shapes[i].channels) : 0,
      index: takesZeros(layers, i) ? floats(group * (1 + size(shapes[i]))) : 0,
      learns: training,
      scratch,
      parameters,
      gradients,
    }
    x = y
    return stage
  })
  const gradients: [number, number] = training ? [floats(largest), floats(largest)] : [0, 0]
  const outputsAt = group < batch ? floats(batch * size(shapes[layers.length])) : x
  return { group, pooledGroup: images, parametersAt, gradientsAt, bytesAt, inputsAt, outputsAt, gradients, stages }
}

// Images that go through the layers together when nothing is learned: as many as have their values, `most` of an image, in the
// second cache, in tiles of four, of which there are two so that weights serve more than one.
function groupSize(most: number): number {
  return Math.max(8, Math.floor(GROUP_BYTES / (most * 4)) & ~3)
}

function scratchBytes(layer: LayerSpec, { height, width, channels }: Shape, training: boolean): number {
  if (layer.type !== 'conv') return 0
  const dimensions = [height, width, channels, layer.outputs, layer.kernel] as const
  return Math.max(convScratch(...dimensions), training ? convBackwardScratch(...dimensions) : 0)
}
