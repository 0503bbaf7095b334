/** Cases of the kernels before the first layer: bytes to values, and the index of those that are not zero. */

import type { Case, Fill, Operand } from '../case.ts'
import { f32, out } from './operands.ts'

export function byteCases(L: number, benchmark = false): Case[] {
  const args: Case['args'] = [out(L), { type: 'byte', length: L }, L]
  return [{ kernel: 'inputFromBytes', title: `inputFromBytes ${L}`, args, work: L, benchmark }]
}

export function indexCases(N: number, I: number, fill: Fill, benchmark = false): Case[] {
  const args: Case['args'] = [{ type: 'index', of: 1, N, I, output: true }, f32(N * I, fill), N, I]
  return [{ kernel: 'sparseIndex', title: `sparseIndex ${N}x${I} ${fill}`, args, work: N * I, benchmark }]
}

export function sparseByteCases(N: number, I: number, ink = true, benchmark = false): Case[] {
  const x: Operand = { type: 'byte', length: N * I, ink }
  const args: Case['args'] = [out(N * I), { type: 'index', of: 0, N, I, output: true }, x, N, I]
  const title = `sparseFromBytes ${N}x${I} ${ink ? 'ink' : 'any'}`
  return [{ kernel: 'sparseFromBytes', title, args, work: N * I, benchmark }]
}
