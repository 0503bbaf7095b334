/** Reports of several devices as one table for people: plain JavaScript, the fastest backend, and how many times as fast that is. */

import { COUNTED, peakWords, speedup, wasmTime } from '../../core/benchmark/columns.ts'
import {
  type ComparedWork,
  deviceName,
  kernelsSideBySide,
  modelsSideBySide,
} from '../../core/benchmark/side-by-side.ts'
import type { BenchmarkReport, BenchmarkTimes } from '../../core/protocol.ts'
import { alignedTable, describeEnvironment, microseconds, timesFaster, warnings } from './benchmark-table.ts'

const OPPONENT =
  'Medians, µs. Fastest: WebAssembly with SIMD, or what the device has. Faster: how many times as fast as plain JavaScript that is.'
const WITHOUT = 'It comes of a release without plain JavaScript, so it has no ratios.'

/** Devices are called A, B, … in the heads of the columns. */
export function describeComparison(reports: readonly BenchmarkReport[]): string {
  const letters = reports.map((_, i) => deviceLetter(i))
  const heads = letters.flatMap((letter) => [`${letter} plain`, `${letter} fastest`, `${letter} faster`])
  const models = modelsSideBySide(reports)
  const kernels = kernelsSideBySide(reports)
  // in one table, so that all columns stand below one another
  const lines = alignedTable(
    ['one image', ...heads],
    [...rows(models), ['kernel, shape, input', ...heads], ...rows(kernels)],
  )
  const tables = [lines.slice(0, models.length + 1), lines.slice(models.length + 1)].filter((part) => part.length > 1)
  const devices = reports.map((report, i) => [`${letters[i]}  ${deviceName(report.environment)}`, ...facts(report)])
  return [
    ...devices.map((device) => device.join('\n   ')),
    [COUNTED, OPPONENT].join('\n'),
    ...tables.map((part) => part.join('\n')),
  ]
    .filter(Boolean)
    .join('\n\n')
}

/** What device number `i` is called in columns. */
export function deviceLetter(i: number): string {
  return String.fromCharCode(65 + i)
}

/** The fastest backend, WebAssembly where there is that. */
export function fastestTime(times: BenchmarkTimes | undefined): BenchmarkTimes[keyof BenchmarkTimes] {
  return times && (wasmTime(times) ?? times.ts)
}

/** Whether a report has plain JavaScript. */
export function hasPlain({ backends }: BenchmarkReport): boolean {
  return backends.includes('plain')
}

function facts(report: BenchmarkReport): string[] {
  const { environment, at, quick, backends, drift } = report
  const { device: _, ...machine } = environment // stands above
  const peak = peakWords(report)
  return [
    describeEnvironment(machine),
    `${at.slice(0, 10)}, ${quick ? 'quick, ' : ''}backends ${backends.filter((name) => name !== 'plain').join(', ')}`,
    ...(peak ? [`multiply-add at most: ${peak}`] : []),
    `its speed fell by ${(100 * drift.loss).toFixed(0)} % at worst meanwhile`,
    ...(hasPlain(report) ? [] : [WITHOUT]),
    ...warnings(report),
  ]
}

function rows(works: readonly ComparedWork[]): string[][] {
  return works.map(({ label, times }) => [
    label,
    ...times.flatMap((one) => [
      microseconds(one?.plain),
      microseconds(fastestTime(one)),
      timesFaster(one && speedup(one)),
    ]),
  ])
}
