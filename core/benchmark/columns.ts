/** The columns of a benchmark: their names for people, the ratio that is shown of two of them, and what numbers count. */

import type { BenchmarkColumn, BenchmarkReport, BenchmarkTime, BenchmarkTimes } from '../protocol.ts'

/** From what everything is compared with to the fastest. */
export const BENCHMARK_COLUMNS: readonly BenchmarkColumn[] = ['plain', 'ts', 'scalar', 'simd']

export const COLUMN_NAMES: Readonly<Record<BenchmarkColumn, string>> = {
  plain: 'plain JavaScript',
  ts: 'bit-exact TypeScript twin',
  scalar: 'WebAssembly',
  simd: 'WebAssembly with SIMD',
}

/** What every number of multiply-adds counts, of time and of instructions, in the same words wherever one is shown. */
export const COUNTED =
  'A multiply-add that is done counts, in GFLOP/s as two operations; a zero that the contract leaves out does not.'

/** WebAssembly's time, with SIMD where there is that. */
export function wasmTime({ simd, scalar }: BenchmarkTimes): BenchmarkTime | undefined {
  return simd ?? scalar
}

/**
 * How many times as fast as plain JavaScript WebAssembly is, with SIMD where there is that; undefined where either was not measured,
 * as in reports of earlier releases.
 */
export function speedup(times: BenchmarkTimes): number | undefined {
  const best = wasmTime(times)
  return times.plain && best ? times.plain.median / best.median : undefined
}

/** The most that a machine multiplies and adds, in each column: '58.9 (SIMD), 15.8 (scalar), …'; '' where nothing is known. */
export function peakWords({ peak }: Pick<BenchmarkReport, 'peak'>): string {
  const known = peakColumns(peak).map((column) => `${threeDigits(peak[column] ?? 0)} (${PEAK_NAMES[column]})`)
  return known.length > 0 ? `${known.join(', ')} GFLOP/s on one core` : ''
}

const PEAK_NAMES = { ...COLUMN_NAMES, simd: 'SIMD', scalar: 'scalar' }

// Releases without plain JavaScript measured one chain of operations as the twin's peak, which is none.
function peakColumns(peak: BenchmarkReport['peak']): BenchmarkColumn[] {
  const known = BENCHMARK_COLUMNS.filter((column) => peak[column] !== undefined).toReversed()
  return peak.plain === undefined ? known.filter((column) => column !== 'ts') : known
}

/** Whether shares of the peak are meaningful: the peak is that of the column whose kernels are compared with it. */
export function hasPeak({ peak }: Pick<BenchmarkReport, 'peak'>): boolean {
  return peakColumns(peak).length > 0
}

/** A figure with three significant digits. */
export function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
