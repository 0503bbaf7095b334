/** Cases of the kernel that measures the peak of a machine. */

import type { Case, Fill } from '../case.ts'
import { f32, out } from './operands.ts'

export function peakCases(L: number, rounds: number, fill: Fill, benchmark = false): Case[] {
  const args: Case['args'] = [out(L), out(L), f32(L, fill), 0.9999, rounds, L]
  return [{ kernel: 'geometric', title: `geometric ${rounds}x${L} ${fill}`, args, work: 2 * rounds * L, benchmark }]
}
