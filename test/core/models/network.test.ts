/** Networks with layers of every type: memory, passes, and gradients as a whole. */

import { describe, expect, test } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { ACTIVATIONS } from '../../../core/kernels/activation.ts'
import { type LayerSpec, layerShapes, parseLayers } from '../../../core/models/layer.ts'
import { initialize, parameterCount, parameterLayout, trainableCount } from '../../../core/models/layout.ts'
import { createNetwork, type Network, networkMemory } from '../../../core/models/network.ts'
import { NETWORKS } from '../../../core/models/networks.ts'
import { Random } from '../../../core/random.ts'
import { allBackends } from '../backends.ts'

const LAYERS: LayerSpec[] = [
  { type: 'conv', inputs: 1, outputs: 3, kernel: 3 },
  { type: 'batchnorm' },
  { type: 'maxpool', size: 4 },
  { type: 'relu' },
  { type: 'conv', inputs: 3, outputs: 4, kernel: 5 },
  { type: 'relu' },
  { type: 'dropout', rate: 0.25 },
  { type: 'dense', inputs: 196, outputs: 9 },
  { type: 'sigmoid' },
  { type: 'dropout', rate: 0.5 },
  { type: 'dense', inputs: 9, outputs: 10, bias: false },
]

const [, , simd] = [0, 1, 2]

function picture(seed: number): Uint8Array {
  const random = new Random(seed, 0)
  return Uint8Array.from({ length: 784 }, () => (random.below(5) === 0 ? random.below(256) : 0))
}

function placed(layers: readonly LayerSpec[], batch: number, training: boolean): { network: Network; free: number } {
  const backend = allBackends(networkMemory(layers, batch, training))[simd]
  const network = createNetwork(backend, layers, batch, training)
  initialize(network.parameters, layers, new Random(4, 0))
  return { network, free: backend.arena.free }
}

/**
 * How steeply a loss rises along its own gradient, tensor by tensor: as `backward` says, which is the gradient's norm, and as
 * central differences find. A change of all values of a tensor at once drowns the rounding of each.
 */
function slopes(layers: readonly LayerSpec[], normalised: { share?: number }, step: number) {
  const backend = allBackends(networkMemory(layers, 4, true))[simd]
  const network = createNetwork(backend, layers, 4, true)
  const { parameters } = network
  const { arena } = backend
  initialize(parameters, layers, new Random(4, 0))
  const pass = { masks: { seed: 1, stream: 2, row: 0 }, ...normalised }
  const tensors = parameterLayout(layers)
  for (const { name, offset, length } of tensors) {
    if (name.endsWith('.variance')) parameters.fill(0.3, offset, offset + length)
    if (name.endsWith('.mean')) parameters.fill(0.1, offset, offset + length)
  }
  const outputs = arena.f32(network.outputsAt, 40)
  const weights = Float32Array.from({ length: 40 }, (_, i) => ((i * 7) % 11) / 11 - 0.5)
  const measure = () => {
    for (let i = 0; i < 4; i++) network.bytes.set(picture(i + 1), i * 784)
    network.forward(4, pass)
    return outputs.reduce((sum, value, i) => sum + value * weights[i], 0)
  }
  measure()
  arena.f32(network.outputGradientsAt, 40).set(weights)
  network.backward(4, pass)
  const gradients = arena.f32(network.gradientsAt, parameters.length).slice()
  return tensors
    .filter(({ name }) => !/mean|variance/.test(name))
    .map(({ name, offset, length }) => {
      const gradient = gradients.subarray(offset, offset + length)
      const given = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
      const before = parameters.slice(offset, offset + length)
      const along = (factor: number) => {
        for (let i = 0; i < length; i++) parameters[offset + i] = before[i] + (factor * gradient[i]) / (given || 1)
        return measure()
      }
      const found = (along(step) - along(-step)) / (2 * step)
      parameters.set(before, offset)
      return { name, given, found }
    })
}

describe('a network', () => {
  test.each([
    [1, false],
    [1, true],
    [13, true],
  ])('for %i images, training %s, fits the memory it says it takes, and leaves less than a page', (batch, training) => {
    for (const layers of [LAYERS, ...NETWORKS.map((spec) => spec.layers)]) {
      expect(placed(layers, batch, training).free).toBeLessThan(65_536 + 64)
    }
  })

  test('has the parameters its layers say, running statistics last', () => {
    const tensors = parameterLayout(LAYERS)
    expect(tensors.map(({ name, shape }) => `${name} ${shape.join('x')}`).join(', ')).toBe(
      '0.weight 3x3x1x3, 0.bias 3, 1.weight 3, 1.bias 3, 4.weight 5x5x3x4, 4.bias 4, ' +
        '7.weight 196x9, 7.bias 9, 10.weight 9x10, 1.mean 3, 1.variance 3',
    )
    expect(parameterCount(LAYERS) - trainableCount(LAYERS)).toBe(6)
    expect(parameterCount(NETWORKS[0].layers)).toBe(205_323)
  })

  test('starts with weights that fill +-sqrt(6 / inputs) before a relu, +-sqrt(1 / inputs) elsewhere, scales 1, biases 0', () => {
    const parameters = new Float32Array(parameterCount(LAYERS)).fill(9)
    initialize(parameters, LAYERS, new Random(4, 0))
    const bounds: Readonly<Record<string, number>> = {
      '0.weight': Math.sqrt(6 / 9),
      '4.weight': Math.sqrt(6 / 75),
      '7.weight': Math.sqrt(1 / 196),
      '10.weight': Math.sqrt(1 / 9),
    }
    for (const { name, offset, length } of parameterLayout(LAYERS)) {
      const values = parameters.subarray(offset, offset + length)
      if (name in bounds) {
        const largest = Math.max(...values.map(Math.abs))
        expect(largest, name).toBeLessThanOrEqual(Math.fround(bounds[name]))
        expect(largest, name).toBeGreaterThan(0.9 * bounds[name])
      } else expect([...values], name).toEqual(new Array(length).fill(/^1\.(weight|variance)$/.test(name) ? 1 : 0))
    }
  })

  test('gives an image the same answer alone and in a batch, for inference and in one for training', () => {
    for (const layers of [LAYERS, ...NETWORKS.map((spec) => spec.layers)]) {
      const images = [picture(1), picture(2), picture(3)]
      const answers = [placed(layers, 1, false), placed(layers, 3, true)].map(({ network }) => {
        const rows: number[] = []
        for (let from = 0; from < 3; from += network.batch) {
          for (let i = 0; i < network.batch; i++) network.bytes.set(images[from + i], i * 784)
          network.forward(network.batch)
          rows.push(...new Float32Array(network.parameters.buffer, network.outputsAt, network.batch * network.outputs))
        }
        return rows
      })
      expect(answers[0]).toEqual(answers[1])
    }
  })

  test.each([
    ['normalised by the statistics of the batch', { share: 1 }],
    ['normalised by the running statistics', {}],
  ])('has the gradients of its loss, within 2 %, through every kind of layer, %s', (_, normalised) => {
    const ownStatistics = 'share' in normalised
    // small enough that few relus and maxima change sides on the way: by fixed statistics all paper does at once
    for (const { name, given, found } of slopes(LAYERS, normalised, ownStatistics ? 2e-3 : 3e-4)) {
      if (name.startsWith('1.') && !ownStatistics) expect(given, name).toBe(0)
      // a bias before a batch normalisation changes nothing
      else if (name === '0.bias' && ownStatistics) expect(given).toBeLessThan(1e-4)
      else expect(Math.abs(found - given) / given, `${name}: ${found} against ${given}`).toBeLessThan(0.02)
    }
  })

  const pairs = ACTIVATIONS.flatMap((first) => ACTIVATIONS.map((last) => [first, last] as const))
  test.each(
    pairs.flatMap(([first, last]) => [[[first, last]], [[first, 'dropout', last]]] as const),
  )('has the gradients of its loss, within 2 %, through %j in a row', (between) => {
    const layers = between.map((type) => (type === 'dropout' ? { type, rate: 0.25 } : { type }) as LayerSpec)
    const around = ([inputs, outputs]: readonly number[]): LayerSpec => ({ type: 'dense', inputs, outputs })
    for (const { name, given, found } of slopes([around([784, 12]), ...layers, around([12, 10])], {}, 1e-3)) {
      expect(Math.abs(found - given) / given, `${name}: ${found} against ${given}`).toBeLessThan(0.02)
    }
  })

  test('puts the statistics of a batch in place of the gradients of its running statistics', () => {
    const backend = allBackends(networkMemory(LAYERS, 2, true))[simd]
    const network = createNetwork(backend, LAYERS, 2, true)
    initialize(network.parameters, LAYERS, new Random(4, 0))
    for (let i = 0; i < 2; i++) network.bytes.set(picture(i + 1), i * 784)
    network.forward(2, { share: 0.5 })
    backend.arena.f32(network.outputGradientsAt, 20).fill(0.1)
    network.backward(2, { share: 0.5 })
    const mean = parameterLayout(LAYERS).find(({ name }) => name === '1.mean')
    const gathered = backend.arena.f32(network.gradientsAt + (mean?.offset ?? 0) * 4, 3)
    // the first filter, computed here: the mean of its outputs over both images is that of its weights times the pixels
    const [w, b] = [network.parameters.subarray(0, 27), network.parameters.subarray(27, 30)]
    const sum = [0, 0, 0]
    for (const image of [picture(1), picture(2)]) {
      for (let y = 0; y < 28; y++) {
        for (let x = 0; x < 28; x++) {
          for (let k = 0; k < 9; k++) {
            const [row, column] = [y + Math.floor(k / 3) - 1, x + (k % 3) - 1]
            if (row < 0 || column < 0 || row > 27 || column > 27) continue
            for (let o = 0; o < 3; o++) sum[o] += (image[row * 28 + column] / 255) * w[k * 3 + o]
          }
        }
      }
    }
    for (let o = 0; o < 3; o++) {
      expect(Math.abs(gathered[o] - 0.5 * (sum[o] / 1568 + b[o]))).toBeLessThan(1e-5)
    }
  })
})

describe('Monte Carlo dropout', () => {
  test('gives other probabilities in every pass, and the same again for the same pass, on every backend', () => {
    const answers = allBackends(networkMemory(LAYERS, 1, false)).map((backend) => {
      const network = createNetwork(backend, LAYERS, 1, false)
      initialize(network.parameters, LAYERS, new Random(4, 0))
      network.bytes.set(picture(1))
      const ask = () => {
        const rows: string[] = []
        network.sample(0, 5, (probabilities) => {
          expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-6)
          rows.push([...probabilities].join(' '))
        })
        return rows
      }
      const [first, second] = [ask(), ask()]
      expect(second).toEqual(first)
      expect(new Set(first).size).toBe(5)
      return first.join('\n')
    })
    expect(new Set(answers).size).toBe(1)
  })

  test('of a network without dropout is one answer, many times', () => {
    const layers: LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }]
    const { network } = placed(layers, 1, false)
    network.bytes.set(picture(1))
    network.forward(1)
    network.toProbabilities(1)
    const plain = [...new Float32Array(network.parameters.buffer, network.outputsAt, 10)]
    network.sample(0, 3, (probabilities) => expect([...probabilities]).toEqual(plain))
  })
})

describe('outputs of a last sigmoid', () => {
  test('become probabilities by normalising their sum', () => {
    const layers: LayerSpec[] = [{ type: 'dense', inputs: 784, outputs: 10 }, { type: 'sigmoid' }]
    const { network } = placed(layers, 2, false)
    for (let i = 0; i < 2; i++) network.bytes.set(picture(i), i * 784)
    network.forward(2)
    const view = new Float32Array(network.parameters.buffer, network.outputsAt, 20)
    const before = [...view]
    network.toProbabilities(2)
    for (let i = 0; i < 20; i++) {
      const row = before.slice(i < 10 ? 0 : 10, i < 10 ? 10 : 20)
      expect(view[i]).toBeCloseTo(before[i] / row.reduce((sum, value) => sum + value, 0), 6)
    }
  })
})

describe('layers', () => {
  const bad = (layers: unknown, words: RegExp) => {
    expect(() => parseLayers(layers)).toThrow(InputError)
    expect(() => parseLayers(layers)).toThrow(words)
  }

  test('give the shapes between them', () => {
    const shapes = layerShapes(LAYERS).map(({ height, width, channels }) => `${height}x${width}x${channels}`)
    expect(shapes.join(' ')).toBe('28x28x1 28x28x3 28x28x3 7x7x3 7x7x3 7x7x4 7x7x4 7x7x4 1x1x9 1x1x9 1x1x9 1x1x10')
  })

  test('that do not fit each other, or are not valid, are refused with the reason', () => {
    bad([], /a list of 1 to 64/)
    bad('dense', /a list of 1 to 64/)
    bad([null], /layer type must be/)
    bad([{ type: 'attention' }], /layer type must be/)
    bad([{ type: 'dense', inputs: 784 }], /outputs must be a whole number/)
    bad([{ type: 'dense', inputs: 1e9, outputs: 10 }], /inputs must be a whole number/)
    bad([{ type: 'dense', inputs: 784, outputs: 10, bias: 1 }], /bias must be true or false/)
    bad([{ type: 'conv', inputs: 1, outputs: 4, kernel: 4 }], /kernel must be odd/)
    bad([{ type: 'conv', inputs: 3, outputs: 4, kernel: 3 }], /takes 3 channels, the layer before gives 1/)
    bad([{ type: 'dropout', rate: 1 }], /rate must lie between 0 and 1/)
    bad(
      [
        { type: 'maxpool', size: 20 },
        { type: 'maxpool', size: 2 },
      ],
      /layer 1 pools 2x2 of an image of 1x1/,
    )
    bad(
      [
        { type: 'conv', inputs: 1, outputs: 4, kernel: 3 },
        { type: 'dense', inputs: 784, outputs: 10 },
      ],
      /gives 3136/,
    )
  })
})
