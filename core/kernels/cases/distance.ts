/** Cases of nearest neighbours: direction features, distances between byte vectors, and the nearest of them. */

import type { Case } from '../case.ts'
import { f32, out } from './operands.ts'

/** Distances are compared as 32 bits. Their operand has type f32 only because it has the same size. */
export function distanceCases(R: number, L: number, benchmark = false): Case[] {
  const args: Case['args'] = [out(R), { type: 'byte', length: L }, { type: 'byte', length: R * L }, R, L]
  return [{ kernel: 'distances', title: `distances ${R}x${L}`, args, work: R * L, benchmark }]
}

/** The distances are the bits of f32 values, read as integers of either sign. The fill 'zero' makes all equal, 'special' many. */
export function nearestCases(R: number, k: number, benchmark = false): Case[] {
  return (['normal', 'special', 'zero'] as const).map((fill) => ({
    kernel: 'nearest',
    title: `nearest ${k} of ${R} ${fill}`,
    args: [out(k), f32(R, fill), R, k],
    work: R,
    benchmark: benchmark && fill === 'normal',
  }))
}

export function directionCases(benchmark = false): Case[] {
  const args: Case['args'] = [
    { type: 'place', length: 200, places: 256, output: true },
    out(200, 'normal'),
    { type: 'byte', length: 784 },
  ]
  return [{ kernel: 'directions', title: 'directions 28x28', args, work: 784, benchmark }]
}
