/** A benchmark's report as text for people: aligned tables, and sentences about unreliable figures. */

import {
  BENCHMARK_COLUMNS,
  COUNTED,
  hasPeak,
  peakWords,
  speedup,
  threeDigits,
  wasmTime,
} from '../../core/benchmark/columns.ts'
import { UNDISTURBED } from '../../core/benchmark/measure.ts'
import type { BenchmarkEnvironment, BenchmarkReport, BenchmarkTime, BenchmarkTimes } from '../../core/protocol.ts'
import { MEBIBYTE } from '../../core/recognizer.ts'
import { asPercent } from './percent.ts'

/** Everything that was measured. */
export function describeBenchmark(report: BenchmarkReport): string {
  const { environment, kernels, models, batches, training } = report
  const onWasm = report.backends[0] !== 'ts'
  const sections = [
    [
      describeEnvironment(environment),
      `${report.at.slice(0, 19)}Z, ${report.quick ? 'quick, ' : ''}${report.seconds.toFixed(0)} s`,
    ],
    [peakLine(report), COUNTED, OPPONENT, ...warnings(report)],
    alignedTable(
      ['one image', ...COMPARED, 'memory'],
      models.map(({ model, times, memory }) => [model, ...compared(times), mebibytes(memory)]),
    ),
    alignedTable(
      ['kernel, shape, input', ...COMPARED, 'GFLOP/s', 'of peak'],
      kernels.map(({ title, times, gflops, share }) => [
        title,
        ...compared(times),
        gflops === undefined ? '' : threeDigits(gflops),
        share === undefined || !hasPeak(report) ? '' : asPercent(share, 0),
      ]),
    ),
    alignedTable(
      ['many images', 'images', 'a pass', 'images/s', 'µs an image'],
      batches.map(({ model, images, pass, perSecond }) => [
        model,
        String(images),
        String(pass),
        perSecond.toFixed(0),
        threeDigits(1e6 / perSecond),
      ]),
    ),
    alignedTable(
      ['a step of training', 'optimizer', 'images', 'plain, ms', 'ms', 'p99', 'µs an image', 'faster'],
      training.map(({ model, optimizer, images, time, plain, perImage }) => [
        model,
        optimizer,
        String(images),
        plain ? threeDigits(plain.median / 1000) : '-',
        threeDigits(time.median / 1000),
        threeDigits(time.p99 / 1000),
        threeDigits(perImage),
        timesFaster(onWasm && plain ? plain.median / time.median : undefined),
      ]),
    ),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** One line: device where it has a name of its own, processor, cores, Node, program. */
export function describeEnvironment(environment: BenchmarkEnvironment): string {
  const { device, cpu, cores, arch, runtime, engine, program } = environment
  const processor = [cpu ?? 'processor unknown', cores && `${cores} ${cores === 1 ? 'core' : 'cores'}`, arch]
  return [device === cpu ? '' : device, ...processor, runtime, engine, `inkling ${program}`].filter(Boolean).join(', ')
}

function peakLine(report: BenchmarkReport): string {
  const { memory } = report
  const taken = memory ? `; memory ${mebibytes(memory.before)}, at most ${mebibytes(memory.most)}` : ''
  return `Multiply-add at most: ${peakWords(report) || 'not measured'}${taken}`
}

const OPPONENT =
  'Faster: how many times as fast as plain JavaScript, written for speed, WebAssembly is, with SIMD where there is that. The twin is the bit-exact TypeScript twin.'

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

const COMPARED = ['plain, µs', 'twin, µs', 'scalar, µs', 'SIMD, µs', 'p99, µs', 'faster']

// Medians of all columns, 99th percentile of the fastest backend, and how many times as fast as plain JavaScript it is.
function compared(times: BenchmarkTimes): string[] {
  const best = wasmTime(times) ?? times.ts
  const cells = BENCHMARK_COLUMNS.map((column) => microseconds(times[column]))
  return [...cells, best ? threeDigits(best.p99) : '-', timesFaster(speedup(times))]
}

/** The median, or a dash where it was not measured. */
export function microseconds(time: BenchmarkTime | undefined): string {
  return time ? threeDigits(time.median) : '-'
}

/** A ratio with one decimal, or a dash. */
export function timesFaster(ratio: number | undefined): string {
  return ratio === undefined ? '-' : `${ratio.toFixed(1)}x`
}

/** Lines of a table: the first column is aligned left, all others right. Without rows there is no table. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
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

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`
}
