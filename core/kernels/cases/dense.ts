/** Cases of the dense layer, forward and backward, dense and ink-sparse. */

import type { Kernels } from '../../kernels.ts'
import type { Case, Fill, Operand } from '../case.ts'
import { f32, out } from './operands.ts'

export function denseCases(N: number, I: number, O: number, fill: Fill, benchmark = false): Case[] {
  const shape = `${N}x${I}x${O} ${fill}`
  const work = N * I * O
  const x = f32(N * I, fill)
  const parameters = fill === 'ink' ? 'normal' : fill
  // the sparse kernels give the bits of the dense ones only for finite values, but the same bits in all backends for any
  const row = (kernel: keyof Kernels, args: (Operand | number)[]): Case => ({
    kernel,
    title: `${kernel} ${shape}`,
    args,
    work,
    benchmark,
  })
  const index = (of: number): Operand => ({ type: 'index', of, N, I })
  return [
    row('denseForward', [out(N * O), x, f32(I * O, parameters), f32(O, parameters), N, I, O]),
    row('denseForwardSparse', [out(N * O), x, index(1), f32(I * O, parameters), f32(O, parameters), N, I, O]),
    row('denseBackwardInput', [out(N * I), f32(N * O, parameters), f32(I * O, parameters), N, I, O]),
    row('denseBackwardInputSparse', [
      out(N * I, fill),
      index(0),
      f32(N * O, parameters),
      f32(I * O, parameters),
      N,
      I,
      O,
    ]),
    row('denseBackwardWeight', [out(I * O, parameters), out(O, parameters), x, f32(N * O, parameters), N, I, O]),
    row('denseBackwardWeightSparse', [
      out(I * O, parameters),
      out(O, parameters),
      x,
      index(2),
      f32(N * O, parameters),
      N,
      I,
      O,
    ]),
  ]
}
