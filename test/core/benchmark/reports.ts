/** Made-up reports of devices, as files of `inkling bench --json` hold them. */

import type { BenchmarkReport, BenchmarkTimes } from '../../../core/protocol.ts'

type Medians = Readonly<Partial<Record<keyof BenchmarkTimes, number>>>

function timesOf(medians: Medians): BenchmarkTimes {
  return Object.fromEntries(
    Object.entries(medians).map(([column, median]) => [
      column,
      { median, p99: 2 * median, fastest: median / 2, samples: 9 },
    ]),
  )
}

/**
 * @param models medians by id
 * @param rest in place of what else a report has
 */
export function deviceReport(
  device: string,
  models: Readonly<Record<string, Medians>>,
  rest: Partial<BenchmarkReport> = {},
): BenchmarkReport {
  const rows = Object.entries(models).map(([model, medians]) => ({
    model,
    name: `The ${model}`,
    type: model === 'knn' ? ('neighbours' as const) : ('network' as const),
    memory: 1_048_576,
    times: timesOf(medians),
  }))
  return {
    format: 1,
    at: '2026-11-30T12:00:00.000Z',
    seconds: 60,
    quick: true,
    environment: {
      program: '0.1.0',
      runtime: 'Node 24.21.0',
      device,
      cpu: 'ARMv7',
      cores: 4,
      arch: 'arm',
      selfTest: 'passed',
    },
    backends: ['simd', 'scalar', 'ts', 'plain'],
    peak: { simd: 8, scalar: 2, ts: 1, plain: 1.5 },
    kernels: [
      {
        kernel: 'exp',
        title: 'exp 7850 normal',
        work: 7850,
        unit: 'elements',
        times: timesOf({ plain: 300, ts: 400, scalar: 100, simd: 30 }),
      },
    ],
    models: rows,
    batches: [],
    training: [],
    drift: { checks: [], loss: 0.02, throttled: false },
    ...rest,
  }
}

/** The same report as a release without plain JavaScript wrote it. */
export function withoutPlain(report: BenchmarkReport): BenchmarkReport {
  const strip = <Row extends { readonly times: BenchmarkTimes }>(row: Row): Row => {
    const { plain: _, ...times } = row.times
    return { ...row, times }
  }
  const { plain: _, ...peak } = report.peak
  const { device: __, ...environment } = report.environment
  const backends = report.backends.filter((name) => name !== 'plain')
  return {
    ...report,
    environment,
    backends,
    peak,
    kernels: report.kernels.map(strip),
    models: report.models.map(strip),
  }
}
