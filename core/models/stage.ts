/** One layer at work: what its kernels are called with, forward and backward, once its buffers have their places. */

import type { Backend } from '../backend/backend.ts'
import type { LayerSpec, Shape } from './layer.ts'
import { size } from './layer.ts'

/** Variance below which batch normalisation does not divide by less; Ioffe, Szegedy 2015. */
export const EPSILON = 1e-3

/** Images from which on a dense layer computes several at once (assembly/dense.ts). */
const TILE = 4

/** What a pass through the network needs to know beyond its images. */
export interface PassOptions {
  /** Dropout: which masks; absent where nothing is dropped. `row` is the place of the first image in the minibatch. */
  readonly masks?: { readonly seed: number; readonly stream: number; readonly row: number }
  /**
   * Batch normalisation: the share this pass has in the minibatch, 0..1, whose statistics it then uses; absent for the running
   * ones, with which it is a fixed map: going back, its scales and biases get no gradient.
   */
  readonly share?: number
}

/** Places of a stage's buffers, all in bytes. */
export interface StagePlaces {
  readonly x: number // [batch, input shape]
  readonly y: number // [batch, output shape]; the same as x where the layer works in place
  readonly which: number // u8[batch, output shape] of a maxpool
  readonly between: number // between a convolution and its pooling: [a few, shape]
  readonly betweenGradient: number
  readonly zeros: number // [channels], of a batchnorm
  readonly mean: number // [channels] of the batch, of a batchnorm
  readonly variance: number
  readonly index: number // i32[batch, 1 + inputs] of the inputs that are not zero, of a dense layer that takes many zeros
  readonly learns: boolean // whether there is a way back
  readonly scratch: number // of convolutions
  readonly parameters: Readonly<Record<string, number>> // 'weight', 'bias', 'mean', 'variance' where the layer has them
  readonly gradients: Readonly<Record<string, number>> // the same, in the gradient buffer
}

export interface Stage {
  forward(n: number, pass: PassOptions): void
  /** From dy to the gradients of the parameters, and to dx unless that is 0. */
  backward(dx: number, dy: number, n: number, pass: PassOptions): void
}

/**
 * Layers whose output may take the place of their input: their backward pass needs the output only, or neither, and they leave
 * what those before them need of theirs. A sigmoid needs its output, a relu only to know where it is above 0.
 */
export function worksInPlace(layers: readonly LayerSpec[], i: number): boolean {
  const { type } = layers[i]
  if (i === 0 || !['relu', 'sigmoid', 'dropout'].includes(type)) return false
  for (let j = i - 1; ; j--) {
    const before = layers[j].type
    if (before === 'sigmoid' || (before === 'relu' && type === 'sigmoid')) return false
    if (!worksInPlace(layers, j)) return true
  }
}

/** Whether many inputs of layer i, a dense one, are zero: those of a picture, and what has gone through a relu. */
export function takesZeros(layers: readonly LayerSpec[], i: number): boolean {
  if (layers[i].type !== 'dense') return false
  const before = layers.slice(0, i).filter(({ type }) => type !== 'maxpool' && type !== 'dropout')
  return before.length === 0 || before[before.length - 1].type === 'relu'
}

/** The order in which layers are computed: a relu after the pooling that follows it, where there is less to do. Same bits. */
export function arranged(layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const order = [...layers]
  for (let i = 1; i < order.length; i++) {
    if (order[i - 1].type === 'relu' && order[i].type === 'maxpool') [order[i - 1], order[i]] = [order[i], order[i - 1]]
  }
  return order
}

export function createStage(
  { kernels, arena }: Backend,
  layer: LayerSpec,
  number: number,
  [input, output]: readonly [Shape, Shape],
  places: StagePlaces,
): Stage {
  const { x, y, scratch, parameters: p, gradients: g } = places
  const [inputs, outputs] = [size(input), size(output)]
  switch (layer.type) {
    case 'dense': {
      // while weights are learned, only half of what comes out of a relu is zero: too few to walk around where weights serve
      // several images at once
      const walks = (n: number) => places.index > 0 && (number === 0 || n < TILE || !places.learns)
      return {
        forward(n) {
          if (!walks(n)) return kernels.denseForward(y, x, p.weight, p.bias, n, inputs, outputs)
          kernels.sparseIndex(places.index, x, n, inputs)
          kernels.denseForwardSparse(y, x, places.index, p.weight, p.bias, n, inputs, outputs)
        },
        backward(dx, dy, n) {
          if (walks(n)) kernels.denseBackwardWeightSparse(g.weight, g.bias, x, places.index, dy, n, inputs, outputs)
          else kernels.denseBackwardWeight(g.weight, g.bias, x, dy, n, inputs, outputs)
          if (!dx) return
          // where the input is zero, the relu it went through lets no gradient pass
          if (walks(n)) kernels.denseBackwardInputSparse(dx, places.index, dy, p.weight, n, inputs, outputs)
          else kernels.denseBackwardInput(dx, dy, p.weight, n, inputs, outputs)
        },
      }
    }
    case 'conv': {
      const { height: H, width: W, channels: I } = input
      const { outputs: O, kernel: K } = layer
      return {
        forward: (n) => kernels.convForward(y, x, p.weight, p.bias, scratch, n, H, W, I, O, K),
        backward(dx, dy, n) {
          kernels.convBackwardWeight(g.weight, g.bias, x, dy, scratch, n, H, W, I, O, K)
          if (dx) kernels.convBackwardInput(dx, dy, p.weight, scratch, n, H, W, I, O, K)
        },
      }
    }
    case 'maxpool': {
      const { height: H, width: W, channels: C } = input
      return {
        forward: (n) => kernels.maxPoolForward(y, places.which, x, n, H, W, C, layer.size),
        backward: (dx, dy, n) => kernels.maxPoolBackward(dx, dy, places.which, n, H, W, C, layer.size),
      }
    }
    case 'relu':
      return {
        forward: (n) => kernels.reluForward(y, x, n * inputs),
        backward: (dx, dy, n) => kernels.reluBackward(dx, dy, y, n * inputs),
      }
    case 'sigmoid':
      return {
        forward: (n) => kernels.sigmoidForward(y, x, n * inputs),
        backward: (dx, dy, n) => kernels.sigmoidBackward(dx, dy, y, n * inputs),
      }
    case 'dropout': {
      const threshold = Math.round(layer.rate * 65_536)
      const scale = 1 / (1 - threshold / 65_536)
      const drop = (to: number, from: number, n: number, { masks }: PassOptions) => {
        if (masks) {
          const key = (masks.seed ^ Math.imul(number + 1, 0x9e3779b9)) >>> 0 // layers share no draws
          kernels.dropout(to, from, threshold, scale, key, masks.stream, masks.row, n, inputs)
        } else if (to !== from) arena.f32(to, n * inputs).set(arena.f32(from, n * inputs))
      }
      return {
        forward: (n, pass) => drop(y, x, n, pass),
        backward: (dx, dy, n, pass) => drop(dx, dy, n, pass),
      }
    }
    case 'batchnorm': {
      const C = input.channels
      const rows = inputs / C
      const { mean, variance } = places
      return {
        forward(n, { share }) {
          if (share === undefined) {
            kernels.normalizeForward(y, x, p.mean, p.variance, p.weight, p.bias, EPSILON, n * rows, C)
            return
          }
          kernels.batchStatistics(mean, variance, x, n * rows, C)
          kernels.normalizeForward(y, x, mean, variance, p.weight, p.bias, EPSILON, n * rows, C)
        },
        backward(dx, dy, n, { share }) {
          if (share === undefined) {
            // a scale per channel, which is the map itself without its constants
            kernels.normalizeForward(dx, dy, places.zeros, p.variance, p.weight, places.zeros, EPSILON, n * rows, C)
            return
          }
          kernels.normalizeBackward(dx, g.weight, g.bias, dy, x, mean, variance, p.weight, EPSILON, n * rows, C)
          // what the running statistics will move towards travels with the gradients
          for (const [to, from] of [
            [g.mean, mean],
            [g.variance, variance],
          ]) {
            const [sum, part] = [arena.f32(to, C), arena.f32(from, C)]
            for (let c = 0; c < C; c++) sum[c] += Math.fround(part[c] * share)
          }
        },
      }
    }
  }
}
