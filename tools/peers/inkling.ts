/**
 * Inkling as an implementation for a benchmark of libraries: the same weights and tasks as the others, with the networks and kernels
 * that the server uses. `load` answers single images and batches, `trainer` does one step of SGD or Adam.
 *
 * usage: `node tools/build.ts simd.wasm scalar.wasm peers`, and in a harness `export { simd, scalar, ts } from '.../build/peers/inkling.js'`;
 * each has init(), load(model, weights) and trainer(model, weights, { opt, lr }), for the models lr, mlpA, mlpB and cnn. Built, since
 * the other libraries are imported as their packages bring them, as JavaScript in few files. Importing this file measures how Node
 * strips types, too: some 50 ms, most of them for loading what does that.
 */

import { readFileSync } from 'node:fs'
import type { Backend, BackendFactory, BackendName } from '../../core/backend/backend.ts'
import { createBackendFactory } from '../../core/backend/choose.ts'
import { CLASSES, PIXELS } from '../../core/data/dataset.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { trainableCount } from '../../core/models/layout.ts'
import { createNetwork, type Network, networkMemory } from '../../core/models/network.ts'
import type { Recipe } from '../../core/models/recipe.ts'

const dense = (inputs: number, outputs: number): LayerSpec => ({ type: 'dense', inputs, outputs })
const conv = (inputs: number, outputs: number): LayerSpec => ({ type: 'conv', inputs, outputs, kernel: 3 })
const [sigmoid, relu, pool]: LayerSpec[] = [{ type: 'sigmoid' }, { type: 'relu' }, { type: 'maxpool', size: 2 }]

export const LAYERS: Readonly<Record<string, readonly LayerSpec[]>> = {
  lr: [dense(784, 10)],
  mlpA: [dense(784, 5), sigmoid, dense(5, 10)],
  mlpB: [dense(784, 200), sigmoid, dense(200, 10)],
  cnn: [conv(1, 16), relu, pool, conv(16, 32), relu, pool, dense(1568, 128), relu, dense(128, 10)],
}

const BATCH = 256 // images at once, at most

/** A model's tensors by name, in the order of our parameter buffer: weights [in][out] or [K][K][in][out], then bias. */
type Weights = Readonly<Record<string, { readonly data: Float32Array }>>

interface Options {
  readonly opt: 'sgd' | 'adam'
  readonly lr: number
}

const build = (name: string) => readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url))

const compile = (name: string) => WebAssembly.compile(build(name))
const typescript = async () => (await import('../../core/backend/typescript.ts')).typescriptBackend

// Compiled and tested once, as everywhere.
const factories = new Map<BackendName, Promise<BackendFactory>>()

async function backends(name: BackendName): Promise<BackendFactory> {
  const known = factories.get(name)
  const modules = { simd: () => compile('simd'), scalar: () => compile('scalar'), typescript }
  const factory = known ?? createBackendFactory(modules, name)
  factories.set(name, factory)
  const made = await factory
  if (made.name !== name) throw new Error(made.selfTest)
  return made
}

function fill(network: Network, weights: Weights): void {
  let at = 0
  for (const { data } of Object.values(weights)) {
    if (data) network.parameters.set(data, at)
    at += data?.length ?? 0
  }
  if (at !== network.parameters.length) throw new Error(`${at} weights, ${network.parameters.length} wanted`)
}

/** Probabilities of n images of 784 values 0..1; the result is a copy. */
function batches({ arena }: Backend, network: Network): (images: Float32Array, n: number) => Float32Array {
  const { batch, inputsAt, outputsAt } = network
  const [inputs, outputs] = [arena.f32(inputsAt, batch * PIXELS), arena.f32(outputsAt, batch * CLASSES)]
  return (images, n) => {
    const probabilities = new Float32Array(n * CLASSES)
    for (let from = 0; from < n; from += batch) {
      const count = Math.min(batch, n - from)
      inputs.set(count * PIXELS === images.length ? images : images.subarray(from * PIXELS, (from + count) * PIXELS))
      network.forwardValues(count)
      network.toProbabilities(count)
      probabilities.set(count === batch ? outputs : outputs.subarray(0, count * CLASSES), from * CLASSES)
    }
    return probabilities
  }
}

function implementation(name: BackendName) {
  return {
    async init() {
      await backends(name)
    },

    async load(model: string, weights: Weights) {
      const layers = LAYERS[model]
      const { create } = await backends(name)
      const runner = (batch: number) => {
        const made = create(networkMemory(layers, batch, false))
        const network = createNetwork(made, layers, batch, false)
        fill(network, weights)
        return batches(made, network)
      }
      const single = runner(1)
      let many: ReturnType<typeof batches> | undefined // memory for batches is taken when the first comes
      return {
        infer1: (image: Float32Array) => single(image, 1),
        inferBatch(images: Float32Array, n: number) {
          many ??= runner(BATCH)
          return many(images, n)
        },
      }
    },

    async trainer(model: string, weights: Weights, { opt, lr }: Options) {
      const [{ DEFAULT_RECIPE }, { createOptimizer, optimizerMemory }] = await Promise.all([
        import('../../core/models/recipe.ts'),
        import('../../core/training/optimizer.ts'),
      ])
      const layers = LAYERS[model]
      const size = 100 // images at once: a larger batch is a sum over groups of as many
      const recipe: Recipe = {
        ...DEFAULT_RECIPE,
        optimizer: opt,
        rate: lr,
        momentum: opt === 'adam' ? 0.9 : 0,
        batch: size,
      }
      const memory = networkMemory(layers, size, true) + optimizerMemory(layers, recipe) + size * 8 + 64
      const made = (await backends(name)).create(memory)
      const { kernels, arena } = made
      const network = createNetwork(made, layers, size, true)
      fill(network, weights)
      const { parametersAt, gradientsAt, inputsAt, outputsAt, outputGradientsAt } = network
      const optimizer = createOptimizer(made, recipe, parametersAt, gradientsAt, trainableCount(layers))
      const [labelsAt, lossAt] = [arena.allocate(size), arena.allocate(size * 4)]
      const gradients = arena.f32(gradientsAt, network.parameters.length)
      const [inputs, losses] = [arena.f32(inputsAt, size * PIXELS), arena.f32(lossAt, size)]
      const classes = arena.u8(labelsAt, size)
      const infer = batches(made, network)
      let steps = 0
      return {
        step(images: Float32Array, labels: Uint8Array, n: number) {
          gradients.fill(0)
          let loss = 0
          for (let from = 0; from < n; from += size) {
            const m = Math.min(size, n - from)
            inputs.set(images.subarray(from * PIXELS, (from + m) * PIXELS))
            classes.set(labels.subarray(from, from + m))
            network.forwardValues(m)
            kernels.softmaxCrossEntropy(lossAt, outputsAt, outputsAt, labelsAt, m, CLASSES)
            for (let i = 0; i < m; i++) loss += losses[i]
            kernels.softmaxCrossEntropyBackward(outputGradientsAt, outputsAt, labelsAt, 1 / n, m, CLASSES)
            network.backward(m, {})
          }
          optimizer.step(lr, ++steps)
          return loss / n
        },
        inferBatch: infer,
      }
    },
  }
}

export const simd = implementation('simd')
export const scalar = implementation('scalar')
export const ts = implementation('ts')
