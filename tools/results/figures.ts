/** The figures that `npm run results` measures, rounded as the tables show them. Times are medians, µs. */

import { BENCHMARK_COLUMNS, peakWords, threeDigits } from '../../core/benchmark/columns.ts'
import type { Evaluation } from '../../core/models/evaluation.ts'
import type { BenchmarkReport, BenchmarkTimes } from '../../core/protocol.ts'
import { describeEnvironment, warnings } from '../../server/report/benchmark-table.ts'

/**
 * Times of plain JavaScript, of the bit-exact TypeScript twin, and of WebAssembly without and with SIMD; null for a backend the machine
 * does not have. Figures of earlier releases are without plain JavaScript.
 */
export interface Times {
  readonly plain?: number | null
  readonly twin: number | null
  readonly scalar: number | null
  readonly simd: number | null
}

/** %, with its standard error. */
export interface ShownAccuracy {
  readonly percent: number
  readonly error: number
}

export interface ModelFigures {
  readonly id: string
  readonly mnist: ShownAccuracy
  readonly canvases: ShownAccuracy // MNIST's test set pasted on canvases
  readonly drawings: ShownAccuracy // pendigits-test
  readonly calibration: number // expected calibration error on MNIST, %
  readonly drawingCalibration: number // and on pendigits-test, %
  readonly times: Times // one image
}

/** A hundred passes with dropout compared with one pass without, on the same images. */
export interface SamplingFigures {
  readonly id: string
  readonly one: ShownAccuracy
  readonly mean: ShownAccuracy
  readonly oneCalibration: number // %
  readonly meanCalibration: number // %
}

export interface KernelFigures {
  readonly title: string
  readonly times: Times
  readonly gflops?: number
  readonly share?: number // of the peak, %
}

export interface SpeedFigures {
  readonly at: string // date
  readonly machine: string
  readonly warnings: readonly string[]
  readonly peak: number // GFLOP/s, SIMD on one core
  readonly peaks?: string // those of all columns, in words
  readonly batches: readonly { readonly model: string; readonly images: number; readonly perSecond: number }[]
  readonly training: readonly {
    readonly model: string
    readonly optimizer: string
    readonly images: number // of a step
    readonly step: number // ms
    readonly plain?: number | null // ms, the same step in plain JavaScript
    readonly image: number // µs
    readonly epoch: number // s, 60,000 images
  }[]
  readonly kernels: readonly KernelFigures[]
}

export interface ResultFigures extends SpeedFigures {
  readonly start: number // ms, of the server to its first answer over HTTP
  readonly images: { readonly mnist: number; readonly drawings: number } // of the test sets
  readonly weights: number // MB, all of weights/
  readonly models: readonly ModelFigures[] // the most accurate first
  readonly sampling: readonly SamplingFigures[]
}

/** A benchmark's figures except those of models, which `timesOf` returns. */
export function speedFigures(report: BenchmarkReport): SpeedFigures {
  return {
    at: report.at.slice(0, 10),
    machine: describeEnvironment(report.environment),
    warnings: warnings(report),
    peak: shown(report.peak.simd ?? 0),
    peaks: peakWords(report),
    batches: report.batches.map(({ model, images, perSecond }) => ({
      model,
      images,
      perSecond: Number(perSecond.toPrecision(3)), // three digits are enough to compare
    })),
    training: report.training.map(({ model, optimizer, images, time, plain, perImage }) => ({
      model,
      optimizer,
      images,
      step: shown(time.median / 1000),
      plain: plain ? shown(plain.median / 1000) : null,
      image: shown(perImage),
      epoch: shown(perImage * 0.06),
    })),
    kernels: report.kernels.map(({ title, times, gflops, share }) => ({
      title,
      times: timesOf(times),
      ...(gflops !== undefined && share !== undefined && { gflops: shown(gflops), share: Math.round(share * 100) }),
    })),
  }
}

export function timesOf(times: BenchmarkTimes): Times {
  const [plain, twin, scalar, simd] = BENCHMARK_COLUMNS.map((column) => {
    const time = times[column]
    return time ? shown(time.median) : null
  })
  return { plain, twin, scalar, simd }
}

export function accuracyOf({ accuracy, standardError }: Evaluation): ShownAccuracy {
  return { percent: percentOf(accuracy), error: percentOf(standardError) }
}

/** A share in %, to two decimals. */
export function percentOf(share: number): number {
  return Number((share * 100).toFixed(2))
}

function shown(value: number): number {
  return Number(threeDigits(value))
}
