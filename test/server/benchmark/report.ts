/** A report of a benchmark, short and made up, and a runner of benchmarks that measures nothing: the test says how a run ends. */

import type { BenchmarkProgress, BenchmarkReport } from '../../../core/protocol.ts'
import { nodeEnvironment } from '../../../server/benchmark/environment.ts'
import type { BenchmarkEnd, BenchmarkRunner } from '../../../server/benchmark/runner.ts'

export function madeUpReport(program = '0.0.0', backends: BenchmarkReport['backends'] = ['simd', 'scalar', 'ts']) {
  const time = (median: number) => ({ median, p99: 2 * median, fastest: median, samples: 9 })
  const times = { simd: time(1), scalar: time(4), ts: time(20) }
  return {
    format: 1,
    at: '2026-11-21T12:00:00.000Z',
    seconds: 2,
    quick: true,
    environment: nodeEnvironment(program, 'passed'),
    backends,
    peak: { simd: 8, scalar: 2, ts: 0.5 },
    kernels: [],
    batches: [],
    training: [],
    models: [{ model: 'softmax', name: 'Softmax', type: 'network', memory: 65_536, times }],
    drift: { checks: [], loss: 0, throttled: false },
  } satisfies BenchmarkReport
}

export interface ToldRun {
  readonly hear: (progress: BenchmarkProgress) => void
  readonly end: (how: BenchmarkEnd) => Promise<void>
  readonly stopped: () => boolean
}

export function createToldBenchmarks(): BenchmarkRunner & { readonly runs: ToldRun[] } {
  const runs: ToldRun[] = []
  return {
    runs,
    run(hear) {
      let stopped = false
      let resolve: (how: BenchmarkEnd) => void = () => {}
      const ended = new Promise<BenchmarkEnd>((done) => {
        resolve = done
      })
      const end = async (how: BenchmarkEnd) => {
        resolve(how)
        await ended
      }
      runs.push({ hear, end, stopped: () => stopped })
      return {
        ended,
        stop() {
          stopped = true
          resolve({ type: 'stopped' })
        },
      }
    },
  }
}
