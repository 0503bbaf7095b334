/** One step of a recipe's optimizer over the flat parameter buffer, gradient clipping included. */

import type { Backend } from '../backend/backend.ts'
import type { LayerSpec } from '../models/layer.ts'
import { trainableCount } from '../models/layout.ts'
import type { Recipe } from '../models/recipe.ts'

/** Adam's decay rate of the mean square of the gradient, and the term added to its root (Kingma, Ba 2015). */
const BETA2 = 0.999
const ADAM_EPSILON = 1e-8

/** Term that Adadelta adds to its mean squares (Zeiler 2012). */
const ADADELTA_EPSILON = 1e-6

/** Number of flat buffers an optimizer keeps between steps. */
const MOMENTS = { sgd: 1, adam: 2, adadelta: 2 } as const

export interface Optimizer {
  readonly moments: Float32Array<ArrayBuffer> // the whole state; a view
  /**
   * Clips the gradients if the recipe says so, and changes the parameters.
   * @param rate learning rate
   * @param count number of this step, from 1
   */
  step(rate: number, count: number): void
}

/** Bytes of arena an optimizer takes. */
export function optimizerMemory(layers: readonly LayerSpec[], { optimizer }: Recipe): number {
  return MOMENTS[optimizer] * (trainableCount(layers) * 4 + 16) + 64
}

/**
 * Sets up an optimizer of L parameters.
 * @param parameters offset of the first in the arena, bytes
 * @param gradients offset of its gradient, bytes
 */
export function createOptimizer(
  { kernels, arena }: Backend,
  { optimizer, momentum, decay, clip }: Recipe,
  parameters: number,
  gradients: number,
  L: number,
): Optimizer {
  const normAt = arena.allocate(4)
  const first = arena.allocate(MOMENTS[optimizer] * L * 4)
  const second = first + L * 4

  function clipGradients(): void {
    kernels.sumOfSquares(normAt, gradients, L)
    const norm = Math.sqrt(arena.f32(normAt, 1)[0])
    if (norm > clip) kernels.scale(gradients, gradients, clip / norm, L)
  }

  return {
    moments: arena.f32(first, MOMENTS[optimizer] * L),

    step(rate, count) {
      if (clip > 0) clipGradients()
      switch (optimizer) {
        case 'sgd':
          kernels.sgd(parameters, first, gradients, rate, momentum, decay, L)
          return
        case 'adam': {
          const corrected = (rate * Math.sqrt(1 - power(BETA2, count))) / (1 - power(momentum, count))
          kernels.adam(parameters, first, second, gradients, corrected, momentum, BETA2, ADAM_EPSILON, rate * decay, L)
          return
        }
        case 'adadelta':
          kernels.adadelta(parameters, first, second, gradients, rate, momentum, ADADELTA_EPSILON, rate * decay, L)
      }
    },
  }
}

// base^exponent by repeated squaring: Math.pow is not the same in every engine.
function power(base: number, exponent: number): number {
  let [result, square] = [1, base]
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square
    square *= square
  }
  return result
}
