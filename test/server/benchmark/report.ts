/** A short made-up report of a benchmark, and a runner of benchmarks that measures nothing: the test says how a run ends. */

import type { BenchmarkProgress, BenchmarkReport } from '../../../core/protocol.ts'
import { nodeEnvironment } from '../../../server/benchmark/environment.ts'
import type { BenchmarkRunner } from '../../../server/benchmark/runner.ts'
import type { JobEnd } from '../../../server/threads/messages.ts'

type BenchmarkEnd = JobEnd<BenchmarkReport>

export function madeUpReport(
  program = '0.0.0',
  backends: BenchmarkReport['backends'] = ['simd', 'scalar', 'ts', 'plain'],
) {
  const time = (median: number) => ({ median, p99: 2 * median, fastest: median, samples: 9 })
  const times = { simd: time(1), scalar: time(4), ts: time(20), plain: time(12) }
  return {
    format: 1,
    at: '2026-11-21T12:00:00.000Z',
    seconds: 2,
    quick: true,
    environment: nodeEnvironment(program, 'passed'),
    backends,
    peak: { simd: 8, scalar: 2, ts: 0.5, plain: 0.5 },
    kernels: [],
    batches: [],
    training: [],
    models: [{ model: 'softmax', name: 'Softmax', type: 'network', memory: 65_536, times }],
    drift: { checks: [], loss: 0, throttled: false },
  } satisfies BenchmarkReport
}

export interface ScriptedRun {
  readonly onProgress: (progress: BenchmarkProgress) => void
  readonly end: (how: BenchmarkEnd) => Promise<void>
  readonly stopped: () => boolean
}

export function createScriptedBenchmarks(): BenchmarkRunner & { readonly runs: ScriptedRun[] } {
  const runs: ScriptedRun[] = []
  return {
    runs,
    run(onProgress) {
      let stopped = false
      let resolve: (how: BenchmarkEnd) => void = () => {}
      const ended = new Promise<BenchmarkEnd>((done) => {
        resolve = done
      })
      const end = async (how: BenchmarkEnd) => {
        resolve(how)
        await ended
      }
      runs.push({ onProgress, end, stopped: () => stopped })
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
