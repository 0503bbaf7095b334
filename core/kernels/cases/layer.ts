/** Cases of the layers that keep their shape: activations, dropout, batch normalisation. */

import type { KernelName } from '../../kernels.ts'
import { ACTIVATIONS } from '../activation.ts'
import type { Case, Fill, Operand } from '../case.ts'
import { f32, out } from './operands.ts'

export function activationCases(L: number, fill: Fill, benchmark = false): Case[] {
  const row = (kernel: KernelName, args: (Operand | number)[]): Case => ({
    kernel,
    title: `${kernel} ${L} ${fill}`,
    args,
    work: L,
    benchmark,
  })
  return ACTIVATIONS.flatMap((name) => [
    row(`${name}Forward`, [out(L), f32(L, fill), L]),
    row(`${name}Backward`, [out(L), f32(L, fill), f32(L, fill), L]),
  ])
}

export function dropoutCases(N: number, L: number, fill: Fill, benchmark = false): Case[] {
  const title = `dropout ${N}x${L} ${fill}`
  const args = [out(N * L), f32(N * L, fill), 13_107, 1.25, 7, 0x9abcdef0, 3, N, L]
  return [{ kernel: 'dropout', title, args, work: N * L, benchmark }]
}

export function normalizationCases(N: number, C: number, fill: Fill, benchmark = false): Case[] {
  const x = f32(N * C, fill)
  const row = (kernel: KernelName, args: (Operand | number)[]): Case => ({
    kernel,
    title: `${kernel} ${N}x${C} ${fill}`,
    args,
    work: N * C,
    benchmark,
  })
  // a variance is not negative
  const statistics = [f32(C, fill), f32(C, 'share')]
  return [
    row('batchStatistics', [out(C), out(C), x, N, C]),
    row('normalizeForward', [out(N * C), x, ...statistics, f32(C, fill), f32(C, fill), 1e-3, N, C]),
    row('normalizeBackward', [
      out(N * C),
      out(C, fill),
      out(C, fill),
      f32(N * C, fill),
      x,
      ...statistics,
      f32(C, fill),
      1e-3,
      N,
      C,
    ]),
  ]
}
