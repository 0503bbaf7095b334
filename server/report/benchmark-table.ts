/** A benchmark's report as text for people: aligned tables, and sentences about unreliable figures. */

import { UNDISTURBED } from '../../core/benchmark/measure.ts'
import type { BenchmarkEnvironment, BenchmarkReport, BenchmarkTime, BenchmarkTimes } from '../../core/protocol.ts'
import { MEBIBYTE } from '../../core/recognizer.ts'
import { asPercent } from './percent.ts'

/** Everything that was measured. */
export function describeBenchmark(report: BenchmarkReport): string {
  const { environment, kernels, models, batches, training } = report
  const sections = [
    [
      describeEnvironment(environment),
      `${report.at.slice(0, 19)}Z, ${report.quick ? 'quick, ' : ''}${report.seconds.toFixed(0)} s`,
    ],
    [peakLine(report), TWIN, ...warnings(report)],
    table(
      ['one image', ...COMPARED, 'memory'],
      models.map(({ model, times, memory }) => [model, ...compared(times), mebibytes(memory)]),
    ),
    table(
      ['kernel, shape, input', ...COMPARED, 'GFLOP/s', 'of peak'],
      kernels.map(({ title, times, gflops, share }) => [
        title,
        ...compared(times),
        gflops === undefined ? '' : threeDigits(gflops),
        share === undefined || !hasPeak(report) ? '' : asPercent(share, 0),
      ]),
    ),
    table(
      ['many images', 'images', 'a pass', 'images/s', 'µs an image'],
      batches.map(({ model, images, pass, perSecond }) => [
        model,
        String(images),
        String(pass),
        perSecond.toFixed(0),
        threeDigits(1e6 / perSecond),
      ]),
    ),
    table(
      ['a step of training', 'optimizer', 'images', 'ms', 'p99', 'µs an image'],
      training.map(({ model, optimizer, images, time, perImage }) => [
        model,
        optimizer,
        String(images),
        threeDigits(time.median / 1000),
        threeDigits(time.p99 / 1000),
        threeDigits(perImage),
      ]),
    ),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** One line: processor, cores, Node, program. */
export function describeEnvironment({ cpu, cores, arch, runtime, engine, program }: BenchmarkEnvironment): string {
  const processor = [cpu ?? 'processor unknown', cores && `${cores} ${cores === 1 ? 'core' : 'cores'}`, arch]
  return [...processor, runtime, engine, `inkling ${program}`].filter(Boolean).join(', ')
}

function peakLine({ peak, memory }: BenchmarkReport): string {
  const named = (['simd', 'scalar'] as const).flatMap((name) =>
    peak[name] === undefined ? [] : [`${threeDigits(peak[name])} (${WORDS[name]})`],
  )
  const most = named.length > 0 ? `${named.join(', ')} GFLOP/s on one core` : 'not measured without WebAssembly'
  const taken = memory ? `; memory ${mebibytes(memory.before)}, at most ${mebibytes(memory.most)}` : ''
  return `Multiply-add at most: ${most}${taken}`
}

const WORDS = { simd: 'SIMD', scalar: 'scalar' }

/**
 * Whether shares of the peak are meaningful: the twin of the peak kernel is one chain of dependent operations, so its speed is
 * not the peak of TypeScript.
 */
export function hasPeak({ backends }: BenchmarkReport): boolean {
  return backends[0] !== 'ts'
}

const TWIN =
  'Compared with the bit-exact TypeScript twins of the kernels. Plain JavaScript written for speed is up to twice as fast as a twin; it is not measured here.'

/** Sentences about what makes figures unreliable: a missing backend, a machine that slowed down or had other work. */
export function warnings({ environment, drift, processor }: BenchmarkReport): string[] {
  const words: string[] = []
  if (environment.selfTest !== 'passed') words.push(`A backend is missing: ${environment.selfTest}.`)
  if (drift.throttled) {
    words.push(
      `This machine lost ${asPercent(drift.loss, 0)} of its speed meanwhile, by heat or for other work: later figures are those of a slower one.`,
    )
  }
  if (processor !== undefined && processor < UNDISTURBED) {
    words.push(
      `The benchmark had a core for ${asPercent(processor, 0)} of the time: long calls are known less exactly, and p99 is that of the other work.`,
    )
  }
  return words
}

const COMPARED = ['twin, µs', 'scalar, µs', 'SIMD, µs', 'p99, µs', 'faster']

// Medians of the three backends, 99th percentile of the fastest, and how many times as fast it is.
function compared({ ts, scalar, simd }: BenchmarkTimes): string[] {
  const best = simd ?? scalar ?? ts
  const cell = (time: BenchmarkTime | undefined) => (time ? threeDigits(time.median) : '-')
  const ratio = ts && best && best !== ts ? `${(ts.median / best.median).toFixed(1)}x` : '-'
  return [cell(ts), cell(scalar), cell(simd), best ? threeDigits(best.p99) : '-', ratio]
}

// The first column is aligned left, all others right. Without rows there is no table.
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)))
  return lines.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  )
}

/** A figure with three significant digits. */
export function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`
}
