/** Cases of the kernels before the first layer: bytes to values, and the index of those that are not zero. */

import type { Case, Fill } from '../case.ts'
import { f32, out } from './operands.ts'

export function byteCases(L: number, benchmark = false): Case[] {
  const args: Case['args'] = [out(L), { type: 'byte', length: L }, L]
  return [{ kernel: 'inputFromBytes', title: `inputFromBytes ${L}`, args, work: L, benchmark }]
}

export function indexCases(N: number, I: number, fill: Fill, benchmark = false): Case[] {
  const args: Case['args'] = [{ type: 'index', of: 1, N, I, output: true }, f32(N * I, fill), N, I]
  return [{ kernel: 'sparseIndex', title: `sparseIndex ${N}x${I} ${fill}`, args, work: N * I, benchmark }]
}
