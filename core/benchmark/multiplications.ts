/** What a kernel really multiplies: without the zeros that, by its contract, it leaves out. */

import type { Arena } from '../backend/arena.ts'
import type { Case } from '../kernels/case.ts'
import type { Kernels } from '../kernels.ts'

/** Kernels whose work is multiplications of f32 and additions: those that the peak is a measure for. */
const MULTIPLYING: ReadonlySet<keyof Kernels> = new Set([
  'denseForward',
  'denseForwardSparse',
  'denseBackwardInput',
  'denseBackwardInputSparse',
  'denseBackwardWeight',
  'denseBackwardWeightSparse',
  'convForward',
  'convBackwardInput',
  'convBackwardWeight',
  'geometric',
] as const)

export function isMultiplying({ kernel }: Case): boolean {
  return MULTIPLYING.has(kernel)
}

/**
 * Multiply-adds of one call, or elements where nothing is multiplied.
 * @param values the call's arguments, its operands being in the arena
 */
export function workOf(tested: Case, arena: Arena, values: readonly number[]): number {
  const { kernel, args, work } = tested
  const dimensions = args.filter((arg) => typeof arg === 'number')
  switch (kernel) {
    case 'convForward':
      return walked(arena, values[1], dimensions, 'inputs')
    case 'convBackwardInput':
      return walked(arena, values[1], dimensions, 'outputs')
    case 'convBackwardWeight':
      // of one input channel its zeros are left out, of more those of the gradient
      return dimensions[3] === 1
        ? walked(arena, values[2], dimensions, 'inputs')
        : walked(arena, values[3], dimensions, 'outputs')
  }
  for (const [i, arg] of args.entries()) {
    if (typeof arg === 'number' || arg.type !== 'index' || arg.output) continue
    const { N, I } = arg
    let listed = 0
    for (let n = 0; n < N; n++) listed += arena.i32(values[i] + n * (1 + I) * 4, 1)[0]
    return (work / (N * I)) * listed
  }
  return work
}

// Of a convolution that walks the non-zero values of an image: each meets all channels of the other side, wherever the kernel
// reaches within the image.
function walked(arena: Arena, at: number, [N, H, W, I, O, K]: readonly number[], side: 'inputs' | 'outputs'): number {
  const [channels, others] = side === 'inputs' ? [I, O] : [O, I]
  const values = arena.f32(at, N * H * W * channels)
  const reach = (K - 1) / 2
  const within = (place: number, size: number) => Math.min(size - 1, place + reach) - Math.max(0, place - reach) + 1
  let sum = 0
  for (const [i, value] of values.entries()) {
    if (value === 0) continue
    const pixel = Math.floor(i / channels)
    sum += within(Math.floor(pixel / W) % H, H) * within(pixel % W, W) * others
  }
  return sum
}
