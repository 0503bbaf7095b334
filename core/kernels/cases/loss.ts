/** Cases of the losses. */

import type { Case, Fill, Operand } from '../case.ts'
import { f32, out } from './operands.ts'

export function lossCases(N: number, C: number, fill: Fill, benchmark = false): Case[] {
  const shape = `${N}x${C} ${fill}`
  const label: Operand = { type: 'label', length: N, classes: C }
  const work = N * C
  return [
    { kernel: 'softmax', title: `softmax ${shape}`, args: [out(N * C), f32(N * C, fill), N, C], work, benchmark },
    {
      kernel: 'softmaxCrossEntropy',
      title: `softmaxCrossEntropy ${shape}`,
      args: [out(N), out(N * C), f32(N * C, fill), label, N, C],
      work,
      benchmark,
    },
    {
      kernel: 'softmaxCrossEntropyBackward',
      title: `softmaxCrossEntropyBackward ${shape}`,
      args: [out(N * C), f32(N * C, fill), label, 1 / N, N, C],
      work,
      benchmark,
    },
    {
      kernel: 'squaredError',
      title: `squaredError ${shape}`,
      args: [out(N), f32(N * C, fill), label, 0.01, 0.99, N, C],
      work,
      benchmark,
    },
    {
      kernel: 'squaredErrorBackward',
      title: `squaredErrorBackward ${shape}`,
      args: [out(N * C), f32(N * C, fill), label, 0.01, 0.99, 0.3, N, C],
      work,
      benchmark,
    },
  ]
}
