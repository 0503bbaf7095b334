/**
 * Inkling as an implementation for a benchmark of libraries: the same weights and tasks as the others, with the networks and kernels
 * that the server uses. `load` answers single images and batches, `trainer` does one step of SGD or Adam.
 *
 * usage: in a harness, `export { simd, scalar, ts } from '.../tools/peers/inkling.ts'`, after `npm run build:wasm`; each has
 * init(), load(model, weights) and trainer(model, weights, { opt, lr }), for the models lr, mlpA, mlpB and cnn.
 */

import { readFileSync } from 'node:fs'
import type { Backend, BackendName } from '../../core/backend/backend.ts'
import { createBackend } from '../../core/backend/choose.ts'
import { typescriptBackend } from '../../core/backend/typescript.ts'
import { CLASSES, PIXELS } from '../../core/data/dataset.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { trainableCount } from '../../core/models/layout.ts'
import { createNetwork, type Network, networkMemory } from '../../core/models/network.ts'
import { DEFAULT_RECIPE, type Recipe } from '../../core/models/recipe.ts'
import { createOptimizer, optimizerMemory } from '../../core/training/optimizer.ts'

const dense = (inputs: number, outputs: number): LayerSpec => ({ type: 'dense', inputs, outputs })
const conv = (inputs: number, outputs: number): LayerSpec => ({ type: 'conv', inputs, outputs, kernel: 3 })
const [sigmoid, relu, pool]: LayerSpec[] = [{ type: 'sigmoid' }, { type: 'relu' }, { type: 'maxpool', size: 2 }]

const LAYERS: Readonly<Record<string, readonly LayerSpec[]>> = {
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

async function backend(name: BackendName, bytes: number): Promise<Backend> {
  if (name === 'ts') return typescriptBackend(bytes)
  const compiled = {
    simd: () => compile('simd'),
    scalar: () => compile('scalar'),
    typescript: async () => typescriptBackend,
  }
  const made = await createBackend(compiled, bytes, name)
  if (made.name !== name) throw new Error(made.selfTest)
  return made
}

const compile = (name: string) => WebAssembly.compile(build(name))

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
      await backend(name, 65_536)
    },

    async load(model: string, weights: Weights) {
      const layers = LAYERS[model]
      const runner = async (batch: number) => {
        const made = await backend(name, networkMemory(layers, batch, false))
        const network = createNetwork(made, layers, batch, false)
        fill(network, weights)
        return batches(made, network)
      }
      const [single, many] = [await runner(1), await runner(BATCH)]
      return { infer1: (image: Float32Array) => single(image, 1), inferBatch: many }
    },

    async trainer(model: string, weights: Weights, { opt, lr }: Options) {
      const layers = LAYERS[model]
      const size = model === 'mlpA' ? 6000 : 100
      const recipe: Recipe = {
        ...DEFAULT_RECIPE,
        optimizer: opt,
        rate: lr,
        momentum: opt === 'adam' ? 0.9 : 0,
        batch: size,
      }
      const made = await backend(
        name,
        networkMemory(layers, size, true) + optimizerMemory(layers, recipe) + size * 8 + 64,
      )
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
          inputs.set(images)
          classes.set(labels)
          gradients.fill(0)
          network.forwardValues(n)
          kernels.softmaxCrossEntropy(lossAt, outputsAt, outputsAt, labelsAt, n, CLASSES)
          let loss = 0
          for (let i = 0; i < n; i++) loss += losses[i]
          kernels.softmaxCrossEntropyBackward(outputGradientsAt, outputsAt, labelsAt, 1 / n, n, CLASSES)
          network.backward(n, {})
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
