/** Cases of the kernels that work element by element: elementary functions, whole buffers, optimizers. */

import type { Case, Fill } from '../case.ts'
import { f32, out } from './operands.ts'

export function elementCases(L: number, fill: Fill, benchmark = false): Case[] {
  const shape = `${L} ${fill}`
  const work = L
  return [
    { kernel: 'exp', title: `exp ${shape}`, args: [out(L), f32(L, fill), L], work, benchmark },
    { kernel: 'log', title: `log ${shape}`, args: [out(L), f32(L, fill), L], work, benchmark },
  ]
}

export function vectorCases(L: number, fill: Fill, benchmark = false): Case[] {
  const shape = `${L} ${fill}`
  const x = f32(L, fill)
  const work = L
  return [
    { kernel: 'add', title: `add ${shape}`, args: [out(L, fill), x, L], work, benchmark },
    { kernel: 'scale', title: `scale ${shape}`, args: [out(L), x, 0.3, L], work, benchmark },
    { kernel: 'sumOfSquares', title: `sumOfSquares ${shape}`, args: [out(1), x, L], work, benchmark },
  ]
}

export function optimizerCases(L: number, fill: Fill, benchmark = false): Case[] {
  const args = [out(L, fill), out(L, fill), f32(L, fill), 0.1, 0.9, 1e-4, L]
  // sums of squares are not negative
  const squares = fill === 'tiny' ? 'tiny' : 'share'
  const adam = [out(L, fill), out(L, fill), out(L, squares), f32(L, fill), 1e-3, 0.9, 0.999, 1e-8, 1e-4, L]
  const adadelta = [out(L, fill), out(L, squares), out(L, squares), f32(L, fill), 1, 0.95, 1e-6, 1e-4, L]
  return [
    { kernel: 'sgd', title: `sgd ${L} ${fill}`, args, work: L, benchmark },
    { kernel: 'adam', title: `adam ${L} ${fill}`, args: adam, work: L, benchmark },
    { kernel: 'adadelta', title: `adadelta ${L} ${fill}`, args: adadelta, work: L, benchmark },
  ]
}
