/** The page's texts about speed. All times are in µs. */

import { peakWords } from '../../core/benchmark/columns.ts'
import { UNDISTURBED } from '../../core/benchmark/measure.ts'
import type { BenchmarkReport, BenchmarkResponse } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { dateTime, duration, fileSize, quantity, wholePercent } from '../views/format.ts'
import type { BrowserBenchmarkState } from './browser-benchmark.ts'
import type { Comparison } from './comparison.ts'

const UNITS = [
  ['s', 1e6],
  ['ms', 1e3],
  ['µs', 1],
  ['ns', 1e-3],
] as const

/** Three significant digits in a fitting unit: 635 ns, 6.54 µs, 26.4 ms, 1.20 s. */
export function shortTime(us: number): string {
  const [unit, size] = UNITS.find((one) => Number((us / one[1]).toPrecision(3)) >= 1) ?? ['ns', 1e-3]
  const digits = (us / size).toPrecision(3)
  return `${digits.includes('e') ? Number(digits) : digits} ${unit}`
}

/** An end of a scale, a power of ten: 100 ns, 1 µs, 10 ms. */
export function scaleEnd(us: number): string {
  const [unit, size] = UNITS.find((one) => us / one[1] > 0.99) ?? ['ns', 1e-3]
  return `${Math.round(us / size)} ${unit}`
}

/** The powers of ten around all times, at least one decade apart. */
export function scaleOf(times: readonly number[]): { readonly low: number; readonly high: number } {
  const positive = times.filter((time) => time > 0 && time < Infinity)
  if (positive.length === 0) return { low: 1, high: 10 }
  const low = Math.floor(Math.log10(Math.min(...positive)))
  const high = Math.ceil(Math.log10(Math.max(...positive)))
  return { low: 10 ** low, high: 10 ** Math.max(high, low + 1) }
}

/** How many times as long: 1.4 times, 25 times, 1,300 times. */
export function times(factor: number): string {
  const rounded = factor < 10 ? Number(factor.toPrecision(2)) : Math.round(factor)
  return `${rounded.toLocaleString('en')} times`
}

/** The state of measuring this browser. `bytes` is the size of all models together, 0 where it is not known. */
export function browserBenchmarkMessage(
  state: BrowserBenchmarkState,
  report: BenchmarkReport | undefined,
  bytes: number,
): string {
  switch (state.kind) {
    case 'idle': {
      const first = bytes > 0 ? `fetches all models from the phone, ${fileSize(bytes)}, and then ` : ''
      return `This ${first}takes some seconds.`
    }
    case 'fetching':
      return state.bytes > 0
        ? `Fetching the models: ${fileSize(state.received)} of ${fileSize(state.bytes)} …`
        : 'Asking the phone for its models …'
    case 'measuring':
      return `${state.progress.done + 1} of ${state.progress.works}: ${state.progress.work} …`
    case 'stopped':
      return 'Stopped.'
    case 'failed':
      return `This browser could not be measured: ${state.reason}.`
    case 'measured':
      return report ? `Measured in ${duration(report.seconds)}.` : ''
  }
}

/** Progress of measuring, 0..1; undefined while nothing is measured. */
export function measuredShare(state: BrowserBenchmarkState): number | undefined {
  if (state.kind === 'measuring') return state.progress.done / state.progress.works
  if (state.kind === 'fetching') return 0
  return undefined
}

/** The state of the phone's own benchmark; '' where its figures are shown instead. */
export function phoneBenchmarkMessage(reply: Reply<BenchmarkResponse> | undefined): string {
  if (!reply) return 'Asking the phone how fast it is …'
  if (reply.kind === 'refused') return `The phone does not say how fast it is: ${reply.detail}.`
  if (reply.kind !== 'ok') return 'The phone is not answering.'
  const standing = reply.value
  switch (standing.state) {
    case 'measured':
      return ''
    case 'measuring':
      return standing.works > 0
        ? `The phone is measuring itself: ${standing.done + 1} of ${standing.works} …`
        : 'The phone is measuring itself …'
    case 'waiting':
      return `The phone has not measured itself yet: ${standing.reason}.`
    case 'failed':
      return `The phone could not measure itself: ${standing.reason}.`
  }
}

/**
 * The result of the comparison in sentences: SIMD against plain JavaScript, and the two machines. Medians over the models.
 * @param others names of the machines after this browser and the phone
 */
export function comparisonMessage(models: readonly Comparison[], others: readonly string[] = []): string {
  const column = models.some(({ lanes }) => lanes.some((lane) => lane.column === 'simd')) ? 'simd' : 'scalar'
  const places = ['in this browser', 'on the phone', ...others.map((name) => `on ${name}`)]
  const gains = places.flatMap((place, machine) => {
    const gain = gainOf(models, column, machine)
    return gain ? [{ place, gain }] : []
  })
  const words = gains.map(({ place, gain }, i) =>
    i === 0 ? `${times(gain)} as fast as plain JavaScript ${place}` : `${times(gain)} ${place}`,
  )
  const last = words.length > 1 ? `, and ${words.pop()}` : ''
  const name = column === 'simd' ? 'SIMD' : 'WebAssembly without SIMD'
  const ratio = slowdown(models)
  return [
    gains.length > 0 ? `In the median of the models ${name} is ${words.join(', ')}${last}.` : '',
    ratio ? machinesMessage(ratio) : '',
  ]
    .filter(Boolean)
    .join(' ')
}

/** Compares the machines; the phone takes `ratio` times as long as the browser. */
function machinesMessage(ratio: number): string {
  if (Math.max(ratio, 1 / ratio) < 1.1) return 'The phone and this browser are equally fast.'
  return ratio > 1
    ? `The phone takes ${times(ratio)} as long as this browser.`
    : `This browser takes ${times(1 / ratio)} as long as the phone.`
}

// The phone's time over the browser's, on the fastest backend that both have.
function slowdown(models: readonly Comparison[]): number | undefined {
  const ratios = models.flatMap(({ lanes }) => {
    const [here, phone] = lanes.findLast(({ times: [one, other] }) => one && other)?.times ?? []
    return here && phone ? [phone / here] : []
  })
  return median(ratios)
}

// How many times as fast as plain JavaScript a column is on machine number `machine`; undefined where it has not both.
function gainOf(models: readonly Comparison[], column: 'simd' | 'scalar', machine: number): number | undefined {
  return median(
    models.flatMap(({ lanes }) => {
      const [slow, fast] = ['plain', column].map((name) => lanes.find((lane) => lane.column === name)?.times[machine])
      return slow && fast ? [slow / fast] : []
    }),
  )
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

/** A machine in one line: Node 24.21.0, AMD EPYC, 2 cores, x64, multiply-add at most: 58.9 (SIMD), … */
export function machineSummary(report: BenchmarkReport): string {
  const { environment, at, backends } = report
  const { runtime, cpu, cores, arch, platform, selfTest } = environment
  const peak = peakWords(report)
  return [
    runtime,
    cpu,
    cores && quantity(cores, 'core'),
    [platform, arch].filter(Boolean).join(' '),
    peak && `multiply-add at most: ${peak}`,
    selfTest !== 'passed' && selfTest,
    !backends.includes('plain') && 'measured by a release without plain JavaScript',
    dateTime(at),
  ]
    .filter(Boolean)
    .join(', ')
}

/** A warning where a machine became slower while it was measured, or was busy with other programs; else ''. */
export function driftWarning(machine: string, { drift, processor }: BenchmarkReport): string {
  if (drift.throttled) {
    return `${machine} became ${wholePercent(drift.loss)} slower while it was measured: it was warm, or busy. It can do better.`
  }
  if (processor !== undefined && processor < UNDISTURBED) {
    return `${machine} was busy with other things while it was measured. It can do better.`
  }
  return ''
}
